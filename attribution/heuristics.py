"""Rules: credit by place in the journey, whatever the data say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.base import TouchModel
from attribution.errors import AttributionError, one_of, positive
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats, Ints

CLICKS = ("click", "visit", "download", "cart", "call")
"""Touches that a visitor made, unlike those that were sent or shown."""


@dataclass(eq=False)
class First(TouchModel):
    """All credit to the first touch."""

    def _weights(self, paths: Paths) -> Floats:
        return _at(paths, paths.start[:-1])


@dataclass(eq=False)
class Last(TouchModel):
    """All credit to the last touch."""

    def _weights(self, paths: Paths) -> Floats:
        return _at(paths, paths.start[1:] - 1)


LastTouch = Last


@dataclass(eq=False)
class FirstNonDirect(First):
    """All credit to the first touch that is not `direct`, taken out before unless it is alone."""

    direct: str = "direct"

    def _prepared(self, paths: Paths) -> Paths:
        return paths.without(self.direct)


@dataclass(eq=False)
class LastNonDirect(Last):
    """All credit to the last touch that is not `direct`, taken out before unless it is alone."""

    direct: str = "direct"

    def _prepared(self, paths: Paths) -> Paths:
        return paths.without(self.direct)


@dataclass(eq=False)
class LastClick(LastNonDirect):
    """What web analytics report: the last visit that was not `direct`, seen ads not counted.

    Only what visitors did counts (`CLICKS`). A path table does not tell; there every step counts.
    """

    def cut(self, log: JourneyLog, *, lookback_days: float | None = None) -> Paths:
        """The paths of clicks and visits."""
        if not log.has_times:
            return log.paths(lookback_days=lookback_days)
        return log.paths(lookback_days=lookback_days, kinds=CLICKS)


@dataclass(eq=False)
class Linear(TouchModel):
    """Equal credit to every touch, or (`by="channel"`) to every distinct channel of a journey.

    By channel, a channel's share is split evenly among its touches in the journey.
    """

    by: str = "touch"

    def _weights(self, paths: Paths) -> Floats:
        one_of("by", self.by, ("touch", "channel"))
        if self.by == "touch":
            return np.repeat(1.0 / paths.lengths, paths.lengths)
        journey, repeats = paths.journey, channel_repeats(paths)
        distinct = np.bincount(journey, 1.0 / repeats, len(paths))
        return (1.0 / repeats) / distinct[journey]


@dataclass(eq=False)
class TimeDecay(TouchModel):
    """Credit halves with every half-life between touch and conversion: 2^(−age / half-life).

    Needs times, so a path table is refused. Shares only depend on the differences of age within
    a journey, therefore a journey long ago is split as well as a fresh one.
    """

    half_life_days: float = 7.0

    def _weights(self, paths: Paths) -> Floats:
        positive("half_life_days", self.half_life_days)
        if paths.age is None:
            raise AttributionError(
                "time decay: these paths know no times; fit it on a log of touches or events."
            )
        youngest = np.repeat(paths.age[paths.start[1:] - 1], paths.lengths)
        return normalised(paths, np.exp2((youngest - paths.age) / self.half_life_days))


@dataclass(eq=False)
class Positions(TouchModel):
    """Shares for the first and the last touch, the rest spread evenly over those between.

    Journeys of one touch give it all; of two, first and last share in proportion.
    """

    first: float = 0.4
    last: float = 0.4

    def _weights(self, paths: Paths) -> Floats:
        if min(self.first, self.last) < 0 or not 0 < self.first + self.last <= 1:
            raise AttributionError(
                f"first, last: {self.first!r} and {self.last!r} are no shares; "
                "give two that are not negative and add up to at most 1."
            )
        length = np.repeat(paths.lengths, paths.lengths)
        middle = (1.0 - self.first - self.last) / np.maximum(length - 2, 1)
        weights = np.where(length > 2, middle, 0.0)
        weights[paths.start[:-1]] = self.first
        weights[paths.start[1:] - 1] = self.last
        weights[paths.start[:-1][paths.lengths == 1]] = 1.0
        return normalised(paths, weights)


@dataclass(eq=False)
class UShaped(Positions):
    """40 % to the first touch, 40 % to the last, 20 % between; two touches share evenly."""


@dataclass(eq=False)
class JShaped(Positions):
    """20 % to the first touch, 60 % to the last, 20 % between; two touches share 1 : 3."""

    first: float = 0.2
    last: float = 0.6


@dataclass(eq=False)
class InverseJ(Positions):
    """60 % to the first touch, 20 % to the last, 20 % between; two touches share 3 : 1."""

    first: float = 0.6
    last: float = 0.2


@dataclass(eq=False)
class WShaped(TouchModel):
    """30 % each to the first, the middle and the last touch, 10 % to the others.

    The middle of n touches is number ⌈n / 2⌉. One touch gets all, two share evenly, three evenly.
    """

    def _weights(self, paths: Paths) -> Floats:
        length = paths.lengths
        rest = np.repeat(np.where(length > 3, 0.1 / np.maximum(length - 3, 1), 0.0), length)
        for place in (paths.start[:-1], paths.start[:-1] + (length - 1) // 2, paths.start[1:] - 1):
            rest[place] = 0.3
        return normalised(paths, rest)


@dataclass(eq=False)
class CustomWeights(TouchModel):
    """Credit in proportion to `weigh(position, length)`: arrays, one entry per touch.

    Positions count from 0. The weights of a journey are scaled to add up to one; they must not
    be negative nor all zero.
    """

    weigh: Callable[[Ints, Ints], Floats]

    def _weights(self, paths: Paths) -> Floats:
        lengths = np.repeat(paths.lengths, paths.lengths)
        position = np.arange(len(lengths)) - np.repeat(paths.start[:-1], paths.lengths)
        weights = np.asarray(self.weigh(position, lengths), dtype=np.float64)
        if weights.shape != lengths.shape or not np.all(weights >= 0):
            raise AttributionError(
                f"weigh: it gave shape {weights.shape} for {len(lengths)} touches, or a negative "
                "weight; give one number of zero or more per touch."
            )
        return normalised(paths, weights)


@dataclass(eq=False)
class Participation(TouchModel):
    """Every channel of a journey gets the whole conversion: counts overlap and exceed the total.

    A channel's credit is split evenly among its touches in the journey.
    """

    efficient: ClassVar[bool] = False

    def _weights(self, paths: Paths) -> Floats:
        return 1.0 / channel_repeats(paths)


def channel_repeats(paths: Paths) -> Ints:
    """For each touch, how many touches of its journey are of its channel."""
    pair = paths.journey * max(len(paths.channels), 1) + paths.channel
    inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)[1:]
    return np.asarray(counts[inverse])


def normalised(paths: Paths, weights: Floats) -> Floats:
    """Weights scaled to add up to one in every journey."""
    journey = paths.journey
    total = np.bincount(journey, weights, len(paths))
    if not np.all(total > 0):
        raise AttributionError(
            "weights: those of a journey are all zero, so its conversion would be lost; "
            "give at least one touch of every journey a positive weight."
        )
    return np.asarray(weights / total[journey])


def _at(paths: Paths, place: Ints) -> Floats:
    weights = np.zeros(len(paths.channel))
    weights[place] = 1.0
    return weights
