"""The command `tiermix truth`: what channels and tiers are worth, measured in the market itself."""

from enum import StrEnum
from typing import Annotated

import typer

from tiermix.cli import jobs, tables
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
    settings,
)
from tiermix.cli.output import Output


class Effect(StrEnum):
    """The ground truth that is asked for."""

    REMOVAL = "removal"
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


Worlds = Annotated[
    int | None, typer.Option(min=2, help="Drawn worlds; the scenario as written if not given.")
]
Share = Annotated[float, typer.Option(help="For marginal: the last part of the money.")]
Monthly = Annotated[bool, typer.Option("--monthly", help="For marginal: month by month.")]
Permutations = Annotated[
    int, typer.Option(help="For shapley of more than six: orders to sample, in pairs.")
]


def truth(
    scenario: Scenario,
    effect: Annotated[Effect, typer.Option(help="Which ground truth.")] = Effect.REMOVAL,
    over: Annotated[Unit, typer.Option(help="What is switched.")] = Unit.CHANNELS,
    kpi: Kpi = "conversions",
    worlds: Worlds = None,
    share: Share = 0.05,
    monthly: Monthly = False,
    permutations: Permutations = 32,
    plan: PlanFile = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """What channels or tiers are worth: the same market again, with the same luck."""
    world = jobs.loaded(scenario, settings(set_))
    asked = {"over": over.value, "kpi": kpi, "worlds": worlds}
    details = {"share": share, "monthly": monthly, "permutations": permutations}
    size = {"seed": seed, "customers": customers, "workers": workers, "cluster": cluster}
    money = jobs.plan_from(plan, world)
    Output(json, quiet).deliver(
        lambda progress: jobs.truth(
            world, effect.value, **asked, **details, **size, plan=money, progress=progress
        ),
        tables.truth,
    )
