"""Marketing-mix style: weekly aggregates against saturating, carried-over media."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from attribution.base import AttributionModel
from attribution.errors import AttributionError
from journeys import CONVERSION_KINDS, JourneyLog, Paths, weighted_counts
from tiermix.core.arrays import Floats

WEEK = 7 * 86_400_000_000  # microseconds
CARRY_OVERS = (0.0, 0.3, 0.6, 0.8)
HALVES = (0.5, 1.0, 2.0, np.inf)


@dataclass(eq=False)
class Mix(AttributionModel):
    """Weekly outcomes = base + Σ over channels of β · f(carried-over media), β ≥ 0.

    Media carry over geometrically, A_t = (1 − ρ) x_t + ρ A_{t−1}, and saturate, f(A) = A / (h + A)
    (Jin et al. 2017 with shape 1), h a multiple of the channel's mean. ρ and h are chosen on a
    grid, channel by channel, by least squares; β and base by non-negative least squares with a
    ridge. What the channels' terms add up to is their credit, the rest is baseline.

    ledger: spend as `date, channel, spend`; without one, weekly touches stand in for spend.
    Credit for value splits each channel's conversions at their mean value. `curves_` holds β, ρ
    and h by channel, `weeks_` the weekly outcomes and fit. Needs times: path tables are refused.
    """

    ledger: pd.DataFrame | None = None
    outcome: str = "order"
    penalty: float = 1e-3
    sweeps: int = 2
    curves_: pd.DataFrame = field(init=False, repr=False)
    weeks_: pd.DataFrame = field(init=False, repr=False)

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from the weekly sums of a log; returns self."""
        if isinstance(log, Paths) or not log.has_times:
            raise AttributionError(
                "mix: paths do not tell weeks; fit it on a log of touches and conversions."
            )
        goals = log.conversions[log.conversions["kind"] == self.outcome]
        if self.outcome not in CONVERSION_KINDS:
            raise AttributionError(f"outcome: {self.outcome!r} is none of {CONVERSION_KINDS}.")
        total = (float(len(goals)), float(goals["value"].sum()))
        first = _first_week(log)
        bought = _weekly(goals["time"], np.ones(len(goals)), first)
        media = self._media(log, first)
        weeks = max(len(bought), len(media))
        bought, media = _padded(bought, weeks), _padded(media, weeks)
        curves = _Curves.fitted(media, bought, self.penalty, self.sweeps)
        caused = curves.terms(media).sum(axis=0)
        # Least squares may predict a little more than there was; more than all cannot be credited.
        caused = caused * min(1.0, total[0] / max(caused.sum(), 1e-300))
        self.curves_ = curves.to_frame(log.channels)
        self.weeks_ = pd.DataFrame(
            {"outcomes": bought, "fitted": curves.base + curves.terms(media).sum(axis=1)}
        )
        mean_value = total[1] / total[0] if total[0] else 0.0
        self._settle(log.channels, np.stack([caused, caused * mean_value], axis=1), total)
        return self

    def _media(self, log: JourneyLog, first: int) -> Floats:
        """Spend, or touches, by week and channel."""
        if self.ledger is None:
            time, amount = log.touches["time"], np.ones(len(log.touches))
            channel = log.touches["channel"]
        else:
            known = self.ledger[self.ledger["channel"].isin(log.channels)]
            time = pd.to_datetime(known["date"]).astype("datetime64[us]")
            amount, channel = known["spend"].to_numpy(dtype=np.float64), known["channel"]
        codes = pd.Categorical(channel, categories=list(log.channels)).codes
        columns = [
            _weekly(time[codes == code], amount[codes == code], first)
            for code in range(len(log.channels))
        ]
        longest = max((len(column) for column in columns), default=0)
        return (
            np.stack([_padded(c, longest) for c in columns], axis=1)
            if columns
            else np.zeros((0, 0))
        )


@dataclass(frozen=True, eq=False)
class _Curves:
    """β, ρ and h by channel, and the base."""

    base: float
    slope: Floats
    carry_over: Floats
    half: Floats

    @classmethod
    def fitted(cls, media: Floats, outcome: Floats, penalty: float, sweeps: int) -> "_Curves":
        """Coordinate descent over the grid of carry-overs and half-saturations."""
        channels = media.shape[1]
        carry, half = np.zeros(channels), np.full(channels, np.inf)
        features = np.stack([_bent(x, 0.0, np.inf) for x in media.T], axis=1) if channels else media
        loss, slopes = _regression(features, outcome, penalty)
        for channel in np.tile(np.flatnonzero(media.any(axis=0)), sweeps):
            for rho in CARRY_OVERS:
                for h in HALVES:
                    trial = features.copy()
                    trial[:, channel] = _bent(media[:, channel], rho, h)
                    new, new_slopes = _regression(trial, outcome, penalty)
                    if new < loss * (1.0 - 1e-9):
                        loss, slopes, features = new, new_slopes, trial
                        carry[channel], half[channel] = rho, h
        return cls(float(slopes[0]), slopes[1:], carry, half)

    def terms(self, media: Floats) -> Floats:
        """What each channel adds in each week."""
        bent = [_bent(x, r, h) for x, r, h in zip(media.T, self.carry_over, self.half, strict=True)]
        return np.stack(bent, axis=1) * self.slope if bent else media

    def to_frame(self, channels: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(
            {"slope": self.slope, "carry_over": self.carry_over, "half": self.half},
            index=pd.Index(channels, name="channel", dtype=object),
        )


def _bent(media: Floats, carry_over: float, half: float) -> Floats:
    """Media relative to their mean, carried over and saturated; infinite half: straight."""
    mean = media.mean() if len(media) else 0.0
    if not mean > 0:
        return np.zeros_like(media)
    carried, stock = np.empty_like(media), media[0] / mean
    for week, amount in enumerate(media / mean):
        stock = (1.0 - carry_over) * amount + carry_over * stock
        carried[week] = stock
    return carried if np.isinf(half) else carried / (half + carried)


def _regression(features: Floats, outcome: Floats, penalty: float) -> tuple[float, Floats]:
    """Non-negative least squares with base and ridge: loss, and base followed by slopes."""
    from scipy.optimize import nnls

    scale = outcome.mean() if len(outcome) and outcome.mean() > 0 else 1.0
    columns = features.shape[1]
    ridge = np.sqrt(penalty * max(len(outcome), 1)) * np.eye(columns)
    design = np.block([[np.ones((len(outcome), 1)), features], [np.zeros((columns, 1)), ridge]])
    target = np.concatenate([outcome / scale, np.zeros(columns)])
    slopes, residual = nnls(design, target)
    return float(residual), slopes * scale


def _first_week(log: JourneyLog) -> int:
    starts = [t["time"].min() for t in (log.touches, log.conversions) if len(t)]
    return (
        int(min(starts).to_datetime64().astype("datetime64[us]").astype(np.int64)) if starts else 0
    )


def _weekly(time: pd.Series, amount: Floats, first: int) -> Floats:
    """Sums by week since the first; what lies before counts to the first week."""
    week = (time.to_numpy().astype("datetime64[us]").view(np.int64) - first) // WEEK
    week = np.maximum(week, 0)
    return weighted_counts(week, amount, int(week.max(initial=-1)) + 1)


def _padded(columns: Floats, weeks: int) -> Floats:
    missing = weeks - len(columns)
    return np.concatenate([columns, np.zeros((missing, *columns.shape[1:]))])
