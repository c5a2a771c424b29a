"""The command `tiermix lift`: an experiment inside the market."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from tiermix.cli import jobs, tables
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Out,
    PlanFile,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    UsageError,
    Workers,
    settings,
)
from tiermix.cli.output import Document, Output
from tiermix.core.progress import Progress


class Kind(StrEnum):
    """Whom a test is made on."""

    AB = "ab"
    GEO = "geo"


Channel = Annotated[str, typer.Option(help="The channel that is tested.")]
Design = Annotated[Kind, typer.Option(help="On people, or on communities.")]
Kpi = Annotated[
    str, typer.Option(help="conversions, revenue, margin, signups, leads or downloads.")
]
Share = Annotated[float | None, typer.Option(help="ab: share of people held out; half.")]
Message = Annotated[
    str | None, typer.Option(help="ab: withhold one message (a rule of automation) only.")
]
Change = Annotated[
    str | None, typer.Option(help="geo: change of the money, as in -50%; -100% is off.")
]
Start = Annotated[str | None, typer.Option(help="First day; that of the planned year.")]
Weeks = Annotated[int | None, typer.Option(help="How long; to the end of the year.")]
Watch = Annotated[int, typer.Option(help="Weeks after it in which outcomes still count.")]


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
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """An experiment inside the market: what a test finds, beside what is true."""
    step = part(change)
    world = jobs.loaded(scenario, settings(set_))
    asked: dict[str, Any] = {"kpi": kpi, "share": share, "message": message, "change": step}
    asked |= {"start": start, "weeks": weeks, "watch": watch}
    asked |= {"seed": seed, "customers": customers, "replications": replications, "out": out}
    asked |= {"workers": workers, "cluster": cluster, "plan": jobs.plan_from(plan, world)}
    names = (channel, design.value)
    Output(json, quiet).deliver(lambda progress: _job(world, *names, progress, asked), _view)


def part(text: str | None) -> float | None:
    """A change such as `-50%` or `-0.5` as a number; raises `UsageError`."""
    if text is None:
        return None
    try:
        number = float(text.replace("−", "-").rstrip("% "))
    except ValueError:
        raise UsageError(f"--change {text!r} is no change; write it as -50% or -0.5.") from None
    return number / 100.0 if text.rstrip().endswith("%") else number


def _job(
    world: Any, channel: str, design: str, progress: Progress | None, asked: dict[str, Any]
) -> Document:
    from experiments.publish import lift_job

    return dict(lift_job(world, channel, design, progress=progress, **jobs.on_workers(asked)))


def _view(document: Document) -> str:
    """The test as it prints, and where the rest lies."""
    where = tables.tracked(document["mlflow"])
    return "\n".join([document["summary"], "", f"report: {document['report']}", *where])
