"""`tiermix sensitivity`: what the recommendation hangs on, parameter by parameter."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.run import Strategies
from tiermix.cli.options import (
    Budget,
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
)
from tiermix.cli.output import Output, going_on
from tiermix.cli.tables import View, percent_of, table, tracked, value_of
from tiermix.core import figures
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import PublishedSensitivity
    from scenarios import Scenario as Model

MOST_ROWS = 20
"""Parameters that are printed; the page and the CSV have all."""

Parameters = Annotated[
    str | None,
    typer.Option(
        metavar="PATH,…",
        help="Uncertain parameters to look at, as in channels.*.half; all of them by default.",
    ),
]
Moves = Annotated[
    int,
    typer.Option(min=0, help="Parameters that are moved one at a time: those that matter most."),
]
Repeats = Annotated[
    int, typer.Option(min=2, help="Lots of people that each moved parameter is lived by.")
]


def sensitivity(
    scenario: Scenario,
    budget: Budget = None,
    set_: Settings = None,
    strategies: Strategies = None,
    parameters: Parameters = None,
    moves: Moves = 8,
    repeats: Repeats = 3,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what the recommendation hangs on.

    Which uncertain parameters move its lead, where another strategy wins, how likely it is best,
    and what knowing would be worth. 48 draws unless --replications says otherwise. A study that was
    cut off goes on where it stopped when the same command is given again.
    """
    model, tried = inputs.scenario_of(scenario, set_, budget), names(strategies, "--strategies")
    wanted = names(parameters, "--parameters")
    asked = {"parameters": wanted, "replications": replications, "moves": moves}
    size = {"repeats": repeats, "seed": seed, "customers": customers}
    place = {"workers": inputs.where(workers, cluster), "out": out}
    output = Output(json, quiet)
    output.remark(cost_in_words(model, wanted, replications, moves, repeats))
    output.deliver(lambda progress: job(model, tried, progress, **asked, **size, **place), view)


def cost_in_words(
    scenario: "Model", wanted: list[str] | None, replications: int | None, moves: int, repeats: int
) -> str:
    """What a study will live, told before it does."""
    from experiments import parameters_of, sensitivity_cost

    count = len(parameters_of(scenario, wanted))
    draws, alone = sensitivity_cost(count, replications, moves, repeats)
    return (
        f"{count} uncertain parameters: {draws} draws and {alone} markets with one of them moved, "
        "each with a past and every strategy's plan and year; --replications and --moves change it"
    )


def job(
    scenario: "Model", strategies: list[str] | None, progress: Progress | None, **more: Any
) -> "PublishedSensitivity":
    from experiments import sensitivity_job

    with going_on():
        return sensitivity_job(scenario, strategies, progress=progress, **more)


def view(document: "PublishedSensitivity") -> View:
    """How sure the recommendation is, what it hangs on, and where the rest lies."""
    wins, sure = document["best_in_draws"], figures.chance(document["probability_best"])
    yield (
        f"recommended: {document['recommended']}, best with {sure}; "
        f"best in {wins['estimate']:.0%} [{wins['low']:.0%}, {wins['high']:.0%}] of draws"
    )
    yield ""
    yield _parameters(document)
    moved = [row for row in document["parameters"] if row["tornado"]]
    if moved:
        yield ""
        yield _tornado(document, moved)
    yield ""
    perfect = document["evpi"]
    if perfect:
        value, se = perfect["value"], perfect["se"]
        yield f"worth of knowing everything, luck included: {value:,.0f} ± {se:,.0f}"
    yield from document["words"]
    yield from (f"never recommended: {n}, {why}" for n, why in document["left_out"].items())
    if document["reused"]:
        yield f"kept from before: {document['reused']} pieces"
    yield f"report: {document['report']}"
    yield from tracked(document["mlflow"])
    yield f"tables: {', '.join(document['files'])}"


def _parameters(document: "PublishedSensitivity") -> Any:
    """A row a parameter, the greatest share of the lead first."""
    ranked = sorted(document["parameters"], key=lambda row: -(row["share"] or -1.0))
    rows = [
        [row["name"], row["low"], row["high"], percent_of(row["share"]),
         percent_of(row["share_se"]), percent_of(row["share_of_outcome"]), row["evpi"],
         row["evpi_se"], row["turns_at"], row["words"]]
        for row in ranked[:MOST_ROWS]
    ]  # fmt: skip
    head = ["parameter", "low", "high", "share of the lead (%)", "±", "of the outcome (%)"]
    unit = document["currency"]
    return table([*head, f"worth of knowing ({unit})", "± ", "turns at", "conclusion"], rows,
                 left=["conclusion"])  # fmt: skip


def _tornado(document: "PublishedSensitivity", moved: list[dict[str, Any]]) -> Any:
    """A row a parameter that was moved alone, the widest first."""
    kpi = document["objective"]
    told = [(row["name"], row["tornado"]) for row in moved]
    told.sort(key=lambda pair: -abs(pair[1]["at_high"] - pair[1]["at_low"]))
    rows = [
        [name, value_of(kpi, bar["at_low"]), value_of(kpi, bar["at_high"]),
         bar["lead_low"]["estimate"], bar["lead_high"]["estimate"],
         bar["best_at_low"], bar["best_at_high"]]
        for name, bar in told
    ]  # fmt: skip
    head = [f"{kpi} with one moved", "at low", "at high", "lead at low", "lead at high"]
    last = ["best at low", "best at high"]
    return table([*head, *last], rows, left=last)
