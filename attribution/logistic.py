"""Data-driven credit: a logistic model of the chance of a conversion on a day."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution import games, logit
from attribution.base import AttributionModel
from attribution.errors import one_of, positive
from attribution.panel import Pairs, Panel, watch
from journeys import JourneyLog, Paths
from journeys.paths import Floats, Ints


@dataclass(eq=False)
class Incremental(AttributionModel):
    """Credit from a fitted chance of conversion; what would have happened anyway is baseline.

    A discrete-time hazard: odds of a conversion on a day = exp(intercept + slopes · x) with
    exposures x of that visitor on that day. Days are the conversions and, for all others, every
    visitor every `step_days`, counted `step_days` times; so a visitor who has met nothing counts
    as well. A conversion's share p(0) / p(x) is baseline, the rest belongs to channels. Credit may
    be negative. Needs visitors and times: paths and path tables are refused. `coefficients_`
    holds intercept and slopes.
    """

    coefficients_: pd.Series = field(init=False, repr=False)

    @abstractmethod
    def _panel(self, log: JourneyLog | Paths) -> Panel: ...

    @abstractmethod
    def _exposure(self, pairs: Pairs, moments: int, channels: int) -> Any:
        """Features, moment × channel, sparse."""

    @abstractmethod
    def _shares(self, panel: Panel, parts: Floats, intercept: float) -> Floats:
        """Each conversion's shares by channel, from the parts of its log odds."""

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from a log of touches and conversions; returns self."""
        panel = self._panel(log)
        channels, goals = len(panel.channels), len(panel.value)
        met = self._exposure(panel.at_conversions, goals, channels)
        intercept, slopes = logit.fit(self._rows(panel, met))
        names = pd.Index(["(intercept)", *panel.channels], name="channel")
        self.coefficients_ = pd.Series([intercept, *slopes], index=names)
        shares = np.zeros((goals, channels))
        if np.isfinite(intercept):
            shares = self._shares(panel, met.toarray() * slopes, intercept)
        earned = np.stack([np.ones(goals), panel.value], axis=1)
        self._settle(panel.channels, shares.T @ earned, panel.total)
        return self

    def _rows(self, panel: Panel, met: Any) -> logit.Rows:
        """Conversions, instants at which something had been met, and all others as one row."""
        from scipy import sparse

        step = float(getattr(self, "step_days", 1.0))
        between = self._exposure(panel.at_instants, panel.seen, len(panel.channels))
        nothing = sparse.csr_array((1, len(panel.channels)))
        goals = len(panel.value)
        return logit.Rows(
            features=sparse.vstack([met, between, nothing]).tocsr(),
            wins=np.concatenate([np.ones(goals), np.zeros(panel.seen + 1)]),
            losses=step * np.concatenate([np.zeros(goals), np.ones(panel.seen), [panel.unseen]]),
            penalty=float(getattr(self, "penalty", 0.0)),
        )


@dataclass(eq=False)
class Logistic(Incremental):
    """Time-decayed exposure, credited by what the conversion would lose without it.

    x = log(1 + Σ over touches of 2^(−age / half-life)) by channel. credit: `removal` (what each
    channel's absence alone costs, scaled to the increment of all together), `shapley` (Shapley
    value of the chance), or `last_ad` (the last touch's channel gets what that one touch adds;
    all else is baseline). penalty: ridge on the slopes.
    """

    half_life_days: float = 7.0
    credit: str = "removal"
    penalty: float = 1e-6
    step_days: float = 7.0
    outcome: str = "order"

    def _panel(self, log: JourneyLog | Paths) -> Panel:
        one_of("credit", self.credit, ("removal", "shapley", "last_ad"))
        positive("half_life_days", self.half_life_days)
        return watch(
            log,
            outcome=self.outcome,
            memory_days=6.0 * self.half_life_days,
            step_days=self.step_days,
            model="logistic",
        )

    def _exposure(self, pairs: Pairs, moments: int, channels: int) -> Any:
        met = _by_moment(pairs, np.exp2(-pairs.age / self.half_life_days), moments, channels)
        met.data = np.log1p(met.data)
        return met

    def _shares(self, panel: Panel, parts: Floats, intercept: float) -> Floats:
        if self.credit == "shapley":
            return shapley_shares(parts, intercept)
        if self.credit == "removal":
            return removal_shares(parts, intercept)
        return self._last_ad(panel.at_conversions, parts, intercept)

    def _last_ad(self, pairs: Pairs, parts: Floats, intercept: float) -> Floats:
        last = pairs.latest
        moment, channel = pairs.moment[last], pairs.channel[last]
        slope = self.coefficients_.to_numpy()[1:][channel]
        met = self._exposure(pairs, *parts.shape).toarray()[moment, channel]
        without = np.expm1(met) - np.exp2(-pairs.age[last] / self.half_life_days)
        full = intercept + parts[moment].sum(axis=1)
        less = full + slope * (np.log1p(np.maximum(without, 0.0)) - met)
        shares = np.zeros_like(parts)
        shares[moment, channel] = 1.0 - logit.sigmoid(less) / logit.sigmoid(full)
        return shares


@dataclass(eq=False)
class ShapleyIncremental(Incremental):
    """Shapley value of the predicted chance of conversion, above the chance without any touch.

    v(S) is the chance that a logistic model of presence (channels met in the last `window_days`)
    predicts for a visitor who met only S; each conversion is split by the Shapley value of its
    own game, v(∅) of it is baseline (causally motivated, Dalessandro et al. 2012).
    """

    window_days: float = 30.0
    penalty: float = 1e-6
    step_days: float = 7.0
    outcome: str = "order"

    def _panel(self, log: JourneyLog | Paths) -> Panel:
        positive("window_days", self.window_days)
        return watch(
            log,
            outcome=self.outcome,
            memory_days=self.window_days,
            step_days=self.step_days,
            model="shapley_incremental",
        )

    def _exposure(self, pairs: Pairs, moments: int, channels: int) -> Any:
        met = _by_moment(pairs, np.ones(len(pairs.age)), moments, channels)
        met.data = np.minimum(met.data, 1.0)
        return met

    def _shares(self, panel: Panel, parts: Floats, intercept: float) -> Floats:
        return shapley_shares(parts, intercept)


def _by_moment(pairs: Pairs, weight: Floats, moments: int, channels: int) -> Any:
    """Weights of touches summed by moment and channel, sparse."""
    from scipy import sparse

    cells = (weight, (pairs.moment, pairs.channel))
    return sparse.coo_array(cells, shape=(moments, channels)).tocsr()


def removal_shares(parts: Floats, intercept: float) -> Floats:
    """What taking each channel away alone costs, scaled to the increment of all, over p."""
    full = intercept + parts.sum(axis=1)
    chance = logit.sigmoid(full)
    alone = chance[:, None] - logit.sigmoid(full[:, None] - parts)
    whole = chance - logit.sigmoid(np.full_like(full, intercept))
    total = alone.sum(axis=1)
    # Losses of opposite signs may cancel, and scaling would then blow them up: leave them alone.
    sound = np.abs(total) > 0.1 * np.abs(alone).sum(axis=1)
    scale = np.divide(whole, total, out=np.ones_like(whole), where=sound)
    return np.asarray(alone * np.maximum(scale, 0.0)[:, None] / chance[:, None])


def shapley_shares(parts: Floats, intercept: float) -> Floats:
    """Shapley value of each row's chance over its channels with a part, over the chance of all."""
    shares = np.zeros_like(parts)
    active = parts != 0
    counts = active.sum(axis=1)
    games.refuse_many(int(counts.max(initial=0)), "shorten the window, or merge channels")
    for count in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == count)
        columns = _active_columns(active[rows], int(count))
        own = parts[rows[:, None], columns]
        base = np.full(len(rows), intercept)
        chance = logit.sigmoid(base + own.sum(axis=1))
        values = games.additive_shapley(logit.sigmoid, base, own)
        shares[rows[:, None], columns] = values / chance[:, None]
    return shares


def _active_columns(active: NDArray[np.bool_], count: int) -> Ints:
    return np.nonzero(active)[1].reshape(-1, count)
