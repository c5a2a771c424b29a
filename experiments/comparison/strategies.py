"""The strategies: how each makes its plan for the year, and the table of what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.comparison.refine import best_found
from experiments.comparison.review import QUARTER, review
from experiments.comparison.strategy import Choice, Knowledge, Strategy, StrategyError
from experiments.comparison.tested import lift_tests, told
from optimize import (
    InfeasiblePlan,
    Plan,
    ResponseCurves,
    UndecidedPlan,
    allocate,
    money_moved,
    nearest,
)
from scenarios import MediaPlan, Scenario
from sim import Market
from tiermix.core import figures
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

NEAREST = (
    "moved as little as the rules on money ask for; rules on what the money brings are left out"
)


def last_year(knows: Knowledge) -> Choice:
    """Last year's split, scaled to this year's budget."""
    return Choice(knows.scenario.reference_plan.scaled_to(knows.scenario.budget))


def equal(knows: Knowledge) -> Choice:
    """The same money for every channel, and in each month in which it takes place."""
    scenario = knows.scenario
    count = len(scenario.plannable)
    return Choice(_spread(scenario, np.full(count, 1.0 / count), np.ones(12)))


def last_click(knows: Knowledge) -> Choice:
    """Money where last year's last clicks were: shares of last-click revenue."""
    names = knows.scenario.plannable
    credit = np.array([max(knows.last_click.get(name, 0.0), 0.0) for name in names])
    if credit.sum() <= 0:
        kept = last_year(knows).media
        return Choice(kept, note="no last click last year; kept last year's plan", fallback=True)
    return Choice(_split(knows.scenario, credit / credit.sum()))


def tiered(knows: Knowledge) -> Choice:
    """Fixed shares per tier (the scenario's, 60 / 30 / 10), inside a tier as last year."""
    scenario = knows.scenario
    spent = np.array([scenario.reference_plan.by_channel[name] for name in scenario.plannable])
    tier = np.array([scenario.tier_of(name) for name in scenario.plannable])
    share = np.zeros(len(spent))
    for number, part in enumerate(scenario.tier_shares, start=1):
        inside = tier == number
        weight = spent * inside if spent[inside].sum() > 0 else inside.astype(float)
        if weight.sum() > 0:
            share += part * weight / weight.sum()
    return Choice(_split(scenario, share / share.sum()))


def last_year_within_rules(knows: Knowledge) -> Choice:
    """The plan nearest to last year's that keeps the rules on money."""
    return within_rules(knows, last_year(knows))


def equal_within_rules(knows: Knowledge) -> Choice:
    """The plan nearest to the equal split that keeps the rules on money."""
    return within_rules(knows, equal(knows))


def last_click_within_rules(knows: Knowledge) -> Choice:
    """The plan nearest to the last-click chaser's that keeps the rules on money."""
    return within_rules(knows, last_click(knows))


def tiered_within_rules(knows: Knowledge) -> Choice:
    """The plan nearest to fixed tier shares that keeps the rules on money."""
    return within_rules(knows, tiered(knows))


def within_rules(knows: Knowledge, choice: Choice) -> Choice:
    """The choice with the nearest plan that keeps the rules on money, which need no curves."""
    found = nearest(knows.scenario, choice.media)
    moved = money_moved(choice.media, found)
    if moved <= 1e-6 * knows.scenario.budget:
        return choice
    said = f"{figures.money(moved, knows.scenario.currency)} moved to keep the rules on money"
    return replace(choice, media=found, note="; ".join(filter(None, [choice.note, said])))


def lp(knows: Knowledge) -> Choice:
    """The program on what the company can estimate from its own history.

    Its gap is a tenth of a percent: the estimates are not worth a finer one.
    """
    return _on_estimates(knows, gap=1e-3)


def lp_tested(knows: Knowledge) -> Choice:
    """The program on the company's history and on lift tests that it made in that year."""
    if len(knows.scenario.regions) < 2:
        return Choice(last_year(knows).media, note=ONE_REGION, fallback=True)
    tests = lift_tests(knows)
    assert knows.tested is not None
    curves = knows.tested({test.channel: (test.share, test.se) for test in tests})
    return told(_programmed(knows, curves, gap=1e-3), tests, knows.scenario.currency)


def lp_robust(knows: Knowledge) -> Choice:
    """The same with the bad draws of the estimates counted as well: mean and CVaR."""
    return _on_estimates(knows, robust=True)


def lp_known_curves(knows: Knowledge) -> Choice:
    """The program on curves measured in the market as written: the value of knowing."""
    if knows.known is None:
        raise StrategyError("lp_known_curves needs measured curves; measure_curves gives them")
    return _programmed(knows, knows.known, gap=knows.gap)


def clairvoyant(knows: Knowledge) -> Choice:
    """The best plan found by one who knows the very world that was drawn.

    It is found with random numbers that differ from those of judging.
    """
    if knows.drawn is None:
        raise StrategyError("clairvoyant needs the world that was drawn; compare lends it")
    here = knows.drawn
    found = best_found(
        knows.scenario, here.scenario, seed=here.seed, customers=here.customers, workers=1
    )
    return Choice(found.media, note=f"refined in the world that came: {found.note}")


def lp_review(knows: Knowledge, every: int = QUARTER) -> Choice:
    """The program on the company's data, made again after so many months from what they have shown.

    The people and random numbers are those of judging: whoever follows a plan lives in the year
    that is judged. Lived again with the months as they came out, that year is the same to the last
    row.
    """
    if knows.drawn is None:
        raise StrategyError("reviews need a world to follow the plan in; compare lends it")
    start, here = lp(knows), knows.drawn
    if start.curves is None:
        return start
    market = Market(here.scenario, here.seed, here.customers, start.media, workers=1)
    found = review(knows.scenario, market, every=every, seed=here.seed)
    said = "; ".join(filter(None, [start.note, found.note]))
    return Choice(found.media, note=said, diary=found.reviews)


def lp_review_monthly(knows: Knowledge) -> Choice:
    """The same each month."""
    return lp_review(knows, every=1)


TABLE = (
    Strategy(
        "last_year", last_year, "Last year's split", "去年方案",
        "Last year's plan, scaled to this year's budget. It may know last year's ledger.",
        usual=True, same_in_every_world=True,
    ),
    Strategy(
        "equal", equal, "Equal split", "平均分配",
        "The same money for every channel, and in each month in which it takes place. It knows "
        "nothing, and is held to no rule.",
        usual=True, same_in_every_world=True,
    ),
    Strategy(
        "equal_within_rules", equal_within_rules, "Equal split within the rules",
        "平均分配（守规则）",
        f"The equal split, {NEAREST}. It may know the rules.",
        usual=True, same_in_every_world=True,
    ),
    Strategy(
        "last_click", last_click, "Last-click chaser", "末次点击导向",
        "Money goes where last year's last clicks were, by their share of revenue. It may know "
        "last year's web analytics, and is held to no rule.",
        usual=True,
    ),
    Strategy(
        "tiered", tiered, "Fixed tier shares", "固定分级占比",
        "Fixed shares for the three tiers; within a tier the channels keep last year's shares. It "
        "may know last year's ledger, and is held to no rule.",
        usual=True, same_in_every_world=True,
    ),
    Strategy(
        "lp", lp, "Optimized plan (company data)", "优化方案（企业数据）",
        "It optimizes under the rules on response curves that the company can estimate from its "
        "own last year: weekly spend and outcomes by region, with the noise of what it sees.",
        usual=True,
    ),
    Strategy(
        "lp_tested", lp_tested, "Optimized plan (lift tests)", "优化方案（增量测试）",
        "It optimizes under the rules on the company's own last year and on lift tests made in it: "
        "the channels whose uncertainty matters most, each held out for half of it from a part of "
        "the people, with the error of a company of this size.",
        needs_market=True,
    ),
    Strategy(
        "lp_robust", lp_robust, "Robust optimized plan", "稳健优化方案",
        "It optimizes on the same estimates, and counts their bad draws as well as their mean.",
    ),
    Strategy(
        "lp_known_curves", lp_known_curves, "Optimum if the scenario is right",
        "情景为真时的最优方案",
        "It optimizes on response curves measured in the scenario as written: the best plan if the "
        "scenario is right, which only a simulator can know. Draws differ from the scenario.",
        usual=True, privileged=True, same_in_every_world=True, needs_curves=True,
    ),
    Strategy(
        "lp_review", lp_review, "Optimized plan with reviews", "优化方案（按季复盘）",
        "It starts as the optimized plan on company data and is planned again each quarter from "
        "what the year has shown; its diary says what was decided of each channel, and why.",
        needs_market=True,
    ),
    Strategy(
        "lp_review_monthly", lp_review_monthly, "Optimized plan with monthly reviews",
        "优化方案（按月复盘）", "The same, planned again each month.",
        needs_market=True,
    ),
    Strategy(
        "clairvoyant", clairvoyant, "Clairvoyant plan", "先知方案",
        "It knows the very market that was drawn, and refines its plan there by trial, which only "
        "a simulator can do.",
        privileged=True, needs_market=True,
    ),
    Strategy(
        "last_year_within_rules", last_year_within_rules, "Last year's split within the rules",
        "去年方案（守规则）", f"Last year's split, {NEAREST}.",
        same_in_every_world=True,
    ),
    Strategy(
        "last_click_within_rules", last_click_within_rules, "Last-click chaser within the rules",
        "末次点击导向（守规则）", f"The last-click chaser's plan, {NEAREST}.",
    ),
    Strategy(
        "tiered_within_rules", tiered_within_rules, "Fixed tier shares within the rules",
        "固定分级占比（守规则）", f"Fixed tier shares, {NEAREST}.",
        same_in_every_world=True,
    ),
)  # fmt: skip
"""One row a strategy; `compare` takes their names, or objects of your own."""

ONE_REGION = (
    "kept last year's plan: channels are told from the season by how spend differed between "
    "regions, and the scenario has one region only"
)
STRATEGIES = {strategy.name: strategy for strategy in TABLE}
USUAL = tuple(strategy.name for strategy in TABLE if strategy.usual)
"""What is compared unless asked: the others live the year again and again, and take minutes."""


def _on_estimates(knows: Knowledge, gap: float | None = None, robust: bool = False) -> Choice:
    """The program's plan on what can be estimated; last year's plan where nothing can be."""
    if len(knows.scenario.regions) < 2:
        return Choice(last_year(knows).media, note=ONE_REGION, fallback=True)
    return _programmed(knows, knows.estimated(), gap=gap, robust=robust)


def _programmed(
    knows: Knowledge, curves: ResponseCurves, gap: float | None = None, robust: bool = False
) -> Choice:
    """The program's plan; where its estimates allow none, last year's plan and the reason."""
    try:
        plan = allocate(
            knows.scenario, curves, gap=gap, robust=robust, calm=knows.calm, explain=knows.explain
        )
    except (InfeasiblePlan, UndecidedPlan) as nothing:
        kept, note = last_year(knows).media, f"kept last year's plan: {nothing}"
        proof = nothing if isinstance(nothing, InfeasiblePlan) else None
        return Choice(kept, note=note, curves=curves, fallback=True, refused=proof)
    return Choice(plan.media, plan=plan, note="; ".join(_doubts(plan, curves)), curves=curves)


def _doubts(plan: Plan, curves: ResponseCurves) -> Iterator[str]:
    """Which channels a plan knows nothing of, and a gap that is wider than was asked for."""
    if curves.prior_only:
        yield (
            f"prior only, with no data behind their curves: {', '.join(curves.prior_only)} "
            f"({curves.source})"
        )
    if plan.status != "optimal":
        yield (
            f"plan and bound are {figures.percent(plan.objective.gap, 2)} apart, "
            f"{figures.percent(plan.provenance['gap_asked'], 2)} was asked for"
        )


def _split(scenario: Scenario, share: Floats) -> MediaPlan:
    """The budget by channel shares, over months as last year's money was."""
    return _spread(scenario, share, np.array(list(scenario.reference_plan.by_month.values())))


def _spread(scenario: Scenario, share: Floats, month: Floats) -> MediaPlan:
    """The budget by shares of channels, over weights of the months in which each takes place.

    A channel that takes place in none of the weighted months keeps its money for all of them.
    """
    rows = [month * scenario.takes_place(name) for name in scenario.plannable]
    weights = np.array([row if row.sum() > 0 else month for row in rows])
    weights /= weights.sum(axis=1, keepdims=True)
    return MediaPlan(
        scenario.plannable, scenario.months, share[:, None] * weights * scenario.budget
    )


def last_click_revenue(aggregates: pd.DataFrame) -> dict[str, float]:
    """Revenue by the channel of the session that sold, summed over weeks and regions."""
    total = aggregates.groupby("channel", observed=True)["revenue"].sum()
    return {str(name): float(value) for name, value in total.items()}
