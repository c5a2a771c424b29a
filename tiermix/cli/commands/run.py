"""`tiermix run`: compare strategies in the simulated market, track the runs, write the report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Budget,
    Cluster,
    Customers,
    Json,
    Language,
    Out,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    Workers,
    Xlsx,
    names,
)
from tiermix.cli.output import Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, by_channel, cell, head_of, percent_of, table, tracked, value_of
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import PlanDocument, RunDocument
    from scenarios import Scenario as Model

Strategies = Annotated[
    str | None,
    typer.Option(
        help="Names separated by commas, the usual ones by default; MODULE:NAME for a Strategy in "
        "a file of your own, plan:FILE for a plan of your own (channel,month,amount, or week)."
    ),
]

Until = Annotated[
    float | None,
    typer.Option(
        help="Draw on until the 95 % interval of the best strategy's lead is no wider than this "
        "much of the objective either way, with at most 96 draws."
    ),
]


def run(
    scenario: Scenario,
    strategies: Strategies = None,
    budget: Budget = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    until: Until = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    xlsx: Xlsx = None,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare strategies in the simulated market.

    The runs are tracked and a report is written.
    """
    chosen, market = names(strategies, "--strategies"), inputs.scenario_of(scenario, set_, budget)
    size = {"seed": seed, "customers": customers, "replications": replications, "until": until}
    place = {"workers": inputs.where(workers, cluster), "out": out, "xlsx": xlsx}
    with spoken(market, language):
        Output(json, quiet).deliver(
            lambda progress: job(market, chosen, progress, **size, **place),
            lambda document: view(document, market.currency),
        )


def job(
    market: "Model", strategies: list[str] | None, progress: Progress | None, **more: Any
) -> "RunDocument":
    from experiments import main_job

    return main_job(market, strategies=strategies, progress=progress, **more)


def view(document: "RunDocument", currency: str) -> View:
    """Strategies with their lead, what was found best, and where the rest lies."""
    kpi = document["certainty"]["objective"]
    against = f"against {document['baseline']}"
    head = ["strategy", f"spend ({currency})", head_of(kpi, currency), against]
    ends = ["low", "high", "regret", "all goals (%)", "rules broken"]
    yield table([*head, *ends], _rows(document, kpi))
    yield from _rules(document)
    yield from _unused(document, currency)
    yield f"\n{_best(document)}"
    yield from _knowing(document, currency)
    yield from _until(document, currency)
    yield f"report: {document['report']}"
    yield _plan_file(document["plan"])
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"
    yield from tracked(document["mlflow"])


def _rows(document: "RunDocument", kpi: str) -> list[list[Any]]:
    """A row for each strategy, and one for last year as it was."""
    rows: list[list[Any]] = [
        [
            entry["name"],
            entry["spend"],
            _figure(entry["kpis"], kpi, "mean"),
            *(
                _figure(entry["against_baseline"], kpi, end)
                for end in ("difference", "low", "high")
            ),
            told_regret(entry["regret"], kpi),
            percent_of((entry["risk"]["all_goals"] or {}).get("probability")),
            len(entry["rules_broken"]),
        ]
        for entry in document["strategies"]
    ]
    before = document["last_year"]["kpis"]
    spent, earned = (_figure(before, name, "mean") for name in ("spend", kpi))
    return [*rows, ["(last year as it was)", spent, earned, None, None, None, None, None, None]]


def told_regret(regret: Mapping[str, Any], kpi: str) -> float | str | None:
    """What is lost against the best found, which chance alone puts below nothing."""
    if regret["best_found"]:
        return "the best found"
    return value_of(kpi, None if regret["mean"] is None else max(regret["mean"], 0.0))


def _rules(document: "RunDocument") -> View:
    """Which rules are broken, and where a strategy found no plan of its own."""
    lines = []
    for entry in document["strategies"]:
        lines += [f"{entry['name']} breaks {rule['words']}" for rule in entry["rules_broken"]]
        if entry["fallback_draws"]:
            lines.append(f"{entry['name']}: {entry['note']}")
    if lines:
        yield "\n" + "\n".join(lines)


def _unused(document: "RunDocument", currency: str) -> View:
    """Money of the recommended plan that channels leave, which comes back."""
    mine = next(s for s in document["strategies"] if s["name"] == document["plan"]["strategy"])
    if mine["unused"]:
        left = {one["channel"]: one["planned"] - one["spent"] for one in mine["unused"]}
        whole, each = by_channel(left, currency)
        yield f"\n{mine['name']} leaves {whole} of its plan unused, which comes back: {each}"


def _best(document: "RunDocument") -> str:
    """The best that keeps all rules and can be followed, and who earns more without."""
    every = document["best_of_all"]
    if document["best"] is None:
        return f"best: none that keeps all rules and can be followed (of all: {every})"
    return f"best: {document['best']}"


def _knowing(document: "RunDocument", currency: str) -> View:
    """What knowing more is worth."""
    more = document["certainty"]["knowing_more"]
    if more is not None:
        kpi = document["certainty"]["objective"]
        gain, low, high = (cell(value_of(kpi, more[end])) for end in ("estimate", "low", "high"))
        head = head_of(kpi, currency)
        yield f"knowing more ({more['strategy']}): {gain} {head} beside it [{low}, {high}]"


def _until(document: "RunDocument", currency: str) -> View:
    """Whether the interval asked for was reached, and with how many draws."""
    until = document["until"]
    if until is not None:
        kpi, draws = document["certainty"]["objective"], document["replications"]
        half, asked = (cell(value_of(kpi, until[end])) for end in ("half_width", "asked"))
        verdict = "" if until["reached"] else f", not the ± {asked} asked for"
        yield (
            f"{until['lead']}: known to ± {half} {head_of(kpi, currency)} after {draws} draws"
            f"{verdict}"
        )


def _plan_file(plan: "PlanDocument") -> str:
    """Where the recommended plan lies, and of which draw it is."""
    draw = "" if plan["same_in_every_world"] else f", as planned in world {plan['world']}"
    return f"plan: {plan['file']} ({plan['strategy']}{draw})"


def _figure(kpis: Mapping[str, Mapping[str, float | None]], kpi: str, key: str) -> float | None:
    return value_of(kpi, kpis[kpi][key]) if kpi in kpis else None
