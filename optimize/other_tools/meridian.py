"""Meridian's response curves, and its parameters, as curves.

Response curves (`Analyzer.response_curves`, or the optimizer's) are totals of the weeks for which
they were made: what N weeks bring of the money of N weeks, spread as it was. A week has of them

    f(x) = F(N·x) / N,   by straight lines between the multiples of spend that were computed.

Parameters, one row a channel (Meridian's model specification; Jin et al. 2017), media per head m:

    kpi = kpi_sd · population · β · Hill(Σ_j w_j · m_(t−j) / media_median),
    Hill(x) = x^slope / (x^slope + ec^slope),   w_j ∝ α^j or (1 − j/(max_lag + 1))^(1/α − 1)

With money = media · cost_per_media_unit that is a hill of weekly money with ceiling
β · kpi_sd · population · revenue_per_kpi, half ec · media_median · population ·
cost_per_media_unit and the shape slope. `hill_before_adstock` makes α a lag of the response.
"""

from __future__ import annotations

from collections import defaultdict

from optimize.errors import AllocationError
from optimize.other_tools import adstock
from optimize.other_tools.found import Found, Given, Row, by_saying, check_columns, rows_of
from tiermix.core.arrays import Floats
from tiermix.core.tables.cells import Cells

TOOL = "Meridian"
PARAMETERS = ("ec_m", "slope_m", "alpha_m")
EFFECTS = ("beta_gm", "beta_m")
SCALES = ("media_median", "kpi_sd", "cost_per_media_unit")
SAID = ("population", "revenue_per_kpi", "max_lag", "decay", "hill_before_adstock")
CURVES = ("channel", "spend", "incremental_outcome")
BESIDE = ("metric", "spend_multiplier", "distribution", "channel_type", "roi", "weeks")
METRICS = ("mean", "median")
LAST_LAG = 8
WHY = {
    "media_median": "the median of media per head where it is not 0",
    "kpi_sd": "the standard deviation of the KPI per head",
    "cost_per_media_unit": "spend over media units",
}


def is_meridian(columns: set[str]) -> bool:
    """Whether a table's columns (in small letters) are Meridian's curves or parameters."""
    return "incremental_outcome" in columns or bool(columns & {*PARAMETERS, *EFFECTS, "ec_rf"})


def read(cells: Cells, given: Given) -> Found:
    """Curves per week from either table; raises `AllocationError` with row and field."""
    columns = {name.lower() for name in cells.names}
    if "incremental_outcome" in columns:
        return _responses(cells, given)
    return _parameters(cells, given)


def _responses(cells: Cells, given: Given) -> Found:
    given.check(("weeks", "kpi"), f"{TOOL}'s response curves")
    check_columns(cells, (*CURVES, *BESIDE), f"{TOOL}'s response curves")
    found = Found(f"{TOOL}, response curves", kpi=given.get("kpi") or "revenue")
    pairs: dict[str, dict[float, float]] = defaultdict(dict)
    for row in _of_one_metric(rows_of(cells, given)):
        weeks = _weeks(row)
        spend, outcome = (row.number(name) / weeks for name in CURVES[1:])
        pairs[row.text("channel")][spend] = outcome
    for channel, points in pairs.items():
        points.setdefault(0.0, 0.0)
        head = {"channel": channel, "family": "points", "per": "week"}
        found.rows += [head | {"spend": x, "response": points[x]} for x in sorted(points)]
    found.notes.append(
        "response curves are of whole periods: money keeps the course it had, nothing is carried "
        "from month to month, and beyond the largest multiple of spend they stay flat"
    )
    return found


def _of_one_metric(rows: list[Row]) -> list[Row]:
    """The rows of the mean (or median) of the posterior."""
    kept = [row for row in rows if row.text("distribution") in ("", "posterior")]
    named = {row.text("metric") for row in kept}
    metric = next((name for name in METRICS if name in named), "")
    if named - {""} and not metric:
        raise AllocationError(
            f"{rows[0].place}: the metric is {', '.join(sorted(named))}; keep the rows of the mean."
        )
    return [row for row in kept if row.text("metric") == metric]


def _weeks(row: Row) -> float:
    if not row.has("weeks"):
        raise AllocationError(
            f"{row.place}: how many weeks the money is of is not said; add "
            f"{by_saying('weeks', '52')}, or as many as were selected for the curves."
        )
    weeks = row.number("weeks")
    if weeks <= 0:
        raise AllocationError(f"{row.place}: weeks {weeks:g} have to be above 0.")
    return weeks


def _parameters(cells: Cells, given: Given) -> Found:
    known = ("channel", *PARAMETERS, *EFFECTS, *SCALES, *SAID)
    given.check((*SCALES, *SAID, "kpi"), TOOL)
    columns = {name.lower() for name in cells.names}
    if any(name.endswith("_rf") for name in columns):
        raise AllocationError(
            f"{cells.source}: channels of reach and frequency bend over frequency, not over money; "
            "export Analyzer.response_curves instead, which has all channels."
        )
    if "geo" in columns:
        raise AllocationError(
            f"{cells.source}: has a row for each geo; give one row a channel, with beta_gm "
            "averaged over geos by population and the population of all."
        )
    check_columns(cells, known, TOOL)
    found = Found(TOOL, kpi=given.get("kpi") or "revenue")
    for row in rows_of(cells, given):
        _add(found, row)
    return found


def _add(found: Found, row: Row) -> None:
    lacking = [f"{name} ({WHY[name]})" for name in SCALES if not row.has(name)]
    if lacking:
        raise AllocationError(
            f"{row.place}: there is no {', no '.join(lacking)}; add the column, or "
            f"{by_saying(lacking[0].partition(' ')[0], 'NUMBER')}."
        )
    channel = row.text("channel")
    ec, slope, alpha = (row.number(name) for name in PARAMETERS)
    people, cost = row.number("population", 1.0), row.number("cost_per_media_unit")
    weights = _weights(row, alpha)
    before = row.text("hill_before_adstock").lower() in ("true", "1", "yes")
    found.rows.append({
        "channel": channel, "family": "hill", "shape": slope, "per": "week",
        "half": ec * row.number("media_median") * people * cost,
        "ceiling": _effect(row, people) * row.number("kpi_sd") * people
        * row.number("revenue_per_kpi", 1.0),
        "lag" if before else "carry_over": adstock.alike(weights),
    })  # fmt: skip
    found.notes += adstock.course(channel, weights, "week")


def _effect(row: Row, people: float) -> float:
    """β of all regions together; that of beta_m is a mean of logarithms where there are several."""
    if row.has("beta_gm"):
        return row.number("beta_gm")
    if people != 1.0:
        raise AllocationError(
            f"{row.place}: beta_m is no effect where a model has regions; give beta_gm, averaged "
            "over geos by population."
        )
    return row.number("beta_m")


def _weights(row: Row, alpha: float) -> Floats:
    last = row.number("max_lag", LAST_LAG)
    if last < 0 or last != int(last) or last >= adstock.LONG:
        raise AllocationError(f"{row.place}: max_lag {last:g} is no number of weeks from 0 on.")
    size, decay = int(last) + 1, row.text("decay").lower() or "geometric"
    if decay not in ("geometric", "binomial"):
        raise AllocationError(f"{row.place}: decay {decay!r} is not geometric or binomial.")
    if decay == "binomial":
        return adstock.binomial(alpha, size, size, row.place)
    return adstock.geometric(alpha, size, row.place)
