"""An A/B test by people: outcome of a treated person less that of one who was not.

Shares of people have Newcombe's (1998) interval of two score intervals, means Welch's (1947). A
test meant for a share of the people that is not there lost some of them on one side, which no
analysis can mend: that is checked by chi-square (sample ratio mismatch, Fabijan et al. 2019).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import chi2

from experiments.field_test.estimate import LEVEL, POWER, Estimate, by_student
from experiments.field_test.people import Arm, PeopleTable
from experiments.field_test.placebo import Check
from experiments.stats import wilson

MISMATCH = 0.001
"""Chance of a split below which it is not the one that was meant."""


def difference_of_means(table: PeopleTable) -> Estimate:
    """What the treated people had more than they would have had as those of the control."""
    mine, others = table.treated, table.control
    gained = mine.mean - others.mean
    se = float(np.sqrt(mine.variance / mine.people + others.variance / others.people))
    expected = others.mean * mine.people
    if not table.counts:
        return by_student(gained * mine.people, se * mine.people, _welch(mine, others), expected)
    below, above = _newcombe(mine, others)
    pooled = (mine.outcome + others.outcome) / (mine.people + others.people)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / mine.people + 1 / others.people)))
    p_value = 2.0 * float(ndtr(-abs(gained) / error)) if error else 1.0
    detectable = float(ndtri(0.5 + LEVEL / 2) + ndtri(POWER)) * se
    effect, low, high = (one * mine.people for one in (gained, gained - below, gained + above))
    strength = gained / error if error else 0.0
    return Estimate(effect, low, high, p_value, detectable * mine.people, expected, strength)


def _newcombe(mine: Arm, others: Arm) -> tuple[float, float]:
    """How far the interval reaches below and above the difference of two shares."""
    a, b = (wilson(int(arm.outcome), int(arm.people)) for arm in (mine, others))
    below = np.hypot(mine.mean - a.low, b.high - others.mean)
    return float(below), float(np.hypot(a.high - mine.mean, others.mean - b.low))


def _welch(mine: Arm, others: Arm) -> float:
    parts = [arm.variance / arm.people for arm in (mine, others)]
    below = sum(p**2 / (arm.people - 1) for p, arm in zip(parts, (mine, others), strict=True))
    return float(sum(parts) ** 2 / below) if below else mine.people + others.people - 2


def split_check(table: PeopleTable, share: float) -> Check:
    """Whether as many people are in each group as were meant to be."""
    people = np.array([table.treated.people, table.control.people])
    meant = people.sum() * np.array([share, 1 - share])
    p_value = float(chi2.sf(((people - meant) ** 2 / meant).sum(), 1))
    passed = p_value >= MISMATCH
    says = f"{people[0] / people.sum():.2%} of people were treated, {share:.2%} were meant to be"
    if not passed:
        says += ": people were lost on one side, and the groups cannot be compared"
    return Check("difference_of_means", "split", 1, None, None, p_value, passed, says)
