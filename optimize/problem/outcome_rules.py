"""Rules on what the money brings: caps, floors, capacities; one function per rule.

In the formulas S is all spend of the period, y a KPI over the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.model.robust import drawn
from optimize.model.rows import periods_of, points
from scenarios import KPIS, rules
from tiermix.core import figures
from tiermix.core.arrays import Floats


def cac_cap(program: Program, rule: rules.CacCap) -> Iterator[Row]:
    """S − cap · y ≤ 0."""
    unit = f"{program.scenario.currency} per {rule.outcome}"
    for _, months in periods_of(program, rule):
        outcome = program.kpi(rule.outcome, program.over(months))
        body = program.all_spend(months) - rule.cap * outcome
        one = figures.money(1.0, program.scenario.currency)
        step = f"raising the cap on spend per {_single(rule.outcome)} by {one}"
        yield Row(rule.name, body, None, 0.0, outcome, step, rule.cap, unit, least=0.0)


def roi_floor(program: Program, rule: rules.RoiFloor) -> Iterator[Row]:
    """y − (1 + floor) · S ≥ 0."""
    for _, months in periods_of(program, rule):
        spend = program.all_spend(months)
        body = program.kpi(rule.outcome, program.over(months)) - (1 + rule.floor) * spend
        asked = (rule.name, body, "the floor of ROI", rule.floor, 0.0, None, spend)
        yield points(*asked, (-1.0, np.inf))


def kpi_floor(program: Program, rule: rules.KpiFloor) -> Iterator[Row]:
    """y ≥ level, overall or what a tier's channels bring; a ratio as its surplus N − level · D."""
    level = rule.at_least
    for _, months in periods_of(program, rule):
        weights = program.over(months)
        if rule.on_ratio:
            yield _surplus(program, rule, weights)
        else:
            body, unit = _outcome(program, rule, weights), KPIS[rule.kpi].unit
            step = f"raising the floor of {_words(rule.kpi)} by {_one(program, unit)}"
            yield Row(rule.name, body, level, None, 1.0, step, level, unit)


def _surplus(program: Program, rule: rules.KpiFloor, weights: Floats) -> Row:
    """N − level · D ≥ 0: more of the numerator is wanted and less of the denominator."""
    above, below = KPIS[rule.kpi].parts
    over = program.kpi(below, weights, rule.tier, less=True)
    body = program.kpi(above, weights, rule.tier) - rule.at_least * over
    what = f"the floor of {_words(rule.kpi)}"
    return points(rule.name, body, what, rule.at_least, 0.0, None, -1.0 * over)


def capacity(program: Program, rule: rules.Capacity) -> Iterator[Row]:
    """y ≤ level in each period."""
    for _, months in periods_of(program, rule):
        body = program.kpi(rule.kpi, program.over(months), less=True)
        unit = KPIS[rule.kpi].unit
        step = f"raising the capacity for {_words(rule.kpi)} by {_one(program, unit)}"
        yield Row(rule.name, body, None, rule.at_most, 1.0, step, rule.at_most, unit, least=0.0)


BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    "cac_cap": cac_cap,
    "roi_floor": roi_floor,
    "kpi_floor": kpi_floor,
    "capacity": capacity,
}


def _words(kpi: str) -> str:
    return kpi.replace("_", " ")


def _single(kpi: str) -> str:
    """What one of a KPI is called: new customer."""
    return _words(kpi).removesuffix("s")


def _one(program: Program, unit: str) -> str:
    """One more of a KPI in its unit."""
    if unit == "share":
        return "100 percentage points"
    return figures.money(1.0, program.scenario.currency) if unit == "money" else "1"


def _outcome(program: Program, rule: rules.KpiFloor, weights: Floats) -> Any:
    """The KPI itself, or the mean of its worst draws where a probability is asked for."""
    if rule.probability is None:
        return program.kpi(rule.kpi, weights, rule.tier)
    drawn_kpi = program.response_model.has_curves(rule.kpi)
    if program.bundle is None or rule.tier is not None or not drawn_kpi:
        raise AllocationError(
            f"{rule.name}: a floor with a probability is held over the draws of the curves of "
            f"{rule.kpi} as a whole; plan with `robust`, without a tier, and for a KPI with curves."
        )
    found = drawn(program, program.bundle, ((rule.kpi, tuple(weights.tolist())),))
    return found.cvar(program, rule.probability)
