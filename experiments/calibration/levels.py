"""Levels that have a figure of their own, brought to it in proportion before the fit begins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from experiments.calibration.history import History
from experiments.calibration.parameters import Parameter
from experiments.calibration.problem import Problem
from tiermix.core.arrays import Floats

ROUNDS = 8
"""At most: levels hang together, as media that are met less bring fewer orders."""
NEAR = 0.05
"""Gaps at which the levels agree well enough to begin with, on the parameters' scales."""
LONGEST_STEP = 2.0


def warm_start(problem: Problem) -> Floats:
    """θ [K] at which the levels agree; what has no level of its own stays at the base."""
    place = np.zeros(len(problem.parameters))
    for _ in range(ROUNDS):
        seen = problem.answers([place], "levels")[0]
        gaps = np.array([gap(p, problem.history.own, seen.own) for p in problem.parameters])
        step = np.clip(gaps, -LONGEST_STEP, LONGEST_STEP)
        place = problem.towards(place, place + step)
        if np.abs(gaps).max(initial=0.0) < NEAR:
            break
    return place


def gap(parameter: Parameter, real: History, seen: History) -> float:
    """By how much the real level lies above the market's, on the parameter's scale."""
    kind, channel = parameter.own
    if kind not in LEVELS:
        return 0.0
    c = real.channels.index(channel) if channel in real.channels else 0
    ours, theirs = LEVELS[kind](real, c), LEVELS[kind](seen, c)
    if parameter.scale != "log":
        ours, theirs = ours / max(1.0 - ours, 1e-9), theirs / max(1.0 - theirs, 1e-9)
    return float(np.log(ours / theirs)) if ours > 0 and theirs > 0 else 0.0


def _orders(history: History, _: int) -> float:
    return float(history.conversions.sum())


def _value(history: History, _: int) -> float:
    return _ratio(history.revenue, history.conversions)


def _views(history: History, c: int) -> float:
    return float(history.impressions[:, c].sum())


def _rate(history: History, c: int) -> float:
    return _ratio(history.clicks[:, c], history.impressions[:, c])


def _view_price(history: History, c: int) -> float:
    return _ratio(history.spend[:, c], history.impressions[:, c])


def _click_price(history: History, c: int) -> float:
    return _ratio(history.spend[:, c], history.clicks[:, c])


def _ratio(above: Floats, below: Floats) -> float:
    return float(above.sum() / max(below.sum(), 1e-12))


LEVELS: dict[str, Callable[[History, int], float]] = {
    "needs": _orders,
    "order_value": _value,
    "peak": _views,
    "engagement": _rate,
    "slot_utility": _rate,
    "unit_cost": _view_price,
    "click_cost": _click_price,
}
