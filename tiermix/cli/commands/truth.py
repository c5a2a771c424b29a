"""`tiermix truth`: what channels and tiers are worth, measured in the market itself."""

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Kpi,
    PlanFile,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Workers,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, cell, head_of, table, value_of
from tiermix.core.progress import Progress, named

if TYPE_CHECKING:
    from scenarios import Scenario as Model


class Effect(StrEnum):
    """The ground truth that is asked for."""

    REMOVAL = "removal"
    UNFUNDED = "unfunded"
    SOLO = "solo"
    MARGINAL = "marginal"
    SHAPLEY = "shapley"
    SYNERGY = "synergy"
    DIRECT = "direct"
    MEDIATED = "mediated"
    LAST_AD = "last_ad"


class Unit(StrEnum):
    """What is switched on and off together."""

    CHANNELS = "channels"
    TIERS = "tiers"


Effects = Annotated[Effect, typer.Option(help="Causal effect that is measured.")]
Units = Annotated[Unit, typer.Option(help="What is switched off: single channels or whole tiers.")]
Worlds = Annotated[
    int | None,
    typer.Option(
        min=2, help="Draws of the uncertain parameters. The scenario as written by default."
    ),
]
Share = Annotated[
    float, typer.Option(help="marginal: the last part of each budget, as in 0.05 for 5 %.")
]
WithinYear = Annotated[
    bool,
    typer.Option(
        "--within-year",
        help="Count the planned year only. Without it the days after the year count as well, as "
        "many as the scenario's `tail_days`.",
    ),
]
Monthly = Annotated[bool, typer.Option("--monthly", help="marginal: month by month.")]
Permutations = Annotated[
    int, typer.Option(help="shapley of more than six units: orders to sample, an even number.")
]
COLUMNS = {
    "unit": "unit",
    "month": "month",
    "effect": "effect",
    "se": "standard error",
    "low": "low",
    "high": "high",
    "spread": "spread over draws",
    "orders_differ": "orders differ",
    "money": "spend",
    "stock": "built earlier",
    "per_money": "effect per unit of spend",
}
IN_KPI = ("effect", "se", "low", "high", "spread")


def truth(
    scenario: Scenario,
    effect: Effects = Effect.REMOVAL,
    over: Units = Unit.CHANNELS,
    kpi: Kpi = "conversions",
    worlds: Worlds = None,
    share: Share = 0.05,
    monthly: Monthly = False,
    permutations: Permutations = 32,
    within_year: WithinYear = False,
    plan: PlanFile = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure what channels or tiers are worth.

    The same market is simulated with and without them, with the same random numbers.
    """
    market = inputs.scenario_of(scenario, set_)
    asked = {"over": over.value, "kpi": kpi, "worlds": worlds}
    details: dict[str, Any] = {"share": share, "monthly": monthly, "permutations": permutations}
    details["within_year"] = within_year
    size = {"seed": seed, "customers": customers, "workers": inputs.where(workers, cluster)}
    details["plan"] = inputs.plan_of(plan, market)
    Output(json, quiet).deliver(
        lambda progress: job(market, effect.value, progress, **asked, **details, **size),
        lambda document: view(document, market.currency),
    )


def job(market: "Model", effect: str, progress: Progress | None, **more: Any) -> Document:
    from sim import ground_truth

    started = time.perf_counter()
    reported = named(progress, f"{effect} truth")
    found = ground_truth(market, effect, progress=reported, **more)
    return {**found.to_dict(), "seconds": time.perf_counter() - started}


def view(document: Document, currency: str) -> View:
    """Effects with their standard errors, and the baseline they belong to."""
    effects, base, kpi = document["effects"], document["baseline"], document["kpi"]
    keys = [key for key in COLUMNS if any(row.get(key) is not None for row in effects)]
    if not any(row.get("stock") for row in effects):
        keys = [key for key in keys if key != "stock"]
    if not document["remarks"]:
        keys = [key for key in keys if key != "orders_differ"]
    heads = {**COLUMNS, "effect": f"effect on {head_of(kpi, currency)}"}
    heads |= {"stock": f"built earlier ({currency})"}
    heads |= {"money": f"spend ({currency})", "per_money": f"per {currency}"}

    def shown(key: str, value: Any) -> Any:
        return value_of(kpi, value) if key in IN_KPI else value

    rows = [[shown(key, row.get(key)) for key in keys] for row in effects]
    yield table([heads[key] for key in keys], rows, left=["month"])
    whole = _with_error(base["value"], base["se"], kpi)
    yield f"\n{head_of(kpi, currency)} of {base['name']}: {whole}"
    total = _with_error(document["total"], document["total_se"], kpi)
    yield f"all rows together: {total}"
    yield f"counted: {document['window']}"
    yield from document["remarks"]


def _with_error(value: float, error: float, kpi: str) -> str:
    return f"{cell(value_of(kpi, value))} ± {cell(value_of(kpi, error))}"
