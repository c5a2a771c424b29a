"""Named truths: what a channel is worth, by the question that is put to the same market again.

`ESTIMANDS` says what each of them is. All are effects within the planned year, in conversions of
the market, with the same people and random streams in every arm; goodwill that the history has left
stays, freed money is not given to others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.study import StudyError
from scenarios import MediaPlan
from sim import EXACT_UNITS, Arm, MarketYear, Question, WarmedUpMarket, by_community, of_kind
from tiermix.core.arrays import Floats

ESTIMANDS: Mapping[str, str] = {
    "removal": "the year as planned, less the year without the channel",
    "unfunded": "the year as planned, less the year without the channel's money",
    "solo": "the year with this channel alone, less the year with none",
    "shapley": "the mean gain over all orders in which channels could have been switched on",
    "last_ad": "the year as planned, less the year without the channel's last ads before orders",
    "marginal": "what the last 5 % of the channel's money bring, times twenty",
}
"""The truths, each with its meaning."""
MOST_CHANNELS = EXACT_UNITS
"""Shapley values of more channels would need more than 64 market years in each world."""


@dataclass(frozen=True)
class Truth:
    """Effects by channel with standard errors over communities, and of all channels together.

    `effects` has `channel, effect, se` in conversions of the market; `orders` holds, by the channel
    that is off (None: nothing is), the orders of each customer [communities, people].
    """

    effects: pd.DataFrame
    together: tuple[float, float]
    baseline: float
    orders: Mapping[str | None, Floats]


def check_estimand(estimand: str, channels: Sequence[str]) -> None:
    """Raise `StudyError` for a truth that does not exist or cannot be afforded."""
    if estimand not in ESTIMANDS:
        raise StudyError(
            f"estimand: '{estimand}' is no truth known here; use one of {', '.join(ESTIMANDS)}"
        )
    if estimand == "shapley" and len(channels) > MOST_CHANNELS:
        raise StudyError(
            f"estimand: shapley of {len(channels)} channels needs {2 ** len(channels):,} market "
            f"years in each world; it is offered for up to {MOST_CHANNELS}; use removal or solo"
        )


def truth_in_words(estimand: str) -> str:
    """The sentence that tells readers which truth credit is held against."""
    return (
        f"Truth is {ESTIMANDS[estimand]}: within the planned year, in the same market with the "
        "same people and random streams."
    )


def __getattr__(name: str) -> Any:
    if name == "ValidationError":
        words = "experiments.validation.estimands.ValidationError is now StudyError"
        warnings.warn(words, DeprecationWarning, stacklevel=2)
        return StudyError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def true_effects(past: WarmedUpMarket, plan: MediaPlan, estimand: str) -> Truth:
    """The truth of a market whose history has been lived, under a plan."""
    scenario = past.setting.scenario
    check_estimand(estimand, scenario.plannable)
    units = {name: frozenset({name}) for name in scenario.plannable}
    ask, worth, orders = Question(scenario, plan, estimand, units), {}, {}
    nothing = ask.only(frozenset())
    for arm in dict.fromkeys([ask.as_planned, nothing, *ask.arms]):
        year, bought = simulate_with_orders(past, arm)
        weight = year.weight
        # Whole orders of simulated people: arms in which as many came differ by exactly nothing.
        worth[arm] = np.rint(by_community(year, "conversions") / weight)
        if len(arm.off) <= 1 and arm == Arm(plan, arm.off):
            orders[next(iter(arm.off), None)] = bought
    people = np.array([snapshot.community.people for snapshot in past.snapshots], dtype=float)
    whole, joint = (weight * x for x in (worth[ask.as_planned],
                                         worth[ask.as_planned] - worth[nothing]))  # fmt: skip
    effects = weight * effects_of(ask, worth)
    errors = [_spread(effect, people) for effect in effects]
    columns = {"channel": list(units), "effect": effects.sum(axis=1), "se": errors}
    together = float(joint.sum()), _spread(joint, people)
    return Truth(pd.DataFrame(columns), together, float(whole.sum()), orders)


def effects_of(ask: Question, worth: Mapping[Arm, Floats]) -> Floats:
    """Effects by unit and community [C, G], from what each arm is worth [G]."""
    scale = 1.0 / ask.share if ask.effect == "marginal" else 1.0
    steps = [
        [step.weight * (worth[step.plus] - worth[step.minus]) for step in row.steps]
        for row in ask.contrasts
    ]
    return scale * np.array([np.sum(row, axis=0) for row in steps])


def simulate_with_orders(past: WarmedUpMarket, arm: Arm) -> tuple[MarketYear, Floats]:
    """The planned year under an arm, and each customer's orders in it [communities, people]."""
    setting = past.setting
    years, people = [], max(snapshot.community.people for snapshot in past.snapshots)
    bought = np.zeros((len(past.snapshots), people))
    for snapshot in past.snapshots:
        year = setting.planned(snapshot, arm)
        buyers = of_kind(year.raw_rows, "order")["customer"]
        bought[snapshot.community.number] = np.bincount(buyers, minlength=people)
        years.append(year)
    book = MarketYear.gather(setting.scenario, setting.layout, years, planned=True)
    return book, bought


def _spread(values: Floats, people: Floats) -> float:
    """Standard error of a sum over communities; their sizes are not noise, as in `sim.truth`."""
    if len(values) < 2:
        return float("nan")
    residual = values - values.sum() / people.sum() * people
    return float(np.sqrt(len(values) / (len(values) - 1) * (residual**2).sum()))
