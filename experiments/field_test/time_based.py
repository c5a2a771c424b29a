"""Time-based regression: the treated regions' sum on that of the controls, date by date.

Kerman, Wang and Vaver (2017): least squares before the test, its prediction taken through the
test, and the sum of what the prediction misses. They take errors of dates as independent; here
they remember geometrically, as the residuals show, which leaves the estimate and widens its error.
"""

from __future__ import annotations

import numpy as np

from experiments.field_test.estimate import (
    Estimate,
    NotApplicable,
    by_student,
    lag_correlations,
)
from experiments.field_test.panel import Panel
from tiermix.core.arrays import Floats

MOST_PERSISTENT = 0.95
LEAST_FREEDOM = 3.0


def time_based_regression(panel: Panel, *, interval: bool = True) -> Estimate:
    """The cumulative effect with Student's interval."""
    del interval
    treated, before = panel.treated, panel.before
    y, x = panel.outcome[treated].sum(axis=0), panel.outcome[~treated].sum(axis=0)
    columns = np.column_stack([np.ones_like(x), x / max(float(np.abs(x[:before]).mean()), 1e-300)])
    past = columns[:before]
    if np.ptp(past[:, 1]) == 0:
        raise NotApplicable("the controls' sum never changes before the test")
    solve = np.linalg.pinv(past)
    path = columns @ (solve @ y[:before])
    left = (y - path)[:before]
    echo = _echo(left)
    # What is added up: errors of the test, less what errors before it did to the prediction.
    weights = np.concatenate([-columns[before:].sum(axis=0) @ solve, np.ones(panel.days)])
    correlation = lag_correlations(echo, np.arange(len(y), dtype=float))
    kept = np.eye(before) - past @ solve
    squares = float(np.trace(kept @ correlation[:before, :before]))
    variance = float(left @ left) / squares * float(weights @ correlation @ weights)
    effect = float((y - path)[before:].sum())
    se, expected = float(np.sqrt(variance)), float(path[before:].sum())
    return by_student(effect, se, _freedom(before - 2, echo), expected, path)


def _freedom(dates: int, echo: float) -> float:
    """Degrees of freedom: 2 over the variance of the log of the summed errors' variance.

    That of one date's has 2 (1 + r²) / (1 - r²) / n, and r, which has (1 - r²) / n, moves it by
    2 / (1 - r²).
    """
    return max(dates * (1 - echo**2) / (3 + echo**2 if echo else 1.0), LEAST_FREEDOM)


def _echo(left: Floats) -> float:
    """Correlation of neighbouring dates; residuals about a trend show less than errors have.

    Marriott and Pope (1954).
    """
    whole = float(left @ left)
    if whole == 0:
        return 0.0
    found = float(left[1:] @ left[:-1]) / whole
    return float(np.clip(found + (2 + 4 * max(found, 0.0)) / len(left), 0.0, MOST_PERSISTENT))
