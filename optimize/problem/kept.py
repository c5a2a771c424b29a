"""Which rules a plan breaks, and by how much, on the true curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimize.model.program import Row
from optimize.problem.task import Task
from tiermix.core.arrays import Floats

TOLERANCE = 1e-6
"""Of a bound's own size, or of the rule's money: below, a rule is kept."""


@dataclass(frozen=True)
class Broken:
    """A row of a rule that a plan breaks: `value` lies `by` outside its bound, in its own unit.

    `what` is the bound in words ("the cap on seo"); of rules on money the unit is money.
    """

    rule: str
    value: float
    bound: float
    by: float
    step: str
    what: str = ""


def broken_rules(task: Task, spend: Floats) -> tuple[Broken, ...]:
    """The rows of rules that a plan [C, M] breaks; the worst one of each rule and step.

    Goals that are only aimed at are no rules.
    """
    worst: dict[tuple[str, str], Broken] = {}
    names, cell = {rule.name for rule in task.ruling}, task.budget / max(spend.size, 1)
    for row, value in task.judge(spend):
        if row.rule not in names:
            continue
        found = _broken(row, value, TOLERANCE * _size(row, task.budget, cell))
        key = (row.rule, row.step)
        if found is not None and (key not in worst or found.by > worst[key].by):
            worst[key] = found
    return tuple(worst.values())


def _size(row: Row, budget: float, cell: float) -> float:
    """What a breach is small against: the bound, or where that is 0 the money that is spoken of.

    That is a share of the budget, the budget itself for spend per outcome, and one month's money of
    a channel where nothing is allowed at all.
    """
    bounds = [abs(bound) for bound in (row.lower, row.upper) if bound]
    if bounds:
        return max(bounds)
    share = row.number if row.unit == "share" else 1.0
    return abs(share) * budget if row.number else cell


def _broken(row: Row, value: float, tolerance: float) -> Broken | None:
    for bound, sign in ((row.lower, -1.0), (row.upper, 1.0)):
        if bound is not None and np.isfinite(bound) and sign * (value - bound) > tolerance:
            return Broken(row.rule, value, bound, sign * (value - bound), row.step, row.what)
    return None
