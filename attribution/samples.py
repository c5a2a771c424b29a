"""Small logs to try models on."""

import numpy as np
import pandas as pd

from journeys import JourneyLog, from_codes
from tiermix.core.arrays import Floats, Ints

CHANNELS = ("search", "video", "email", "direct")
START = pd.Timestamp("2025-01-06")


def sample_log(
    visitors: int = 300, *, channels: tuple[str, ...] = CHANNELS, days: int = 120, seed: int = 0
) -> JourneyLog:
    """A log of visitors with some touches each, no two at one time, of whom some order.

    Later channels convert worse; every tenth visitor orders without a touch.
    """
    random = np.random.default_rng(seed)
    visitor = np.repeat(np.arange(visitors), random.integers(1, 7, visitors))
    channel = random.integers(len(channels), size=len(visitor))
    minute = random.choice(days * 1440, size=len(visitor), replace=False)
    pull = np.linspace(0.3, 0.05, len(channels))[channel]
    won = random.random(len(visitor)) < pull
    loose = np.arange(0, visitors, 10)
    touches = pd.DataFrame(
        {
            "visitor_id": _names(visitor),
            "time": _times(minute),
            "channel": from_codes(channel, pd.Index(channels, dtype=object)),
            "kind": "visit",
        }
    )
    ordered = np.concatenate([visitor[won], loose + visitors])
    when = np.concatenate(
        [minute[won] + 600.5, random.integers(days * 1440, size=len(loose)) + 0.25]
    )
    conversions = pd.DataFrame(
        {
            "visitor_id": _names(ordered),
            "time": _times(when),
            "kind": "order",
            "value": random.gamma(2.0, 40.0, len(ordered)),
        }
    )
    return JourneyLog(touches, conversions)


def _names(visitor: Ints) -> list[str]:
    return [f"visitor {number}" for number in visitor]


def _times(minutes: Ints | Floats) -> pd.DatetimeIndex:
    return START + pd.to_timedelta(np.asarray(minutes) * 60.0, unit="s")
