"""Weeks that the fitted market misses, by date, with what is known to be special about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from experiments.calibration.health.special_days import special_days
from experiments.calibration.history import WEEK
from experiments.calibration.judged import Judged
from tiermix.core.arrays import Floats

FAR = 3.0
"""Robust standard deviations between a week and the fitted market that name it."""
BY_CHANCE = 0.0027
"""Share of weeks beyond them that the normal law has."""
TO_NORMAL = 1.4826
"""Median absolute deviations to a standard deviation, for the normal law."""
UNUSUAL = 2.0
SHORT = dt.timedelta(28)
"""Seasons that last longer than this say nothing of a single week."""


def misfit_weeks(calibration: Judged) -> list[dict[str, Any]]:
    """`week, conversions, fitted, off, special[]` of the weeks that are off, the worst first.

    `off` is in robust standard deviations of what all weeks lack of the fitted market.
    """
    real, fitted = calibration.history.conversions, calibration.whole.answer.conversions
    off = deviations(real - fitted)
    worst = [n for n in np.argsort(-np.abs(off)).tolist() if abs(off[n]) > FAR]
    return [
        {
            "week": calibration.history.weeks[n].isoformat(),
            "conversions": float(real[n]),
            "fitted": float(fitted[n]),
            "off": float(off[n]),
            "special": special(calibration, n),
        }
        for n in worst
    ]


def deviations(left: Floats) -> Floats:
    """Each value less the median, in robust standard deviations; 0 where all are the same."""
    away = left - np.median(left)
    spread = TO_NORMAL * float(np.median(np.abs(away)))
    return np.asarray(away / spread) if spread > 0 else np.zeros(len(left))


def special(calibration: Judged, week: int) -> list[str]:
    """Holidays, seasons of the scenario and unusual controls of a week."""
    first = calibration.history.weeks[week]
    seasons = [
        season.name
        for season in calibration.base.seasons
        if season.end - season.start < SHORT and season.start < first + WEEK and first <= season.end
    ]
    controls = [
        found
        for name, values in calibration.history.controls.items()
        if (found := _unusual(name, values, week))
    ]
    return list(dict.fromkeys([*special_days(first), *seasons, *controls]))


def _unusual(name: str, values: Floats, week: int) -> str:
    """A control that is on, or far from where it mostly is; '' where it is as usual."""
    value = values[week]
    known = values[np.isfinite(values)]
    if not np.isfinite(value) or not len(known):
        return ""
    if set(known.tolist()) <= {0.0, 1.0}:
        return name if value else ""
    spread = float(known.std())
    off = (value - known.mean()) / spread if spread > 0 else 0.0
    return f"{name} {'high' if off > 0 else 'low'}" if abs(off) > UNUSUAL else ""
