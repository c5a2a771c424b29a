"""`tiermix validate`: attribution models against the truth, and what planning on them costs."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Out,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    Workers,
    names,
    numbers,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, head_of, table, tracked
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario as Model


class Estimand(StrEnum):
    """The truth that attribution models are held against."""

    REMOVAL = "removal"
    UNFUNDED = "unfunded"
    SOLO = "solo"
    SHAPLEY = "shapley"
    LAST_AD = "last_ad"
    MARGINAL = "marginal"


Models = Annotated[
    str | None, typer.Option(help="Names separated by commas. Every model by default.")
]
Truth = Annotated[Estimand, typer.Option(help="Causal effect that credit is compared with.")]
Dial = Annotated[
    str | None,
    typer.Option(
        help="Sweep this and compare the errors: selection, synergy, hand_offs, customers, "
        "lookback, integration.resolution, integration.view_visibility, or a scenario field by "
        "its dotted path. No plans are made."
    ),
]
Values = Annotated[str | None, typer.Option(help="Values of the sweep, as in 0,0.5,1.")]
Until = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Add draws until the 95 % interval of every model's misplaced credit is no wider than "
        "± this, as in 0.05.",
    ),
]
Bootstrap = Annotated[
    int,
    typer.Option(
        min=0, help="Bootstrap samples for each model's own intervals, to measure their coverage."
    ),
]
PLANS_ALONE = ("(last year)", "(measured curves)")
LEGEND = (
    "regret: margin lost by planning on the model's credit",
    "group: rows that share a letter are not told apart by their regret",
    "misplaced: credit on the wrong channels, in percent of what all channels bring together",
    "over-credit: all credit beyond what the channels bring together, in percent of it",
    "kendall: rank correlation of credit and truth, 1 is the same order",
)


def validate(
    scenario: Scenario,
    models: Models = None,
    estimand: Truth = Estimand.REMOVAL,
    dial: Dial = None,
    values: Values = None,
    until: Until = None,
    bootstrap: Bootstrap = 0,
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
    """Compare attribution models with the truth.

    Plans made from each model's credit are compared too; a report is written.
    """
    asked: dict[str, Any] = {"models": names(models, "--models"), "estimand": estimand.value}
    asked |= {"sweep": dial, "values": numbers(values, "--values"), "until": until}
    size = {"seed": seed, "customers": customers, "replications": replications}
    place = {"workers": inputs.where(workers, cluster), "out": out}
    market = inputs.scenario_of(scenario, set_)
    Output(json, quiet).deliver(
        lambda progress: job(market, progress, bootstrap=bootstrap, **asked, **size, **place),
        lambda document: view(document, market.currency),
    )


def job(market: "Model", progress: Progress | None, **asked: Any) -> Document:
    from experiments import validation_job

    return dict(validation_job(market, progress=progress, **asked))


def view(document: Document, currency: str) -> View:
    """Models with what planning on them loses, or with their errors along a sweep."""
    swept = document["dial"]
    works = [entry for entry in document["models"] if not entry["failed"]]
    rows = [_row(entry, swept) for entry in (*works, *document["references"])]
    rows += [_plan_row(plan) for plan in document["plans"] if plan["plan"] in PLANS_ALONE]
    rows.sort(key=lambda row: float(row[1]))
    place = [swept] if swept else [head_of("margin", currency).replace("margin", "regret")]
    ends = [] if swept else ["low", "high", "group"]
    rows += [
        [e["model"], *[None] * (len(place + ends) + 3)] for e in document["models"] if e["failed"]
    ]
    head = ["model", *place, *ends, "misplaced (%)", "over-credit (%)", "kendall"]
    yield table(head, rows, left=["group"])
    yield ""
    yield from (f"failed: {entry['failed']}" for entry in document["models"] if entry["failed"])
    yield from LEGEND[2 * bool(swept) :]
    yield f"\nreport: {document['report']}"
    yield from tracked(document["mlflow"])


def _row(entry: dict[str, Any], swept: str | None) -> list[Any]:
    """A model, or credit of reference."""
    place = [entry["at"]] if swept else [entry["regret"][key] for key in ("mean", "low", "high")]
    group = [] if swept else [entry["place"]["group"]]
    shares = [_percent(entry["credit_error"]["misplaced"]["mean"]), _percent(entry["over_credit"])]
    return [entry["model"], *place, *group, *shares, entry["rank"]["kendall"]["mean"]]


def _plan_row(plan: dict[str, Any]) -> list[Any]:
    """A plan that comes of no credit."""
    return [plan["plan"], *(plan[key] for key in ("mean", "low", "high", "group")), *[None] * 3]


def _percent(share: float) -> float:
    return 100.0 * share
