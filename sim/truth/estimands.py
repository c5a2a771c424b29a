"""Estimands: each is a sum of paired differences between arms of one market.

    removal    the year as planned, less the year without the unit: it is off, and what earlier
               money has built of it (the stock of content) is gone too
    solo       the year with the unit alone, less the year with nothing on
    unfunded   the year as planned, less the year without its money; what the past has built stays
    marginal   the year as planned, less the year with the last few percent of its money kept
    shapley    mean gain from switching the unit on, over all orders of switching units on
    synergy    N(all) - N(-i) - N(-j) + N(-ij): what two units do together and neither does alone
    direct     the year in which the unit hands nothing on to others or to search, less without it
    mediated   the year as planned, less the year in which the unit hands nothing on
    last_ad    the year as planned, less the same year without those ads of the unit that were the
               last ones noticed before an order (of a customer's first twelve orders)

Removal = direct + mediated. Shapley values: Shapley (1953); by permutations: Castro, Gomez and
Tejada (2009), antithetic pairs (an order and its reverse): Mitchell et al. (2022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np

from scenarios import MediaPlan, Scenario, plan_periods
from sim.market.setting import Arm
from tiermix.core.seeds import SWITCHING_ORDERS

EXACT_UNITS = 6
"""Up to so many units all 2^n coalitions are lived; above, orders are sampled."""


class Step(NamedTuple):
    """A paired difference and its weight; `draw` numbers the sampled pairs of orders."""

    weight: float
    plus: Arm
    minus: Arm
    draw: int = 0


@dataclass(frozen=True)
class Contrast:
    """One row of a table of effects: what it is called, and the differences that it adds up."""

    labels: Mapping[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Question:
    """What is asked of a market: an estimand of some units (sets of channels) under a plan."""

    scenario: Scenario
    plan: MediaPlan
    effect: str
    units: Mapping[str, frozenset[str]]
    share: float = 0.05
    monthly: bool = False
    permutations: int = 32
    seed: int = 0

    @cached_property
    def contrasts(self) -> tuple[Contrast, ...]:
        """The rows of the answer."""
        return tuple(ESTIMANDS[self.effect](self))

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Every arm that is needed, once; the baseline is the first."""
        steps = [step for contrast in self.contrasts for step in contrast.steps]
        both = [arm for step in steps for arm in (step.plus, step.minus)]
        return tuple(dict.fromkeys([self.baseline, *both]))

    @cached_property
    def baseline(self) -> Arm:
        """The arm that effects are told against."""
        if self.effect == "solo":
            return self.only(frozenset())
        return self.without(*self.units) if self.effect == "shapley" else self.as_planned

    @property
    def baseline_name(self) -> str:
        """What the baseline is called."""
        rest = set(self.scenario.plannable).difference(*self.units.values())
        if self.effect == "solo" or (self.effect == "shapley" and not rest):
            return "nothing on"
        if self.effect == "shapley":
            return f"only {', '.join(sorted(rest))} on"
        return "the year as planned"

    @property
    def sampled(self) -> bool:
        """Whether orders are sampled instead of counted through."""
        return self.effect == "shapley" and len(self.units) > EXACT_UNITS

    @cached_property
    def as_planned(self) -> Arm:
        """The year as planned."""
        return Arm(self.plan)

    def without(self, *units: str) -> Arm:
        """The year without some units."""
        off = frozenset[str]().union(*(self.units[unit] for unit in units))
        return Arm(self.plan, off) if off else self.as_planned

    def only(self, channels: frozenset[str]) -> Arm:
        """The year with these channels, and with no other that could be switched off."""
        return Arm(self.plan, frozenset(self.scenario.plannable) - channels)

    def less(self, unit: str, month: str | None, share: float) -> Arm:
        """The year without a share of a unit's money (of one month); the tail has all of it."""
        amounts = self.plan.amounts.copy()
        rows = [self.plan.channels.index(name) for name in sorted(self.units[unit])]
        columns = [
            m
            for m, name in enumerate(self.plan.months)
            if month in (None, plan_periods.month_of(name))
        ]
        amounts[np.ix_(rows, columns)] *= 1.0 - share
        return Arm(MediaPlan(self.plan.channels, self.plan.months, amounts), after=self.plan)

    def gains(self, order: tuple[str, ...], weight: float, draw: int) -> dict[str, Step]:
        """What each unit adds when units are switched on in this order."""
        steps = {}
        for place, unit in enumerate(order):
            before, after = self.without(*order[place:]), self.without(*order[place + 1 :])
            steps[unit] = Step(weight, after, before, draw)
        return steps


def _removal(ask: Question) -> Iterator[Contrast]:
    for unit in ask.units:
        yield Contrast({"unit": unit}, (Step(1.0, ask.as_planned, ask.without(unit)),))


def _solo(ask: Question) -> Iterator[Contrast]:
    for unit, channels in ask.units.items():
        step = Step(1.0, ask.only(channels), ask.only(frozenset()))
        yield Contrast({"unit": unit}, (step,))


def _marginal(ask: Question) -> Iterator[Contrast]:
    for unit in ask.units:
        for month in plan_periods.by_month(ask.plan.months) if ask.monthly else (None,):
            labels = {"unit": unit} | ({"month": month} if month else {})
            yield Contrast(labels, (Step(1.0, ask.as_planned, ask.less(unit, month, ask.share)),))


def _unfunded(ask: Question) -> Iterator[Contrast]:
    for unit in ask.units:
        yield Contrast({"unit": unit}, (Step(1.0, ask.as_planned, ask.less(unit, None, 1.0)),))


def _synergy(ask: Question) -> Iterator[Contrast]:
    for i, j in combinations(ask.units, 2):
        alike = Step(1.0, ask.as_planned, ask.without(i))
        apart = Step(-1.0, ask.without(j), ask.without(i, j))
        yield Contrast({"unit": f"{i} + {j}"}, (alike, apart))


def _direct(ask: Question) -> Iterator[Contrast]:
    for unit, channels in ask.units.items():
        held = Arm(ask.plan, no_hand_offs_from=channels)
        yield Contrast({"unit": unit}, (Step(1.0, held, ask.without(unit)),))


def _mediated(ask: Question) -> Iterator[Contrast]:
    for unit, channels in ask.units.items():
        held = Arm(ask.plan, no_hand_offs_from=channels)
        yield Contrast({"unit": unit}, (Step(1.0, ask.as_planned, held),))


def _last_ad(ask: Question) -> Iterator[Contrast]:
    for unit, channels in ask.units.items():
        without = Arm(ask.plan, without_last_ads=channels)
        yield Contrast({"unit": unit}, (Step(1.0, ask.as_planned, without),))


def _shapley(ask: Question) -> Iterator[Contrast]:
    found = _sampled(ask) if ask.sampled else _exact(ask)
    for unit in ask.units:
        yield Contrast({"unit": unit}, tuple(found[unit]))


def share_of_orders(count: int, size: int) -> float:
    """Share of the orders of `count` units in which a unit comes after a given set of `size`."""
    return factorial(size) * factorial(count - size - 1) / factorial(count)


def _exact(ask: Question) -> dict[str, list[Step]]:
    """Every coalition of the others that a unit joins, by its share of all orders."""
    count, found = len(ask.units), {}
    for unit in ask.units:
        others = [name for name in ask.units if name != unit]
        found[unit] = [
            Step(
                share_of_orders(count, size),
                ask.without(*off),
                ask.without(*off, unit),
            )
            for size in range(count)
            for off in combinations(others, size)
        ]
    return found


def _sampled(ask: Question) -> dict[str, list[Step]]:
    """Random orders, each with its reverse."""
    names, found = list(ask.units), {unit: list[Step]() for unit in ask.units}
    rng = np.random.default_rng([SWITCHING_ORDERS, ask.seed])
    for pair in range(ask.permutations // 2):
        order = tuple(names[n] for n in rng.permutation(len(names)))
        for path in (order, order[::-1]):
            for unit, step in ask.gains(path, 1.0 / ask.permutations, pair).items():
                found[unit].append(step)
    return found


ESTIMANDS: dict[str, Callable[[Question], Iterator[Contrast]]] = {
    "removal": _removal,
    "unfunded": _unfunded,
    "solo": _solo,
    "marginal": _marginal,
    "shapley": _shapley,
    "synergy": _synergy,
    "direct": _direct,
    "mediated": _mediated,
    "last_ad": _last_ad,
}
