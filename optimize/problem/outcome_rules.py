"""Rules on what the money brings: caps, floors, capacities; one function per rule.

In the formulas S is all spend of the period, y a KPI over the period.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.model.robust import drawn
from optimize.model.rows import periods_of, points
from scenarios.kpis import KPIS
from scenarios.parts import rules
from scenarios.parts.rules import Rule

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
    ratio, level = KPIS[rule.kpi].rule == "ratio", rule.at_least
    for _, months in periods_of(program, rule):
        weights = program.over(months)
        if ratio:
            yield _surplus(program, rule, weights)
        else:
            body, step = _outcome(program, rule, weights), f"one more of {rule.kpi}"
            yield Row(rule.name, body, level, None, 1.0, step, level, KPIS[rule.kpi].unit)


def _surplus(program: Program, rule: rules.KpiFloor, weights: Array) -> Row:
    """N − level · D ≥ 0: more of the numerator is wanted and less of the denominator."""
    check_floor(rule)
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


def check_floor(rule: rules.KpiFloor) -> None:
    """Raise `AllocationError` for a ratio that has no surplus, or one with a probability."""
    if KPIS[rule.kpi].rule != "ratio":
        return
    if not KPIS[rule.kpi].parts or rule.probability is not None:
        raise AllocationError(
            f"{rule.name}: {rule.kpi} is a ratio. A linear program holds it at a level only "
            "through its surplus (numerator − level · denominator), and curves for its numerator "
            "and denominator cannot be given; hold the numerator instead, or score the plan by it."
        )


def wanted(rule: Rule) -> tuple[str, ...]:
    """The KPIs that a rule wants more of; raises `AllocationError` for one it cannot hold."""
    if isinstance(rule, rules.KpiFloor):
        check_floor(rule)
        return KPIS[rule.kpi].parts[:1] if KPIS[rule.kpi].rule == "ratio" else (rule.kpi,)
    return () if isinstance(rule, rules.Capacity) else rule.mentions().kpis


def unwanted(rule: Rule) -> tuple[str, ...]:
    """The KPIs that a rule wants less of."""
    if isinstance(rule, rules.KpiFloor) and KPIS[rule.kpi].rule == "ratio":
        return KPIS[rule.kpi].parts[1:]
    return (rule.kpi,) if isinstance(rule, rules.Capacity) else ()


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
