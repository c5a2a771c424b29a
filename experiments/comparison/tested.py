"""`lp_tested`: the program on the company's weeks and on lift tests of a few channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.comparison.strategy import Choice, Knowledge, StrategyError
from experiments.planner_tests.held_out import HeldOut, can_be_tested, hold_outs
from experiments.planner_tests.worth import DRAWS, ranges_of
from optimize import ResponseCurves
from scenarios import Scenario
from tiermix.core import figures

TESTS = 4


def lift_tests(knows: Knowledge, most: int = TESTS) -> tuple[HeldOut, ...]:
    """The tests that a planner makes: of the channels worth most to be known, up to so many."""
    if knows.drawn is None:
        raise StrategyError("lp_tested needs a market to test in; compare lends it")
    worth = value_of_testing(knows.scenario, knows.estimated())
    order = sorted(worth, key=lambda name: -worth[name])
    chosen = [name for name in order if worth[name] > 0][:most]
    return hold_outs(knows.drawn, chosen)


def value_of_testing(scenario: Scenario, curves: ResponseCurves) -> dict[str, float]:
    """What not knowing a channel may cost: how uncertain its return is, times what may be moved.

    The return is the objective per unit of last year's money, its standard deviation that over the
    curves' draws; what may be moved lies between the least and the most that the rules on money
    leave the channel.
    """
    ranges, found = ranges_of(scenario), {}
    kpi = "margin" if "margin" in curves.kpis else curves.kpis[0]
    spent = scenario.reference_plan.by_channel
    for name in can_be_tested(scenario):
        least, most = ranges[name]
        money = spent[name]
        spread = _spread(curves, name, kpi, money / len(scenario.months))
        found[name] = spread * len(scenario.months) / money * (most - least)
    return found


def _spread(curves: ResponseCurves, channel: str, kpi: str, money: float) -> float:
    """Standard deviation over draws of what a month's money brings, in the mean of the months."""
    at = np.array([money])
    draws = min(curves.draws, DRAWS)
    own = tuple(c for c in curves.curves if c.channel == channel and c.kpi == kpi)
    mine = replace(curves, curves=own)
    brought = []
    for draw in range(draws):
        drawn = mine.draw(draw)
        months = [drawn.get(channel, kpi, month) for month in curves.months]
        brought.append(np.mean([float(c.value(at)[0]) for c in months if c is not None]))
    return float(np.std(brought, ddof=1)) if draws > 1 else 0.0


def told(choice: Choice, tests: tuple[HeldOut, ...], currency: str) -> Choice:
    """The choice with its tests, and their cost in its note."""
    cost = sum(test.cost for test in tests)
    names = ", ".join(test.channel for test in tests) or "nothing"
    said = f"tested {names}, at the cost of {figures.money(cost, currency)} of last year's margin"
    return replace(choice, tests=tests, note="; ".join(filter(None, [said, choice.note])))


def document_of_tests(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """The tests of a strategy over draws: means by channel, and in how many draws each was made."""
    every = [test for choice in choices for test in choice.tests]
    found = []
    for name in dict.fromkeys(test.channel for test in every):
        mine = [test for test in every if test.channel == name]
        means = {
            key: float(np.mean([getattr(test, key) for test in mine]))
            for key in ("share", "se", "held", "cost")
        }
        one = {"channel": name, "outcome": mine[0].outcome, "weeks": mine[0].weeks}
        found.append({**one, "draws": len(mine), **means})
    return found
