"""Lift tests in the year that is lived: which a review begins, and what a later one reads.

A test is that of `held_out`: a part of the people goes without a channel for twelve weeks, so the
plan gives it less by that part in three months, really, in the year that is judged. A review begins
those whose worth is above their cost, by worth per unit of cost: what knowing saves in the months
after the result, and what the people held out would have brought above their money. Where a rule
holds a test fund, it pays tests of tier 3, which it lies in; other channels are tested beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.planner_tests import held_out
from experiments.planner_tests.held_out import PARTS_HELD_OUT, HeldOut, Window, error_of, hold_outs
from experiments.planner_tests.worth import ChannelKnown, part_learned
from experiments.year_review.decisions import currency_of_returns, fund_for_tests
from optimize import ResponseCurves, months_drawn, rules_broken, seen_by_test
from scenarios import Commitment, MediaPlan, Scenario
from sim import Setting
from tiermix.core import figures

MONTHS, WEEKS = 3, 12
"""The months whose money a test moves, and its weeks, which fit into any three months."""
AT_ONCE = 2
"""Tests that a review begins of each purse: of the test fund, and beside it."""
DISPERSION = 1.5
"""How much more than Poisson's outcomes vary, before a test has shown it; *assumed*."""


@dataclass(frozen=True)
class YearTest:
    """A test as it was decided: `held` of the people go without the channel in `months`.

    `money` is what the others get in them, `level` the channel's monthly money there as a multiple
    of last year's. `worth` is what is expected of knowing, the test's `error` taken off (a share of
    orders); `cost` is what is expected to be lost with the people held out, after their money.
    """

    channel: str
    months: tuple[str, ...]
    held: float
    money: float
    level: float
    worth: float
    cost: float
    error: float

    def words(self, scenario: Scenario) -> str:
        """The reason of the test, in figures of the time."""
        worth, cost, money = (
            figures.money(x, scenario.currency) for x in (self.worth, self.cost, self.money)
        )
        fund = _purse(scenario, self.channel) == FUND
        paid = f", of the test fund of {figures.money(fund_for_tests(scenario), scenario.currency)}"
        return (
            f"tested from {self.months[0]} to {self.months[-1]}: {self.held:.0%} of the people go "
            f"without it, {money} are spent on the others{paid if fund else ''}; whether it pays "
            f"cannot be told, knowing it is worth {worth} in the months after (error of the test "
            f"± {self.error:.1%} of orders) and costs {cost}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The test as JSON."""
        return asdict(self) | {"months": list(self.months)}


@dataclass(frozen=True)
class TestResult:
    """What a test found."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    test: YearTest
    found: HeldOut

    @property
    def words(self) -> str:
        """The result in a sentence."""
        one, months = self.found, self.test.months
        return (
            f"its test from {months[0]} to {months[-1]} found {one.share:.1%} ± {one.se:.1%} of "
            f"{held_out.OUTCOMES.get(one.outcome, one.outcome)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        one = self.found
        told = {name: getattr(one, name) for name in ("outcome", "share", "se", "cost")}
        return {"channel": one.channel, "months": list(self.test.months)} | told


FUND, BESIDE = "fund", "beside"


@dataclass(frozen=True)
class TestsOfYear:
    """The tests that run, and the results so far."""

    __test__ = False

    running: tuple[YearTest, ...] = ()
    results: tuple[TestResult, ...] = ()

    @property
    def lift(self) -> dict[str, tuple[float, float, float, float]]:
        """What was found, as `fit_aggregates(lift=…)` takes it."""
        return {
            one.test.channel: (one.found.share, one.found.se, one.found.weeks, one.test.level)
            for one in self.results
        }

    @property
    def tried(self) -> frozenset[str]:
        """Channels that are tested or were: each once a year."""
        return frozenset(one.channel for one in self.running) | self.lift.keys()

    def with_results(
        self, scenario: Scenario, market: Scenario, plan: MediaPlan, passed: int, seed: int
    ) -> TestsOfYear:
        """Tests whose months are over are read, in the market that is lived under `plan`."""
        gone = scenario.months[:passed]
        over = [test for test in self.running if test.months[-1] in gone]
        found = list(self.results)
        for first in dict.fromkeys(test.months[0] for test in over):
            found += _read([t for t in over if t.months[0] == first], market, plan, seed)
        return TestsOfYear(tuple(t for t in self.running if t not in over), tuple(found))

    def kept_by(self, scenario: Scenario, plan: MediaPlan) -> Scenario:
        """The scenario whose plans leave running tests alone."""
        promised = tuple(
            Commitment(
                name=f"the test of {test.channel}",
                channel=test.channel,
                amounts={
                    month: float(plan.of(test.channel)[plan.months.index(month)])
                    for month in test.months
                },
            )
            for test in self.running
        )
        if not promised:
            return scenario
        return scenario.model_copy(update={"rules": (*scenario.rules, *promised)})


def chosen_tests(
    scenario: Scenario,
    curves: ResponseCurves,
    plan: MediaPlan,
    passed: int,
    every: int,
    hurdle: float,
    tests: TestsOfYear,
) -> tuple[YearTest, ...]:
    """The tests to begin after `passed` months: worth more than they cost, most per unit first.

    Their result has to be there at a later review: none begin too late in the year for it.
    """
    known = -(-(passed + MONTHS) // every) * every
    if known >= len(scenario.months):
        return ()
    months = months_drawn(scenario, curves, plan, "conversions").mean(axis=0)
    orders = float(months[passed : passed + MONTHS].sum())
    if orders <= 0:
        return ()
    possible = [
        test
        for name in _can_be_tested(scenario, plan, passed, tests.tried)
        if (
            test := _best_test(
                ChannelKnown(scenario, curves, name, plan), orders, passed, known, hurdle
            )
        )
    ]
    possible.sort(key=lambda test: -test.worth / max(test.cost, 1e-9 * test.worth))
    fund = fund_for_tests(scenario) - _spent_of_fund(scenario, tests)
    free = {FUND: AT_ONCE, BESIDE: AT_ONCE}
    chosen: list[YearTest] = []
    for test in possible:
        purse = _purse(scenario, test.channel)
        fits = purse == BESIDE or test.money <= fund
        if free[purse] and fits and _keeps_rules(scenario, plan, [*chosen, test]):
            chosen.append(test)
            free[purse] -= 1
            fund -= test.money if purse == FUND else 0.0
    return tuple(chosen)


def with_tests(plan: MediaPlan, tests: Sequence[YearTest]) -> MediaPlan:
    """The plan with the money of the people held out left unspent."""
    return _scaled(plan, {(t.channel, month): 1 - t.held for t in tests for month in t.months})


def _without_tests(plan: MediaPlan, tests: Sequence[YearTest]) -> MediaPlan:
    return _scaled(
        plan, {(t.channel, month): 1 / (1 - t.held) for t in tests for month in t.months}
    )


def _scaled(plan: MediaPlan, by: Mapping[tuple[str, str], float]) -> MediaPlan:
    amounts = plan.amounts.copy()
    for (channel, month), factor in by.items():
        amounts[plan.channels.index(channel), plan.months.index(month)] *= factor
    return MediaPlan(plan.channels, plan.months, amounts)


def _read(
    tests: Sequence[YearTest], market: Scenario, plan: MediaPlan, seed: int
) -> Iterator[TestResult]:
    """Results of tests that began together."""
    before = market.months[: market.months.index(tests[0].months[0])]
    first = market.history_days + sum(market.days_in(month) for month in before)
    window = Window(first, WEEKS, plan=_without_tests(plan, tests))
    drawn = Setting(market, held_out.SAMPLE, seed)
    held = {test.channel: test.held for test in tests}
    found = hold_outs(drawn, tuple(held), window, held)
    return map(TestResult, tests, found)


def _can_be_tested(
    scenario: Scenario, plan: MediaPlan, passed: int, tried: Collection[str]
) -> list[str]:
    """Channels with money in all months of a test and last year; search results are left out."""
    months = slice(passed, passed + MONTHS)
    return [
        name
        for name in scenario.plannable
        if name not in tried
        and (plan.of(name)[months] > 0).all()
        and scenario.reference_plan.of(name).sum() > 0
        and scenario.channel(name).slot != "organic"
    ]


def _best_test(
    mine: ChannelKnown, orders: float, passed: int, known: int, hurdle: float
) -> YearTest | None:
    """The test of a channel that is worth most above its cost; None where none is.

    It lasts from `passed` months on, counts so many `orders`, and is read after `known` months.
    """
    scenario, name = mine.scenario, mine.channel
    kpi = currency_of_returns(scenario)
    during, once = range(passed, passed + MONTHS), np.ones(1)
    money = float(mine.plan.of(name)[passed : passed + MONTHS].sum())
    worth = mine.worth_knowing(kpi, hurdle, range(known, len(scenario.months)))
    if worth <= 0:
        return None
    spread = float((mine.brought("conversions", during, once) / orders).std(ddof=1))
    lost = float(mine.brought(kpi, during, once).mean()) - hurdle * money
    seen = _seen(mine.curves, name, scenario.months[passed])
    level = money / MONTHS / float(scenario.reference_plan.of(name).mean())
    best: YearTest | None = None
    for held in PARTS_HELD_OUT:
        error = error_of(scenario.channel(name), orders, held, DISPERSION)
        saved = worth * part_learned(spread, error / seen)
        one = YearTest(
            name, tuple(scenario.months[m] for m in during), held, (1 - held) * money, level,
            saved, held * lost, error,
        )  # fmt: skip
        if one.worth > max(one.cost, 0.0) and (best is None or _net(one) > _net(best)):
            best = one
    return best


def _net(test: YearTest) -> float:
    return test.worth - test.cost


def _seen(curves: ResponseCurves, name: str, month: str) -> float:
    """The part of what a channel brings that is gone within a test."""
    curve = curves.get(name, "conversions", month)
    if curve is None:
        return 1.0
    days = {"day": 1.0, "week": 1 / 7, "month": 12 / 365}[curve.carry_per]
    kept, lag = (x**days for x in (curve.carry_over, curve.lag))
    return float(seen_by_test(np.ones(1), np.array([lag**7]), kept, WEEKS)[0])


def _purse(scenario: Scenario, name: str) -> str:
    return FUND if fund_for_tests(scenario) > 0 and scenario.tier_of(name) == 3 else BESIDE


def _spent_of_fund(scenario: Scenario, tests: TestsOfYear) -> float:
    every = (*tests.running, *(one.test for one in tests.results))
    return sum(test.money for test in every if _purse(scenario, test.channel) == FUND)


def _keeps_rules(scenario: Scenario, plan: MediaPlan, tests: Sequence[YearTest]) -> bool:
    """Whether tests break no rule on money that the plan keeps."""
    before = {broken.rule for broken in rules_broken(scenario, plan)}
    return {broken.rule for broken in rules_broken(scenario, with_tests(plan, tests))} <= before
