"""Shapley attribution with its value function named."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attribution.base import MEASURES, PathModel
from attribution.errors import AttributionError, one_of
from attribution.shared import games
from journeys import Paths, weighted_counts
from tiermix.core.arrays import Floats, Ints

VALUES = ("conversions", "rate", "ordered")


@dataclass(eq=False)
class Shapley(PathModel):
    """Shapley value of the channels in a game whose value function is `value`.

    `conversions`: v(S) is what journeys earned that met no channel outside S. Its Shapley value
    has a closed form: each journey is shared evenly by its distinct channels (Zhao, Mahboobi and
    Bagheri 2018, simplified). `rate`: in the game of each set T of channels, v(S) is the
    conversion rate of the journeys that met exactly S, 0 where there were none; the journeys of T
    count as often as they were travelled (Dalessandro et al. 2012 in the form that practice
    uses). `ordered`: like `rate`, but sets are sequences of first meetings, and sub-coalitions
    keep their order.

    samples: number of random orders in place of all coalitions, for `rate` with more than 20
    channels; then `standard_error_` holds the sampling error. No value function depends on names.
    """

    value: str = "conversions"
    samples: int | None = None
    seed: int = 0
    standard_error_: pd.DataFrame = field(init=False, repr=False)

    @staticmethod
    def digest(paths: Paths) -> Paths:
        """Sequences of first meetings: no value function sees more."""
        return distinct(paths)

    def _learn(self, paths: Paths) -> None:
        one_of("value", self.value, VALUES)
        met = distinct(paths)
        error = np.zeros((len(paths.channels), len(MEASURES)))
        if self.value == "conversions":
            credit = evenly(met)
        elif self.value == "ordered":
            credit = _ordered_rate(met)
        elif self.samples is None:
            credit = _rate(met)
        else:
            credit, error = _sampled_rate(met, self.samples, self.seed)
        self._settle_paths(paths, credit)
        self.standard_error_ = self.credit_ * 0.0 + error


def distinct(paths: Paths) -> Paths:
    """Journeys reduced to the first meeting with each channel, equal ones counted together."""
    count = max(len(paths.channels), 1)
    _, first = np.unique(paths.journey * count + paths.channel, return_index=True)
    keep = np.zeros(len(paths.channel), dtype=bool)
    keep[first] = True
    return paths.keep_touches(keep).grouped()


def evenly(met: Paths) -> Floats:
    """Each journey shared evenly by its distinct channels: channel × measure."""
    share = np.repeat(1.0 / np.maximum(met.lengths, 1), met.lengths)
    journey, count = met.journey, len(met.channels)
    sums = [
        weighted_counts(met.channel, share * m[journey], count)
        for m in (met.conversions, met.value)
    ]
    return np.stack(sums, axis=1)


def masks(met: Paths) -> Ints:
    """The set of channels of each journey as a bitmask."""
    bits = np.left_shift(np.int64(1), met.channel)
    return np.bitwise_or.reduceat(bits, met.start[:-1]) if len(met) else np.zeros(0, np.int64)


def _by_set(met: Paths) -> tuple[Ints, Floats, Floats]:
    """Observed sets, journeys of each, and their conversions and value (set × measure)."""
    sets, place = np.unique(masks(met), return_inverse=True)
    travelled = weighted_counts(place, met.weight, len(sets))
    earned = [weighted_counts(place, m, len(sets)) for m in (met.conversions, met.value)]
    return sets, travelled, np.stack(earned, axis=1)


def _rate(met: Paths) -> Floats:
    """Exact for up to 20 channels, by dividends: φ_i(T) = Σ over i ∈ S ⊆ T of dividend(S) / |S|."""
    players = len(met.channels)
    games.refuse_many(players, "set samples=1000 to estimate them from random orders")
    sets, travelled, earned = _by_set(met)
    worth = np.zeros((1 << players, len(MEASURES)))
    worth[sets] = earned / np.maximum(travelled, 1e-300)[:, None]
    share = games.dividends(worth) / np.maximum(games.sizes(players), 1)[:, None]
    count = np.where(earned[:, 0] > 0, travelled, 0.0)
    coalition = np.arange(1 << players)
    credit = np.zeros((players, len(MEASURES)))
    for player in range(players):
        mine = np.where((coalition >> player & 1 == 1)[:, None], share, 0.0)
        credit[player] = count @ games.subset_sums(mine)[sets]
    return credit


def _sampled_rate(met: Paths, samples: int, seed: int) -> tuple[Floats, Floats]:
    """Random orders of joining, the same for all sets: credit and its standard error."""
    if len(met.channels) > 62:
        raise AttributionError(
            f"channels: {len(met.channels)} are more than the 62 that one mask holds; merge some."
        )
    sets, travelled, earned = _by_set(met)
    rate = earned / np.maximum(travelled, 1e-300)[:, None]
    count = np.where(earned[:, 0] > 0, travelled, 0.0)

    def worth(coalitions: Ints) -> Floats:
        return np.stack([count @ _looked_up(sets, rate, sets & c) for c in coalitions])

    return games.sampled_shapley(worth, len(met.channels), samples, seed)


def _looked_up(known: Ints, values: Floats, wanted: Ints) -> Floats:
    """The values of keys, zero where a key is not known."""
    if not len(known):
        return np.zeros((*wanted.shape, *values.shape[1:]))
    place = np.searchsorted(known, wanted).clip(0, len(known) - 1)
    found = known[place] == wanted
    return np.where(found[..., None], values[place], 0.0)


def _ordered_rate(met: Paths) -> Floats:
    """The game of each sequence over its subsequences, all sequences of one length together."""
    longest = int(met.lengths.max(initial=0))
    games.refuse_many(longest, "cut journeys with lookback_days, or use value='rate'")
    keys = _sequence_keys(met)
    order = np.argsort(keys)
    earned = np.stack([met.conversions, met.value], axis=1)
    rate = (earned / np.maximum(met.weight, 1e-300)[:, None])[order]
    credit = np.zeros((len(met.channels), len(MEASURES)))
    won = met.conversions > 0
    for length in range(1, longest + 1):
        chosen = np.flatnonzero(won & (met.lengths == length))
        step = max(1, 2_000_000 >> length)
        for first in range(0, len(chosen), step):
            part = chosen[first : first + step]
            steps = met.channel[met.start[part][:, None] + np.arange(length)]
            worth = _looked_up(keys[order], rate, _subsequence_keys(steps, len(met.channels)))
            gains = games.shapley(worth) * met.weight[part][None, :, None]
            np.add.at(credit, steps.T, gains)
    return credit


def _sequence_keys(met: Paths) -> Ints:
    """A number per sequence: its channels + 1 as digits, the last channel in the lowest place."""
    longest, base = int(met.lengths.max(initial=0)), len(met.channels) + 1
    if base**longest >= 2**63:
        raise AttributionError(
            f"channels: sequences of {longest} out of {base - 1} are too many to number; "
            "cut journeys with lookback_days, or use value='rate'."
        )
    position = np.arange(len(met.channel)) - np.repeat(met.start[:-1], met.lengths)
    place = np.repeat(met.lengths, met.lengths) - 1 - position
    digits = (met.channel + 1) * np.power(np.int64(base), place)
    return np.add.reduceat(digits, met.start[:-1]) if len(met) else np.zeros(0, np.int64)


def _subsequence_keys(steps: Ints, channels: int) -> Ints:
    """Keys of all 2^L subsequences (rows, by bitmask) of sequences of L channels (sequence × L)."""
    keys = np.zeros((1, len(steps)), dtype=np.int64)
    for position in range(steps.shape[1]):
        keys = np.concatenate([keys, keys * (channels + 1) + steps[:, position] + 1])
    return keys
