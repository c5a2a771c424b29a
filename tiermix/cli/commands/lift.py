"""`tiermix lift`: a lift test inside the simulated market, beside the truth."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Out,
    PlanFile,
    Quiet,
    Scenario,
    Seed,
    Settings,
    UsageError,
    Workers,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, tracked
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario as Model


class Kind(StrEnum):
    """Whom a test is made on."""

    AB = "ab"
    GEO = "geo"


Channel = Annotated[str, typer.Option(help="Channel that is tested.")]
Design = Annotated[
    Kind, typer.Option(help="ab randomises people, geo matched pairs of communities.")
]
Kpi = Annotated[
    str,
    typer.Option(help="Outcome: conversions, revenue, margin, signups, leads or downloads."),
]
Share = Annotated[float | None, typer.Option(help="ab: share of people held out. 0.5 by default.")]
Message = Annotated[
    str | None, typer.Option(help="ab: withhold one message only, named by its automation rule.")
]
Change = Annotated[
    str | None,
    typer.Option(help="geo: change of the channel's spend, as in -50%. -100% by default."),
]
Start = Annotated[
    str | None,
    typer.Option(help="First day, as in 2026-03-01. That of the planned year by default."),
]
Weeks = Annotated[
    int | None, typer.Option(help="Length in weeks. To the end of the planned year by default.")
]
Repetitions = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=1,
        help="Repeat the test in this many draws of the uncertain parameters, to see its coverage "
        "and power. One market by default.",
    ),
]
Watch = Annotated[int, typer.Option(help="Weeks after the test in which outcomes still count.")]


def lift(
    scenario: Scenario,
    channel: Channel,
    design: Design = Kind.AB,
    kpi: Kpi = "conversions",
    share: Share = None,
    message: Message = None,
    change: Change = None,
    start: Start = None,
    weeks: Weeks = None,
    watch: Watch = 0,
    plan: PlanFile = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Repetitions = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a lift test of a channel.

    Its estimate is compared with the truth, and a report is written.
    """
    step = relative_change(change)
    market = inputs.scenario_of(scenario, set_)
    asked: dict[str, Any] = {"kpi": kpi, "share": share, "message": message, "change": step}
    asked |= {"start": start, "weeks": weeks, "watch": watch}
    asked |= {"seed": seed, "customers": customers, "replications": replications, "out": out}
    asked |= {"workers": inputs.where(workers, cluster), "plan": inputs.plan_of(plan, market)}
    Output(json, quiet).deliver(
        lambda progress: job(market, channel, design.value, progress, asked), view
    )


def relative_change(text: str | None) -> float | None:
    """A change such as `-50%` or `-0.5` as a number; raises `UsageError`."""
    if text is None:
        return None
    try:
        number = float(text.replace("−", "-").rstrip("% "))
    except ValueError:
        raise UsageError(f"--change {text!r} is no change; write it as -50% or -0.5.") from None
    return number / 100.0 if text.rstrip().endswith("%") else number


def job(
    market: "Model", channel: str, design: str, progress: Progress | None, asked: dict[str, Any]
) -> Document:
    from experiments import lift_job

    return dict(lift_job(market, channel, design, progress=progress, **asked))


def view(document: Document) -> View:
    """The test as it prints, and where the rest lies."""
    yield document["summary"]
    yield f"\nreport: {document['report']}"
    yield from tracked(document["mlflow"])
