"""Data-driven credit from time-decayed exposure to each channel."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.errors import one_of, positive
from attribution.incremental import Incremental, by_moment
from attribution.shared import games
from attribution.shared.exposure_history import Pairs, Panel, watch
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats


@dataclass(eq=False)
class Logistic(Incremental):
    """Time-decayed exposure, credited by what the conversion would lose without it.

    x = log(1 + s) by channel with s = Σ over touches of 2^(−age / half-life), or s itself with
    response `linear`. So touches multiply the rate: right where they raise a goodwill that adds to
    the log odds of buying (`linear`), wrong where each brings conversions of its own (`Hazard`).
    credit: `removal` (what each channel's absence alone costs, scaled to the increment of all
    together), `shapley` (Shapley value of the rate), or `last_ad` (the last touch's channel gets
    what that one touch adds; all else is baseline). penalty: ridge on the slopes.
    """

    half_life_days: float = 7.0
    credit: str = "removal"
    penalty: float = 1e-6
    step_days: float = 7.0
    outcome: str = "order"
    response: str = "log"

    def _panel(self, log: JourneyLog | Paths) -> Panel:
        one_of("credit", self.credit, ("removal", "shapley", "last_ad"))
        one_of("response", self.response, ("log", "linear"))
        positive("half_life_days", self.half_life_days)
        return watch(
            log,
            outcome=self.outcome,
            memory_days=6.0 * self.half_life_days,
            step_days=self.step_days,
            model="logistic",
        )

    def _features(self, pairs: Pairs, moments: int, channels: int) -> Any:
        met = self._exposure(pairs, moments, channels)
        met.data = self._responded(met.data)
        return met

    def _exposure(self, pairs: Pairs, moments: int, channels: int) -> Any:
        return by_moment(pairs, np.exp2(-pairs.age / self.half_life_days), moments, channels)

    def _responded(self, exposure: Floats) -> Floats:
        return np.log1p(exposure) if self.response == "log" else exposure

    def _shares(self, panel: Panel, met: Any, slopes: Floats) -> Floats:
        parts = met.toarray() * slopes
        if self.credit == "shapley":
            return shapley_shares(parts)
        if self.credit == "removal":
            return removal_shares(parts)
        return self._last_ad(panel.at_conversions, parts.shape, slopes)

    def _last_ad(self, pairs: Pairs, shape: tuple[int, int], slopes: Floats) -> Floats:
        last = pairs.latest
        moment, channel = pairs.moment[last], pairs.channel[last]
        exposure = self._exposure(pairs, *shape).toarray()[moment, channel]
        without = np.maximum(exposure - np.exp2(-pairs.age[last] / self.half_life_days), 0.0)
        added = self._responded(exposure) - self._responded(without)
        shares = np.zeros(shape)
        shares[moment, channel] = -np.expm1(-slopes[channel] * added)
        return shares


def removal_shares(parts: Floats) -> Floats:
    """What taking each channel away alone costs, scaled to the increment of all, over the rate."""
    alone = -np.expm1(-parts)
    whole = -np.expm1(-parts.sum(axis=1))
    total = alone.sum(axis=1)
    # Losses of opposite signs may cancel, and scaling would then blow them up: leave them alone.
    sound = np.abs(total) > 0.1 * np.abs(alone).sum(axis=1)
    scale = np.divide(whole, total, out=np.ones_like(whole), where=sound)
    return np.asarray(alone * np.maximum(scale, 0.0)[:, None])


def shapley_shares(parts: Floats) -> Floats:
    """Shapley value of each row's rate over its channels with a part, as shares of the rate."""
    shares = np.zeros_like(parts)
    active = parts != 0
    counts = active.sum(axis=1)
    games.refuse_many(int(counts.max(initial=0)), "shorten the window, or merge channels")
    for count in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == count)
        columns = np.nonzero(active[rows])[1].reshape(-1, count)
        own = parts[rows[:, None], columns]
        shares[rows[:, None], columns] = games.additive_shapley(np.exp, -own.sum(axis=1), own)
    return shares
