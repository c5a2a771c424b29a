"""Curves as they are believed after a review: what was found holds from its month on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from experiments.year_review.findings import DEMAND, Finding
from optimize import Curve, ResponseCurves, lost_of_scaling
from scenarios import Scenario
from tiermix.core.arrays import Floats


def factors_of(findings: Sequence[Finding], scenario: Scenario) -> dict[str, Floats]:
    """What each channel's effect, and demand, is multiplied by in each planned month [M]."""
    months = np.array(scenario.months)
    found = {name: np.ones(len(months)) for name in (*scenario.plannable, DEMAND)}
    for one in findings:
        found[one.cause] = found[one.cause] * np.where(months >= one.since, 1 + one.change, 1.0)
    return found


def moved_curves(
    scenario: Scenario, curves: ResponseCurves, findings: Sequence[Finding]
) -> ResponseCurves:
    """The curves with what was found: channels bring so much less or more, demand all of it.

    What comes without money stays where it was, but for demand: curves are tied to a year's level,
    which moves with what its channels bring. Without findings they are given back as they are.
    """
    if not findings:
        return curves
    factors = factors_of(findings, scenario)
    demand = factors[DEMAND]
    both = {name: factors[name] * demand for name in scenario.plannable}
    made = [c for curve in curves.curves for c in _scaled(curve, both, curves.months)]
    base = {kpi: np.asarray(level) * demand for kpi, level in curves.base.items()}
    anchor = curves.anchor
    if anchor is not None:
        only = {name: factors[name] for name in scenario.plannable}
        lost = lost_of_scaling(scenario, curves, only)
        level = {
            kpi: (np.asarray(x) - lost.get(kpi, 0.0)) * demand for kpi, x in anchor.level.items()
        }
        anchor = replace(anchor, level=level)
    said = f"{curves.source}, moved by what the year has shown"
    return replace(curves, curves=tuple(made), base=base, anchor=anchor, source=said)


def _scaled(curve: Curve, factors: Mapping[str, Floats], months: Sequence[str]) -> list[Curve]:
    """A curve month by month, each month's times its factor."""
    factor = factors.get(curve.channel)
    if factor is None or (factor == 1).all():
        return [curve]
    if curve.month is not None:
        return [_times(curve, float(factor[list(months).index(curve.month)]))]
    pairs = zip(months, factor.tolist(), strict=True)
    return [_times(replace(curve, month=month), by) for month, by in pairs]


def _times(curve: Curve, by: float) -> Curve:
    points = curve.points
    if points is not None:
        points = (points[0], tuple(by * response for response in points[1]))
    draws = None if curve.draws is None else curve.draws * [by, 1.0, 1.0]
    return replace(curve, ceiling=by * curve.ceiling, points=points, draws=draws)
