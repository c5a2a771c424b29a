"""Named truths: what a channel is worth, by the question that is put to the same market again.

    removal   the year as planned, less the year without the channel
    solo      the year with this channel alone, less the year with none
    shapley   mean gain over all orders in which channels could have been switched on

All are effects within the planned year, in conversions of the market, with the same people and luck
in every arm; goodwill that the history has left stays, freed money is not given to others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from scenarios import MediaPlan, TiermixError
from sim import Arm, MarketYear
from sim import state as s
from sim.arms import Past
from sim.coalitions import EXACT_UNITS, share_of_orders
from sim.truth import by_community

Array = np.ndarray[Any, np.dtype[np.float64]]
Coalition = frozenset[str]
ESTIMANDS = ("removal", "solo", "shapley")
MOST_CHANNELS = EXACT_UNITS
"""Shapley values of more channels would need more than 64 market years in each world."""


class ValidationError(TiermixError):
    """A validation that cannot be made as asked: the sentence names the argument and the remedy."""


@dataclass(frozen=True)
class Truth:
    """Effects by channel with standard errors over communities, and of all channels together.

    `effects` has `channel, effect, se` in conversions of the market; `orders` holds, by the channel
    that is off (None: nothing is), the orders of each customer [communities, people].
    """

    effects: pd.DataFrame
    together: tuple[float, float]
    baseline: float
    orders: Mapping[str | None, Array]


def check_estimand(estimand: str, channels: Sequence[str]) -> None:
    """Raise `ValidationError` for a truth that does not exist or cannot be afforded."""
    if estimand not in ESTIMANDS:
        raise ValidationError(
            f"estimand: '{estimand}' is no truth known here; use one of {', '.join(ESTIMANDS)}"
        )
    if estimand == "shapley" and len(channels) > MOST_CHANNELS:
        raise ValidationError(
            f"estimand: shapley of {len(channels)} channels needs {2 ** len(channels):,} market "
            f"years in each world; it is offered for up to {MOST_CHANNELS}; use removal or solo"
        )


def coalition_weights(estimand: str, channels: Sequence[str]) -> dict[Coalition, Array]:
    """How much each coalition of channels that are on counts in the effect of each channel [C]."""
    count, everyone = len(channels), frozenset(channels)
    weights: dict[Coalition, Array] = {everyone: np.zeros(count), frozenset(): np.zeros(count)}
    for c, name in enumerate(channels):
        for before, weight in _marginals(estimand, name, everyone):
            for coalition, sign in ((before | {name}, 1.0), (before, -1.0)):
                weights.setdefault(coalition, np.zeros(count))[c] += sign * weight
    return weights


def _marginals(estimand: str, name: str, everyone: Coalition) -> list[tuple[Coalition, float]]:
    """The coalitions that a channel joins, and how much each of these steps counts."""
    others = everyone - {name}
    if estimand == "removal":
        return [(others, 1.0)]
    if estimand == "solo":
        return [(frozenset(), 1.0)]
    n = len(everyone)
    return [
        (frozenset(before), share_of_orders(n, size))
        for size in range(n)
        for before in combinations(sorted(others), size)
    ]


def true_effects(past: Past, plan: MediaPlan, estimand: str) -> Truth:
    """The truth of a market whose history has been lived, under a plan."""
    channels = past.setting.scenario.plannable
    check_estimand(estimand, channels)
    everyone, total, orders = frozenset(channels), np.zeros(1), {}
    ends: dict[Coalition, Array] = {}
    for coalition, weight in coalition_weights(estimand, channels).items():
        year, bought = live_with_orders(past, Arm(plan, everyone - coalition))
        worth = by_community(year, "conversions")
        total = total + np.outer(weight, worth)
        if len(everyone - coalition) <= 1:
            orders[next(iter(everyone - coalition), None)] = bought
        if coalition in (everyone, frozenset()):
            ends[coalition] = worth
    joint = ends[everyone] - ends[frozenset()]
    people = np.array([snapshot.community.people for snapshot in past.snapshots], dtype=float)
    errors = [_spread(total[c], people) for c in range(len(total))]
    frame = pd.DataFrame({"channel": channels, "effect": total.sum(axis=1), "se": errors})
    together = float(joint.sum()), _spread(joint, people)
    return Truth(frame, together, float(ends[everyone].sum()), orders)


def live_with_orders(past: Past, arm: Arm) -> tuple[MarketYear, Array]:
    """The planned year under an arm, and each customer's orders in it [communities, people]."""
    setting = past.setting
    years, people = [], max(snapshot.community.people for snapshot in past.snapshots)
    bought = np.zeros((len(past.snapshots), people))
    for snapshot in past.snapshots:
        year = setting.planned(snapshot, arm)
        buyers = year.rows["customer"][year.rows["kind"] == s.ORDER]
        bought[snapshot.community.number] = np.bincount(buyers, minlength=people)
        years.append(year)
    book = MarketYear.gather(setting.scenario, setting.layout, years, planned=True)
    return book, bought


def _spread(values: Array, people: Array) -> float:
    """Standard error of a sum over communities; their sizes are not noise, as in `sim.truth`."""
    if len(values) < 2:
        return float("nan")
    residual = values - values.sum() / people.sum() * people
    return float(np.sqrt(len(values) / (len(values) - 1) * (residual**2).sum()))
