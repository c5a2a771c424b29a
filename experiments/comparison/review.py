"""review: a plan followed through the year in a market, and made again from what has been seen.

At every review curves are estimated anew from last year and the months so far, those months are
fixed at what was spent, and the rest of the year is planned again, with a price on every move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.curves import estimated
from optimize import InfeasiblePlan, ResponseCurves, UndecidedPlan, replan
from scenarios import MediaPlan, Scenario
from sim import Market, MarketError, ObservedSoFar
from tiermix.core.seeds import ESTIMATED_CURVES, seed_of

QUARTER = 3
STABILITY = 0.1
"""Of the objective for each unit of money moved: smaller gains are taken for noise."""
GAP = 1e-3  # the estimates are not worth a finer one


@dataclass(frozen=True)
class Review:
    """One review: the last month that was seen, the money moved, and why none was."""

    month: str
    moved: float
    note: str = ""


@dataclass(frozen=True)
class Reviewed:
    """What the year's months came to, and the reviews on the way."""

    media: MediaPlan
    reviews: tuple[Review, ...]

    @property
    def note(self) -> str:
        """The reviews in a sentence."""
        told = [f"{r.month}: {r.note or f'{r.moved:,.0f} moved'}" for r in self.reviews]
        return "reviewed after " + "; ".join(told)


def review(
    scenario: Scenario,
    market: Market,
    *,
    every: int = QUARTER,
    stability: float = STABILITY,
    seed: int = 0,
) -> Reviewed:
    """The market's plan followed, and planned again after every so many months.

    `scenario` is what the planner knows, `market` the one that is lived in, at the start of its
    planned year and under the first plan; it is left standing at the last review. Nothing is used
    that a company does not see: spend, and weekly outcomes by region. Where no plan is found the
    old one is kept, and the review says why. `seed` is that of the estimates' draws. Raises
    `MarketError` for a year that has begun.
    """
    months = len(scenario.months)
    if not 1 <= every < months:
        raise MarketError(f"every: a review after {every} months; use 1 to {months - 1}")
    if market.today.isoformat()[:7] != scenario.months[0] or market.today.day != 1:
        raise MarketError(f"review: the year has begun ({market.today}); give a fresh market")
    held = []
    for passed in range(every, months, every):
        market.advance(scenario.months[passed - 1])
        curves_seed = seed_of(ESTIMATED_CURVES, seed, passed)
        held.append(_held(scenario, market, passed, stability, curves_seed))
    return Reviewed(market.plan, tuple(held))


def learned(scenario: Scenario, seen: ObservedSoFar, seed: int = 0) -> ResponseCurves:
    """Curves from last year's aggregates and those of the year so far."""
    assert seen.history is not None
    last = replace(seen.history.year, scenario=scenario)
    return estimated(last, seen.history.aggregates, since=seen.aggregates, seed=seed)


def spent(seen: ObservedSoFar, plan: MediaPlan, passed: int) -> MediaPlan:
    """The plan with the `passed` months as they were spent."""
    month = seen.ledger["date"].dt.strftime("%Y-%m")
    paid = seen.ledger.groupby([seen.ledger["channel"].astype(str), month])["spend"].sum()
    amounts = plan.amounts.copy()
    for c, name in enumerate(plan.channels):
        amounts[c, :passed] = [paid.get((name, m), 0.0) for m in plan.months[:passed]]
    return MediaPlan(plan.channels, plan.months, amounts)


def _held(scenario: Scenario, market: Market, passed: int, stability: float, seed: int) -> Review:
    seen, before = market.observe(), market.plan
    curves, actual = learned(scenario, seen, seed), spent(seen, before, passed)
    month = scenario.months[passed - 1]
    try:
        plan = replan(
            scenario, curves, before, actual,
            passed=passed, stability=stability, gap=GAP, explain=False,
        ).media  # fmt: skip
    except (InfeasiblePlan, UndecidedPlan) as nothing:
        return Review(month, 0.0, f"kept the plan: {nothing}")
    market.set_plan(plan)
    moved = np.abs(market.plan.amounts - before.amounts)[:, passed:].sum() / 2
    return Review(month, float(moved))
