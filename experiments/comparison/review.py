"""review: a plan followed through the year in a market, and made again from what has been seen.

At every review curves are estimated anew from last year and the months so far; what differs from
what was expected when the year began (all demand, or a channel) moves them; the months so far are
fixed at what was spent, and the rest of the year is planned again, with a price on every move. Lift
tests are begun where they are worth more than they cost, and read at a later review. Each
review is a page of the diary: what is decided of each channel, and why, in figures of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.curves import estimated
from experiments.planner_tests.year_tests import (
    TestResult,
    TestsOfYear,
    YearTest,
    chosen_tests,
    with_tests,
)
from experiments.year_review.actuals import actuals_from
from experiments.year_review.decisions import (
    Decision,
    currency_of_returns,
    decisions,
    hurdle_of,
)
from experiments.year_review.expected import expected
from experiments.year_review.findings import Finding, Judgement, judge
from experiments.year_review.moved import moved_curves
from experiments.year_review.run import STABILITY, replanned
from optimize import (
    InfeasiblePlan,
    ResponseCurves,
    UndecidedPlan,
    marginal_returns,
    money_moved,
)
from scenarios import MediaPlan, Scenario
from sim import Market, MarketError, ObservedSoFar
from tiermix.core.seeds import ESTIMATED_CURVES, seed_of

QUARTER = 3


@dataclass(frozen=True)
class Review:
    """One review: the last month that was seen, the money moved, and why none was.

    `found` is what differed from what was expected, `decisions` say what was decided of each
    channel; none where no plan was found. `given_up` are rules on what money brings that no plan
    of the rest could keep. `tests` begin here, `results` are those of tests that are over.
    """

    month: str
    moved: float
    note: str = ""
    found: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    given_up: tuple[str, ...] = ()
    tests: tuple[YearTest, ...] = ()
    results: tuple[TestResult, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The page of the diary as JSON."""
        return {
            "month": self.month,
            "moved": self.moved,
            "note": self.note,
            "found": [one.words for one in self.found],
            "given_up": list(self.given_up),
            "decisions": [one.to_dict() for one in self.decisions],
            "tests": [one.to_dict() for one in self.tests],
            "results": [one.to_dict() for one in self.results],
        }

    @property
    def words(self) -> str:
        """The review in a few words."""
        told = [self.note or f"{self.moved:,.0f} moved", *(one.words for one in self.found)]
        told += [f"given up {name}" for name in self.given_up]
        told += [f"{one.found.channel}: {one.words}" for one in self.results]
        told += [f"{one.channel} is tested" for one in self.tests]
        return ", ".join(told)


@dataclass(frozen=True)
class Reviewed:
    """What the year's months came to, and the reviews on the way."""

    media: MediaPlan
    reviews: tuple[Review, ...]

    @property
    def note(self) -> str:
        """The reviews in a sentence."""
        told = [f"{review.month}: {review.words}" for review in self.reviews]
        return "reviewed after " + "; ".join(told)


def review(
    scenario: Scenario,
    market: Market,
    *,
    every: int = QUARTER,
    stability: float = STABILITY,
    seed: int = 0,
    tests: bool = True,
) -> Reviewed:
    """The market's plan followed, and planned again after every so many months.

    `scenario` is what the planner knows, `market` the one that is lived in, at the start of its
    planned year and under the first plan; it is left standing at the last review. Nothing is used
    that a company does not see: spend, clicks, and weekly outcomes by region. Where no plan is
    found the old one is kept, and the review says why. `seed` is that of the estimates' draws, and
    of the people of lift tests, which are left out where `tests` is False. Raises `MarketError` for
    a year that has begun.
    """
    months = len(scenario.months)
    if not 1 <= every < months:
        raise MarketError(f"every: a review after {every} months; use 1 to {months - 1}")
    if market.today.isoformat()[:7] != scenario.months[0] or market.today.day != 1:
        raise MarketError(f"review: the year has begun ({market.today}); give a fresh market")
    held: list[Review] = []
    known = TestsOfYear()
    first = curves_of_last_year(scenario, market.observe(), seed_of(ESTIMATED_CURVES, seed, 0))
    for passed in range(every, months, every):
        market.advance(scenario.months[passed - 1])
        before = known
        known = known.with_results(scenario, market.scenario, market.plan, passed, seed)
        moment = _Moment(passed, every, stability, seed, tests)
        page = _held(scenario, market, first, moment, known)
        new = tuple(one for one in known.results if one not in before.results)
        held.append(replace(page, results=new))
        known = replace(known, running=(*known.running, *page.tests))
    return Reviewed(market.plan, tuple(held))


@dataclass(frozen=True)
class _Moment:
    """A review after `passed` months, one of `every` so many, at which `tests` may be begun.

    `seed` is that of the whole year.
    """

    passed: int
    every: int
    stability: float
    seed: int
    tests: bool

    @property
    def curves_seed(self) -> int:
        return seed_of(ESTIMATED_CURVES, self.seed, self.passed)


def learned(
    scenario: Scenario,
    seen: ObservedSoFar,
    seed: int = 0,
    lift: Mapping[str, tuple[float, ...]] | None = None,
) -> ResponseCurves:
    """Curves from last year's aggregates, those of the year so far, and what tests found."""
    assert seen.history is not None
    last = replace(seen.history.year, scenario=scenario)
    return estimated(last, seen.history.aggregates, since=seen.aggregates, seed=seed, lift=lift)


def curves_of_last_year(scenario: Scenario, seen: ObservedSoFar, seed: int) -> ResponseCurves:
    """What was known when the year began."""
    assert seen.history is not None
    last = replace(seen.history.year, scenario=scenario)
    return estimated(last, seen.history.aggregates, seed=seed)


def spent(seen: ObservedSoFar, plan: MediaPlan, passed: int) -> MediaPlan:
    """The plan with the `passed` months as they were spent."""
    month = seen.ledger["date"].dt.strftime("%Y-%m")
    paid = seen.ledger.groupby([seen.ledger["channel"].astype(str), month])["spend"].sum()
    amounts = plan.amounts.copy()
    for c, name in enumerate(plan.channels):
        amounts[c, :passed] = [paid.get((name, m), 0.0) for m in plan.months[:passed]]
    return MediaPlan(plan.channels, plan.months, amounts)


def diary(reviews: Sequence[Sequence[Review]]) -> list[dict[str, Any]]:
    """The diaries of all draws as JSON, for draws that have one."""
    return [
        {"draw": draw, "reviews": [one.to_dict() for one in mine]}
        for draw, mine in enumerate(reviews)
        if mine
    ]


def _held(
    scenario: Scenario,
    market: Market,
    first: ResponseCurves,
    moment: _Moment,
    known: TestsOfYear,
) -> Review:
    seen, before, passed = market.observe(), market.plan, moment.passed
    actual, month = spent(seen, before, passed), scenario.months[passed - 1]
    judged = _judged(scenario, market, seen, first, actual, moment.curves_seed)
    curves = learned(scenario, seen, moment.curves_seed, known.lift)
    curves = moved_curves(scenario, curves, judged.findings)
    bound = known.kept_by(scenario, before)
    try:
        plan, lost = replanned(bound, curves, before, actual, passed, moment.stability)
    except (InfeasiblePlan, UndecidedPlan) as nothing:
        return Review(month, 0.0, f"kept the plan: {nothing}", judged.findings)
    tests = _begun(scenario, curves, plan, moment, known)
    market.set_plan(with_tests(plan, tests))
    after = spent(seen, market.plan, passed)
    told = decisions(
        scenario, curves, actual, after, passed, judged.findings,
        {test.channel: test.words(scenario) for test in (*known.running, *tests)},
        {one.found.channel: one.words for one in known.results},
    )  # fmt: skip
    return Review(month, money_moved(actual, after), "", judged.findings, told, lost, tests)


def _begun(
    scenario: Scenario,
    curves: ResponseCurves,
    plan: MediaPlan,
    moment: _Moment,
    known: TestsOfYear,
) -> tuple[YearTest, ...]:
    """The tests that begin under the new plan."""
    if not moment.tests:
        return ()
    kpi, passed = currency_of_returns(scenario), moment.passed
    returns = marginal_returns(scenario, curves, plan, kpi, passed=passed)
    money = {name: float(plan.of(name)[passed:].sum()) for name in scenario.plannable}
    hurdle = hurdle_of(scenario, returns, money)
    return chosen_tests(scenario, curves, plan, passed, moment.every, hurdle, known)


def _judged(
    scenario: Scenario,
    market: Market,
    seen: ObservedSoFar,
    first: ResponseCurves,
    actual: MediaPlan,
    seed: int,
) -> Judgement:
    """What differs from what was expected when the year began; nothing while too little is seen."""
    actuals = actuals_from(seen.aggregates, scenario, market.today)
    if actuals.passed == 0 or not actuals.outcomes[actuals.kpi].sum() > 0:
        return Judgement((), 1.0, 1.0)
    return judge(expected(scenario, first, actual, actuals, actuals.kpi), actuals, seed)
