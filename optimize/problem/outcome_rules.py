"""Rules on what the money brings: caps, floors, capacities; one function per rule.

In the formulas S is all spend of the period, y a KPI over the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.model.robust import drawn
from optimize.model.rows import periods_of, points
from scenarios.kpis import KPIS
from scenarios.parts import rules

Array = NDArray[np.float64]


def cac_cap(program: Program, rule: rules.CacCap) -> Iterator[Row]:
    """S − cap · y ≤ 0."""
    unit = f"{program.scenario.currency} per {rule.outcome}"
    for _, months in periods_of(program, rule):
        outcome = program.kpi(rule.outcome, program.over(months))
        body = program.all_spend(months) - rule.cap * outcome
        step = f"a cap higher by 1 {unit}"
        yield Row(rule.name, body, None, 0.0, outcome, step, rule.cap, unit, least=0.0)


def roi_floor(program: Program, rule: rules.RoiFloor) -> Iterator[Row]:
    """y − (1 + floor) · S ≥ 0."""
    for _, months in periods_of(program, rule):
        spend = program.all_spend(months)
        body = program.kpi(rule.outcome, program.over(months)) - (1 + rule.floor) * spend
        yield points(rule.name, body, "of ROI", rule.floor, 0.0, None, spend, (-1.0, np.inf))


def kpi_floor(program: Program, rule: rules.KpiFloor) -> Iterator[Row]:
    """y ≥ level, overall or what a tier's channels bring; a ratio as its surplus N − level · D."""
    level = rule.at_least
    for _, months in periods_of(program, rule):
        weights = program.over(months)
        if rule.on_ratio:
            yield _surplus(program, rule, weights)
        else:
            body, step = _outcome(program, rule, weights), f"one more of {rule.kpi}"
            yield Row(rule.name, body, level, None, 1.0, step, level, KPIS[rule.kpi].unit)


def _surplus(program: Program, rule: rules.KpiFloor, weights: Array) -> Row:
    """N − level · D ≥ 0: more of the numerator is wanted and less of the denominator."""
    above, below = KPIS[rule.kpi].parts
    over = program.kpi(below, weights, rule.tier, less=True)
    body = program.kpi(above, weights, rule.tier) - rule.at_least * over
    return points(rule.name, body, f"of {rule.kpi}", rule.at_least, 0.0, None, -1.0 * over)


def capacity(program: Program, rule: rules.Capacity) -> Iterator[Row]:
    """y ≤ level in each period."""
    for _, months in periods_of(program, rule):
        body = program.kpi(rule.kpi, program.over(months), less=True)
        step, unit = f"room for one more of {rule.kpi}", KPIS[rule.kpi].unit
        yield Row(rule.name, body, None, rule.at_most, 1.0, step, rule.at_most, unit, least=0.0)


BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    "cac_cap": cac_cap,
    "roi_floor": roi_floor,
    "kpi_floor": kpi_floor,
    "capacity": capacity,
}


def _outcome(program: Program, rule: rules.KpiFloor, weights: Array) -> Any:
    """The KPI itself, or the mean of its worst draws where a probability is asked for."""
    if rule.probability is None:
        return program.kpi(rule.kpi, weights, rule.tier)
    if program.bundle is None or rule.tier is not None:
        raise AllocationError(
            f"{rule.name}: a floor with a probability is held over the curves' draws for a KPI as "
            "a whole; plan with `robust`, and without a tier."
        )
    found = drawn(program, program.bundle, ((rule.kpi, tuple(weights.tolist())),))
    return found.cvar(program, rule.probability)
