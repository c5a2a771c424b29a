"""`tiermix plan`: the annual plan, how good it is, and what each rule costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Budget,
    Cluster,
    CurvesFile,
    CurvesGiven,
    CurvesNames,
    Customers,
    Json,
    Language,
    Objective,
    Out,
    Quiet,
    Scenario,
    Seconds,
    Seed,
    Settings,
    Track,
    UsageError,
    Workers,
    Xlsx,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import (
    View,
    by_channel,
    cell,
    change,
    curve_notes,
    head_of,
    table,
    tracked,
    value_of,
)
from tiermix.core import figures
from tiermix.core.language import said
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from optimize import Plan, ResponseCurves
    from scenarios import Scenario as Model

CALM = 0.001
FORECAST = ("profit", "margin", "revenue", "conversions")
"""KPIs whose intervals are printed; JSON has all of them."""

Robust = Annotated[
    bool,
    typer.Option("--robust", help="Plan for the bad draws of the curves too, not for their mean."),
]
Weeks = Annotated[
    bool,
    typer.Option("--weeks", help="Plan by week: weeks.csv beside plan.csv, which has the months."),
]
CalmShare = Annotated[
    float,
    typer.Option(
        "--calm",
        min=0,
        max=0.5,
        help="Share of the objective given up for calm months and round amounts; 0 gives the best "
        "plan to the last digit.",
    ),
]
Round = Annotated[
    float | None,
    typer.Option(
        "--round", min=0, help="Amounts are multiples of this; 0 leaves them as they are."
    ),
]

TargetRoi = Annotated[
    float | None,
    typer.Option(
        help="As much margin as this return on all money allows: (margin - spend) / spend, 0.5 "
        "where every unit brings back 1.5."
    ),
]
MarginalRoi = Annotated[
    float | None,
    typer.Option(
        help="Spend as long as the last unit of money returns so much: 0 is profit, 0.2 where it "
        "brings back 1.2."
    ),
]


def plan(
    scenario: Scenario,
    curves: CurvesFile = None,
    given: CurvesGiven = None,
    map_: CurvesNames = None,
    budget: Budget = None,
    objective: Objective = None,
    target_roi: TargetRoi = None,
    marginal_roi: MarginalRoi = None,
    robust: Robust = False,
    weeks: Weeks = False,
    calm: CalmShare = CALM,
    round_: Round = None,
    seconds: Seconds = 60.0,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    xlsx: Xlsx = None,
    track: Track = False,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make the annual plan under the scenario's rules.

    Spend by channel and month or week, with a bound on the best possible and shadow prices. Of all
    plans that are nearly as good it is the calmest one, in round amounts.
    """
    source = inputs.CurvesSource.of(curves, given, map_)
    market, made_best = _question(
        inputs.scenario_of(scenario, set_), objective, target_roi, marginal_roi
    )
    money = _budget(budget, market)
    asked = {"budget": money, "objective": made_best, "robust": robust, "seconds": seconds}
    place = Place(out, xlsx, track)
    size = {"seed": seed, "customers": customers, "workers": inputs.where(workers, cluster)}
    with spoken(market, language):
        Output(json, quiet).deliver(
            lambda progress: job(market, source, weeks, progress, asked, size, calm, round_, place),
            lambda document: view(document, market.currency),
        )


def _budget(asked: str | None, market: "Model") -> float | None:
    """The budget that was asked for, as money; None for the scenario's own."""
    from scenarios import budget_of

    return None if asked is None else budget_of(asked, market.budget)


def _question(
    market: "Model", objective: str | None, target: float | None, marginal: float | None
) -> "tuple[Model, str | dict[str, float] | None]":
    """The scenario and what is made best in it: one of the three ways to say it."""
    options = ("--objective", "--target-roi", "--marginal-roi")
    pairs = zip(options, (objective, target, marginal), strict=True)
    given = [name for name, value in pairs if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} say what is made best; give one of them.")
    if target is not None:
        from optimize import with_target_roi

        return with_target_roi(market, target), None
    if marginal is not None:
        from optimize import marginal_roi

        return market, marginal_roi(marginal)
    return market, inputs.objective_of(objective)


class Place(NamedTuple):
    """Where the answer goes: a folder, a workbook, the tracking store."""

    out: Path | None
    xlsx: Path | None
    track: bool


def job(
    market: "Model",
    curves: inputs.CurvesSource,
    weeks: bool,
    progress: Progress | None,
    asked: dict[str, Any],
    size: dict[str, Any],
    loss: float,
    step: float | None,
    place: Place,
) -> Document:
    from experiments import Opening, plan_files, track_plan, write_plan
    from optimize import Calm, allocate, weekly

    mine = [] if place.out is None else plan_files(place.out, weeks=weeks)
    check_replaceable([*mine, *([place.xlsx] if place.xlsx else [])], "plan")
    opening = Opening() if place.track else None
    known = inputs.curves_of(curves, market, asked["objective"], progress=progress, **size)
    question = weekly(market, known) if weeks else (market, known)
    calm = Calm(loss, step) if loss else False
    made = allocate(*question, **asked, calm=calm, progress=progress)
    document: Document = made.to_dict() | {"last_year": market.last_year.by_channel}
    document["outcome"] = market.outcome
    document |= inputs.facts_of(known)
    if place.xlsx is not None:
        document["workbook"] = _workbook(place.xlsx, made, market, known)
    files = {} if place.out is None else write_plan(made, market, place.out, weeks=weeks)
    if opening is not None:
        more = {"seed": size["seed"], "curves": known.source}
        document["mlflow"] = track_plan(made, market, files, opening, **more)
    return {**document, **files}


def _workbook(xlsx: Path, made: "Plan", market: "Model", known: "ResponseCurves") -> str:
    from experiments import write_plan_workbook

    with replacing(xlsx, "plan"):
        write_plan_workbook(xlsx, made, market, known)
    return str(xlsx)


def view(document: Document, currency: str) -> View:
    """Spend by channel, what the plan is worth, and what the binding rules cost."""
    totals: dict[str, float] = {}
    for one in document["spend"]:
        totals[one["channel"]] = totals.get(one["channel"], 0.0) + one["amount"]
    yield _money(document, totals, currency)
    yield f"\n{_status(document)}: {_worth(document['objective'], currency)}"
    yield from _forecast(document, currency)
    yield from _calm(document, currency)
    yield from _unused(document, currency)
    yield from _prices(document)
    if document["prior_only"]:
        yield f"\nprior only, no data behind their curves: {', '.join(document['prior_only'])}"
    if document["untried"]:
        yield f"\nno money last year, so nothing is known of them: {', '.join(document['untried'])}"
    yield from curve_notes(document)
    for key in ("csv", "weeks", "picture", "workbook"):
        if key in document:
            yield f"{'plan' if key == 'csv' else key}: {document[key]}"
    if "mlflow" in document:
        yield from tracked(document["mlflow"])


def _money(document: Document, totals: dict[str, float], currency: str) -> Any:
    """Each channel's year beside last year's, and how far it may move."""
    before, ends = document["last_year"], document["ranges"]
    whole = sum(totals.values())
    rows = [
        [name, before.get(name, 0.0), money, change(money, before.get(name, 0.0)),
         _share(money, whole), *ends.get(name, (None, None))]
        for name, money in totals.items()
    ]  # fmt: skip
    spent = sum(before.get(name, 0.0) for name in totals)
    rows.append(["all", spent, whole, change(whole, spent), _share(whole, whole), None, None])
    head = ["channel", "last year", f"plan ({currency})", "change (%)", "share (%)"]
    return table([*head, "at least", "at most"], rows)


def _status(document: Document) -> str:
    """Optimal, or why the gap asked for was not reached."""
    if document["status"] == "optimal":
        return "optimal"
    asked = figures.percent(document["provenance"]["gap_asked"], 2)
    missed = f"a gap of {asked} was asked for and not reached"
    if document["status"] == "time_limit":
        return f"best plan in time ({missed}; allow more seconds)"
    return f"best plan found ({missed}, and finer pieces come no nearer; its own gap is proven)"


def _share(money: float, whole: float) -> float | None:
    return 100.0 * money / whole if whole else None


def _worth(made: Document, currency: str) -> str:
    kpi = made["name"]
    value, upper = (cell(value_of(kpi, made[key])) for key in ("value", "upper"))
    gap = figures.percent(made["gap"], 2)
    later = cell(value_of(kpi, made["after"]))
    after = f", {later} of it after the year" if made["after"] else ""
    return f"{head_of(kpi, currency)} {value}{after}, at most {upper} possible (gap {gap})"


def _forecast(document: Document, currency: str) -> View:
    """How sure the figures are, which the optimizer's bound does not say."""
    told = [kpi for kpi in FORECAST if kpi in document["intervals"]]
    if not told:
        return
    ranges = []
    for kpi in told:
        value = cell(value_of(kpi, document["kpis"][kpi]))
        low, high = (cell(value_of(kpi, end)) for end in document["intervals"][kpi])
        what = document["outcome"] if kpi == "conversions" else ""
        counted = f" ({what})" if what not in ("", "orders") else ""
        ranges.append(f"{said(head_of(kpi, currency) + counted)} {value} [{low}, {high}]")
    yield f"forecast, 90 % by what is known of the curves: {', '.join(ranges)}"


def _unused(document: Document, currency: str) -> View:
    """What of the plan is not expected to be spent."""
    left = {one["channel"]: one["amount"] for one in document["unused"]}
    if left:
        whole, each = by_channel(left, currency)
        yield f"not expected to be spent, as there is no more to be bought: {whole} ({each})"


def _calm(document: Document, currency: str) -> View:
    """What was given up for a plan that can be carried out, and how exact its amounts are."""
    loss, step = document["objective"]["loss"], document["step"]
    if loss > 0:
        given = f"given up for calm months and round amounts: {figures.percent(loss, 2)}"
        yield f"{given}, in steps of {figures.money(step, currency)}" if step else given
    yield from document["remarks"]
    if document["ranges"]:
        yield (
            "at least, at most: how far one channel's year can move, the others making up for it, "
            "before 1 % of the objective is lost"
        )


def _prices(document: Document) -> View:
    """What binds, in words, and what does not by name."""
    binding, prices = document["binding"], document["shadow_prices"]
    told = [price for price in prices if price["rule"] in binding or price.get("counts")]
    rows = [[price["rule"], price["words"]] for price in told]
    loose = [price["rule"] for price in prices if price not in told]
    if rows:
        yield ""
        yield table(["binding rule", "what it costs"], rows, left=["what it costs"])
    if loose:
        yield f"\nnot binding: {', '.join(loose)}"
