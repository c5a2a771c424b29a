"""The estimators that are judged: those of a company's own tests, of `lift`, and a naive one."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from experiments.arena.people import PeopleTest
from experiments.field_test import difference_of_means as means
from experiments.field_test.estimate import Estimate, NotApplicable, by_student
from experiments.field_test.methods import METHODS, Method
from experiments.field_test.panel import Panel
from experiments.field_test.people import Arm, PeopleTable
from experiments.lift_test.estimate import LEAST_UNITS, estimate_communities, estimate_people
from tiermix.core.arrays import Floats

NAIVE = "(before and after)"
"""The row of reference: what many read off a chart."""


def before_and_after(panel: Panel, *, interval: bool = True) -> Estimate:
    """Treated regions in the test less the same regions in as many weeks before; no control."""
    del interval
    span = slice(panel.before - panel.days, panel.before)
    mine = panel.outcome[panel.treated]
    gained = mine[:, panel.before :].sum(axis=1) - mine[:, span].sum(axis=1)
    count = len(gained)
    if count < 2:
        raise NotApplicable("it needs two treated regions or more")
    se = float(gained.std(ddof=1)) * np.sqrt(count)
    return by_student(float(gained.sum()), se, count - 1.0, float(mine[:, span].sum()))


def geo_regression(panel: Panel, *, interval: bool = True) -> Estimate:
    """Regression on treatment and on the outcome before (`lift`), for regions of like size."""
    del interval
    if len(panel.treated) < LEAST_UNITS:
        raise NotApplicable(f"it needs {LEAST_UNITS} regions or more")
    treated, during = panel.treated, panel.outcome[:, panel.before :].sum(axis=1)
    found = estimate_communities(during, panel.mean_before, treated).scaled(-float(treated.sum()))
    expected = float(during[treated].sum()) - found.effect
    return by_student(found.effect, found.se, float(found.freedom), expected)


ESTIMATORS: dict[str, Method] = {
    "geo_regression": geo_regression,
    **METHODS,
    NAIVE: before_and_after,
}
"""All estimators of tests by regions by name."""


class PeopleMethod(Protocol):
    """An estimator of a test by people, from what they did; `outcome` [N]."""

    def __call__(self, test: PeopleTest, outcome: Floats) -> Estimate: ...


def difference_of_means(test: PeopleTest, outcome: Floats) -> Estimate:
    """Those held out less the others, as a company's own test by people is read."""
    held, shown = _arm(outcome[test.held]), _arm(outcome[~test.held])
    names = ("held out", "shown")
    return means.difference_of_means(PeopleTable("", "", "", "", names, held, shown))


def _arm(outcome: Floats) -> Arm:
    return Arm(float(len(outcome)), float(outcome.sum()), float(outcome @ outcome))


def cuped(test: PeopleTest, outcome: Floats) -> Estimate:
    """The same adjusted for orders before the test, its error over communities (`lift`)."""
    _, where = np.unique(test.community, return_inverse=True)
    cell = 2 * where + test.held
    x, y = test.before, outcome
    terms = (np.ones_like(x), y, x, x * x, x * y)
    sums = np.stack([np.bincount(cell, term, minlength=2 * (where.max() + 1)) for term in terms])
    found = estimate_people(np.asarray(sums.T, dtype=float).reshape(-1, 2, len(terms)))
    held = float(test.held.sum())
    expected = float(outcome[~test.held].mean()) * held
    mine = found.scaled(-held)
    return by_student(mine.effect, mine.se, float(mine.freedom), expected)


PEOPLE_ESTIMATORS: dict[str, PeopleMethod] = {
    "difference_of_means": difference_of_means,
    "cuped": cuped,
}
"""All estimators of tests by people by name."""
