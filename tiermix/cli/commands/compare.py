"""`tiermix compare`: strategies in several scenarios, paired: which budget, which market."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.run import Strategies
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Language,
    Out,
    Quiet,
    Replications,
    Seed,
    Workers,
    Xlsx,
    names,
    value_lists,
)
from tiermix.cli.output import Output, going_on
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, head_of, percent_of, table, tracked, value_of
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import PublishedScenarioComparison

Scenarios = Annotated[
    list[str], typer.Argument(help="Names of library scenarios, or YAML files; one or more.")
]
Lists = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=A,B,C",
        help="Values of the scenarios to compare, as in budget=24e6,30e6; several lists make all "
        "combinations. Repeatable.",
    ),
]
Budgets = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="A,B,C",
        help="Budgets to compare: 24e6, 9.6m, or 80% of each scenario's own.",
    ),
]

MOST_GOALS = 8
"""Goals up to which each has a column."""


def compare(
    scenarios: Scenarios,
    set_: Lists = None,
    budget: Budgets = None,
    strategies: Strategies = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    xlsx: Xlsx = None,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare strategies in several scenarios, paired.

    Scenarios, and what is changed in them, live through the same draws with the same people. A
    study that was cut off goes on where it stopped when the same command is given again.
    """
    changes = changes_of(set_, budget)
    chosen = names(strategies, "--strategies")
    size = {"seed": seed, "customers": customers, "replications": replications}
    place = {"workers": inputs.where(workers, cluster), "out": out, "xlsx": xlsx}
    every = [] if language == "en" else [inputs.scenario_of(name) for name in scenarios]
    with spoken(every, language):
        Output(json, quiet).deliver(
            lambda progress: job(scenarios, changes, chosen, progress, **size, **place), view
        )


def changes_of(pairs: list[str] | None, budget: str | None) -> dict[str, list[Any]]:
    """Lists of values by path, with the budgets among them."""
    found = value_lists(pairs)
    return inputs.with_budget(found, names(budget, "--budget"))


def job(
    scenarios: Sequence[str],
    changes: Mapping[str, Sequence[Any]],
    strategies: list[str] | None,
    progress: Progress | None,
    **more: Any,
) -> "PublishedScenarioComparison":
    from experiments import scenario_comparison_job

    paths: list[str | Path] = list(scenarios)
    with going_on():
        return scenario_comparison_job(
            paths, changes, strategies=strategies, progress=progress, **more
        )


def view(document: "PublishedScenarioComparison") -> View:
    """What each variant recommends, all cells against the baseline, and where the rest lies."""
    yield from _recommended(document)
    yield ""
    yield from _cells(document)
    yield ""
    for variant in document["variants"]:
        if variant["status"] == "infeasible":
            yield f"{variant['label']}: no plan keeps the rules: {variant['message']}"
        elif variant["plan"]:
            yield f"{variant['label']}: {variant['recommended']}, plan: {variant['plan']}"
        else:
            yield f"{variant['label']}: no strategy keeps all rules and can be followed"
    yield from document["not_compared"]
    if document["reused"]:
        yield f"kept from before: {document['reused']} of {len(document['variants'])} variants"
    yield f"report: {document['report']}"
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"
    yield from tracked(document["mlflow"])


def _recommended(document: "PublishedScenarioComparison") -> View:
    """A row a variant: its best plan, against the first variant's, and the chance of each goal."""
    kpi, base = document["objective"], document["variants"]
    other = "revenue" if kpi == "profit" else "profit"
    goals = list(dict.fromkeys(g["goal"] for mine in document["cells"] for g in mine["goals"]))
    goals = goals if len(goals) <= MOST_GOALS else []  # the page has them all
    rows = []
    for variant in base:
        mine = _cell_of(document, variant)
        if mine is None:
            continue
        step = variant["against_first"] or {}
        chances = {goal["goal"]: goal["probability"] for goal in mine["goals"]}
        rows.append([
            variant["label"], variant["recommended"], mine["spend"],
            _mean(mine, kpi), _mean(mine, other),
            *(value_of(kpi, step.get(end)) for end in ("difference", "low", "high")),
            *(percent_of(chances.get(goal)) for goal in goals),
            percent_of((mine["risk"]["all_goals"] or {}).get("probability")),
        ])  # fmt: skip
    if rows:
        head = ["variant", "recommended", "spend", kpi.replace("_", " "), other]
        ends = ["against the first", "low", "high"]
        chance = [*(f"{goal} (%)" for goal in goals), "all goals (%)"]
        yield table([*head, *ends, *chance], rows, left=["recommended"])


def _cells(document: "PublishedScenarioComparison") -> View:
    """A row a cell, against the baseline."""
    kpi, base = document["objective"], document["baseline"]
    rows = []
    for mine in document["cells"]:
        step = mine["against"].get(kpi, {})
        rows.append([
            mine["label"], mine["strategy"], mine["spend"], _mean(mine, kpi),
            *(value_of(kpi, step.get(end)) for end in ("difference", "low", "high")),
            percent_of((mine["risk"]["all_goals"] or {}).get("probability")),
            len(mine["rules_broken"]),
        ])  # fmt: skip
    currencies = {variant["currency"] for variant in document["variants"]}
    unit = currencies.pop() if len(currencies) == 1 else "own currency"
    head = ["variant", "strategy", f"spend ({unit})", head_of(kpi, unit)]
    ends = [f"against {base['label']} · {base['strategy']}", "low", "high"]
    yield table([*head, *ends, "all goals (%)", "rules broken"], rows, left=["strategy"])


def _cell_of(
    document: "PublishedScenarioComparison", variant: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The cell that a variant recommends."""
    asked = (variant["label"], variant["recommended"])
    return next((c for c in document["cells"] if (c["label"], c["strategy"]) == asked), None)


def _mean(mine: Mapping[str, Any], kpi: str) -> float | None:
    return value_of(kpi, mine["kpis"].get(kpi, {}).get("mean"))
