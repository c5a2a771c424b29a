"""Backtests: the last weeks foretold by fits that have not seen their outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.calibration.agreement import error
from experiments.calibration.health.scores import Forecast, constant, seasonal, worse_by
from experiments.calibration.judged import Foretold, Judged
from tiermix.core.arrays import Floats

LEVELS = (0.5, 0.8, 0.95)
MOST_PERSISTENT = 0.9


def rows(calibration: Judged) -> list[dict[str, Any]]:
    """A row for each horizon: errors, scaled CRPS, coverage, and the total of its weeks."""
    return [row(calibration, one) for one in calibration.foretold]


def row(calibration: Judged, one: Foretold) -> dict[str, Any]:
    """How a fit without the last weeks foretold them, beside a constant and the year before.

    `crps…` are scaled by mean conversions, `cover…` are shares of weeks in central intervals;
    `total` with its standard deviation is of all the weeks together, `off` what the real total
    lacks of it in standard deviations.
    """
    real, h = calibration.history.conversions, one.horizon
    known, seen = calibration.history.own.conversions[:-h], real[-h:]
    made, total_spread = forecast(calibration, one)
    rivals = {"constant": constant(known, h), "seasonal": seasonal(real[:-h], h)}
    mean = float(seen.mean()) or 1.0
    scores = made.crps(seen)
    found: dict[str, Any] = {
        "horizon": h,
        "first_week": calibration.history.weeks[-h].isoformat(),
        "mape": error(seen, made.mean),
        "crps": float(scores.mean()) / mean,
    }
    for name, rival in rivals.items():
        theirs = None if rival is None else rival.crps(seen)
        found[f"mape_{name}"] = None if rival is None else error(seen, rival.mean)
        found[f"crps_{name}"] = None if theirs is None else float(theirs.mean()) / mean
        more, errors = (0.0, 0.0) if theirs is None else worse_by(scores, theirs)
        found[f"worse_than_{name}"] = None if theirs is None else more
        found[f"worse_than_{name}_errors"] = None if theirs is None else errors
    total, expected = float(seen.sum()), float(made.mean.sum())
    return {
        **found,
        **{f"cover_{round(100 * level)}": made.covered(seen, level) for level in LEVELS},
        "total": total,
        "total_expected": expected,
        "total_spread": total_spread,
        "off": (total - expected) / max(total_spread, 1e-12),
        "weeks": _weeks(calibration, made, h),
    }


def _weeks(calibration: Judged, made: Forecast, h: int) -> list[dict[str, Any]]:
    """Each week that was foretold: `week, conversions, expected, spread`."""
    weeks, real = calibration.history.weeks[-h:], calibration.history.conversions[-h:]
    columns = (real.tolist(), made.mean.tolist(), made.spread.tolist())
    return [
        {"week": week.isoformat(), "conversions": x, "expected": mean, "spread": spread}
        for week, x, mean, spread in zip(weeks, *columns, strict=True)
    ]


def forecast(calibration: Judged, one: Foretold) -> tuple[Forecast, float]:
    """The market of a fit in the weeks that it has not seen, and the spread of their total.

    Normal around its mean: what its parameters may still be, by the slopes of the weeks in them,
    and the noise of the weeks before, with its persistence.
    """
    real, answer, h = calibration.history.conversions, one.posterior.answer, one.horizon
    slopes = _slopes(calibration, one)[-h:]
    unknown = slopes @ one.posterior.covariance @ slopes.T
    variance, echo = noise(real[:-h] - answer.conversions[:-h])
    lag = np.abs(np.subtract.outer(np.arange(h), np.arange(h)))
    noisy = unknown + variance * echo**lag
    made = Forecast(answer.conversions[-h:], np.sqrt(np.diag(noisy)))
    return made, float(noisy.sum()) ** 0.5


def noise(left: Floats) -> tuple[float, float]:
    """Variance of what weeks lack of a market, and its persistence from week to week."""
    size = float(left @ left)
    if size <= 0.0:
        return 0.0, 0.0
    echo = float(left[1:] @ left[:-1]) / size
    return size / len(left), float(np.clip(echo, 0.0, MOST_PERSISTENT))


def _slopes(calibration: Judged, one: Foretold) -> Floats:
    """How conversions of each week move with each parameter [W, K]."""
    found = np.array([(x.above.conversions - x.below.conversions) / x.gap for x in one.slopes]).T
    grown = calibration.problem.grown(one.posterior.theta - one.start)
    return np.asarray(found * grown)
