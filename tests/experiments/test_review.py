"""Reviews: the past stays, the rest is planned from what was seen, and the year can be judged."""

import json
from typing import Any

import numpy as np
import pytest

from experiments.comparison.review import Reviewed, diary, learned, review, spent
from experiments.comparison.run import study
from experiments.comparison.strategies import STRATEGIES, USUAL
from experiments.comparison.strategy import Knowledge, StrategyError
from experiments.planner_tests import held_out
from experiments.scenario_comparison.kept import packed, unpacked
from experiments.year_review.decisions import Decision, decisions
from experiments.year_review.run import STABILITY, replanned
from optimize import ResponseCurves
from scenarios import MediaPlan, Scenario, load_scenario
from sim import Arm, Market, MarketError, Scorecard, Setting, draw_world
from sim.market.arms import simulate_arms, simulate_histories

FEW, SEED = 300, 77


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail")


@pytest.fixture(scope="module")
def world(scenario: Scenario) -> Scenario:
    return draw_world(scenario, 5)


@pytest.fixture(scope="module")
def first(scenario: Scenario) -> MediaPlan:
    return scenario.reference_plan.scaled_to(scenario.budget)


@pytest.fixture(scope="module")
def market(world: Scenario, first: MediaPlan) -> Market:
    return Market(world, SEED, FEW, first)


@pytest.fixture(scope="module")
def found(scenario: Scenario, market: Market) -> Reviewed:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out, "SAMPLE", FEW)
        return review(scenario, market, every=4)


def test_months_gone_stay_and_the_rest_is_planned_again(
    found: Reviewed, first: MediaPlan, scenario: Scenario
) -> None:
    assert [r.month for r in found.reviews] == [scenario.months[3], scenario.months[7]]
    before = first.amounts[[first.channels.index(c) for c in found.media.channels]]
    assert found.media.amounts[:, :4] == pytest.approx(before[:, :4])
    assert all(page.moved > 0 for page in found.reviews)
    assert scenario.months[7] in found.note


def test_the_diary_says_what_was_decided_of_each_channel_in_figures_of_the_time(
    found: Reviewed, first: MediaPlan, scenario: Scenario
) -> None:
    """Money as the plans before and after have it, and reasons that hold the figures named."""
    early, late = found.reviews
    for page in found.reviews:
        assert [one.channel for one in page.decisions] == list(scenario.plannable)
        for one in page.decisions:
            assert f"{one.brings:.2f} ± {one.error:.2f}" in one.reason
            assert one.decision != "scale" or one.after > 1.1 * one.before
            assert one.decision != "cut" or one.after < 0.9 * one.before
            assert one.to_dict()["known"]["next_unit_brings"] == one.brings
        away = np.array([one.after - one.before for one in page.decisions])
        assert page.moved >= 0.5 * (np.abs(away).sum() + abs(away.sum())) * (1 - 1e-9)
    for one, other in zip(early.decisions, late.decisions, strict=True):
        assert one.before == pytest.approx(first.of(one.channel)[4:].sum())
        assert other.after == pytest.approx(found.media.of(one.channel)[8:].sum())
    assert {one.decision for one in early.decisions} & {"scale", "cut"}
    told = diary([found.reviews, ()])
    assert [one["draw"] for one in told] == [0]
    assert unpacked(packed(told)) == told  # a study that goes on has it again
    assert json.loads(json.dumps(told)) == told


def test_a_test_moves_money_and_its_result_is_used_at_the_next_review(
    found: Reviewed, scenario: Scenario
) -> None:
    """Who is held out is not paid for, in the year that is judged; the reason has the figures."""
    early, late = found.reviews
    assert early.tests
    assert not late.tests  # their results would come after the year
    decided = {one.channel: one for one in early.decisions}
    for test in early.tests:
        assert test.months == tuple(scenario.months[4:7])
        assert found.media.of(test.channel)[4:7].sum() == pytest.approx(test.money, rel=1e-6)
        assert test.worth > test.cost
        assert decided[test.channel].decision == "test"
        for amount in (test.worth, test.cost, test.money):
            assert f"¥{amount:,.0f}" in decided[test.channel].reason
    assert {one.channel for one in early.decisions if one.decision == "test"} == {
        one.channel for one in early.tests
    }
    later = {one.channel: one for one in late.decisions}
    assert {one.found.channel for one in late.results} == {one.channel for one in early.tests}
    for one in late.results:
        assert (
            f"found {one.found.share:.1%} ± {one.found.se:.1%}" in later[one.found.channel].reason
        )
        assert later[one.found.channel].evidence in ("test", "partly", "data")


def test_the_year_lived_again_under_what_it_came_to_is_the_same(
    found: Reviewed, market: Market, world: Scenario
) -> None:
    seen = market.advance(world.months[-1]).observe()
    past = simulate_histories([Setting(world, FEW, SEED)], workers=1)[0]
    again = simulate_arms([past], [[Arm(found.media)]], workers=1)[0][0]
    assert repr(Scorecard(again).to_dict()) == repr(seen.scorecard.to_dict())


def test_what_is_spent_keeps_within_the_budget(
    found: Reviewed, market: Market, scenario: Scenario
) -> None:
    if not market.over:
        market.advance(scenario.months[-1])
    actual = spent(market.observe(), found.media, 12)
    assert 0.5 * scenario.budget < actual.total <= scenario.budget * (1 + 1e-6)
    assert (actual.amounts <= found.media.amounts * (1 + 1e-6) + 1).all()


def test_curves_learn_from_the_year_so_far(scenario: Scenario, market: Market) -> None:
    seen = market.observe()
    more = learned(scenario, seen)
    assert more.draws
    assert more.months == scenario.months
    assert seen.history is not None


def test_a_channel_of_tier_3_that_its_test_proved_is_scaled_up(
    scenario: Scenario, market: Market, found: Reviewed
) -> None:
    """The same review without the test's result, and with one of a channel that does nothing."""
    name, passed, seen = "group_buying", 8, market.observe()
    assert scenario.tier_of(name) == 3
    actual = spent(seen, found.media, passed)

    def decided(lift: dict[str, tuple[float, ...]] | None) -> Decision:
        curves = learned(scenario, seen, 1, lift)
        plan, _ = replanned(scenario, curves, found.media, actual, passed, STABILITY)
        made = decisions(scenario, curves, actual, plan, passed)
        return next(one for one in made if one.channel == name)

    unknown, strong = decided(None), decided({name: (0.15, 0.005, 12.0, 1.0)})
    idle = decided({name: (0.0, 0.002, 12.0, 1.0)})
    assert not unknown.proven
    assert strong.proven
    assert strong.decision == "scale"
    assert "that is proven" in strong.reason
    assert strong.after > 1.1 * strong.before
    assert strong.after > idle.after
    assert not idle.proven


@pytest.mark.parametrize(("every", "words"), [(0, "use 1 to 11"), (12, "use 1 to 11")])
def test_reviews_that_cannot_be_held_are_refused(
    scenario: Scenario, market: Market, every: int, words: str
) -> None:
    with pytest.raises(MarketError, match=words):
        review(scenario, market, every=every)


def test_a_year_that_has_begun_is_refused(
    scenario: Scenario, found: Reviewed, market: Market
) -> None:
    assert found.media.total > 0
    with pytest.raises(MarketError, match="fresh market"):
        review(scenario, market)


@pytest.mark.parametrize("name", ["clairvoyant", "lp_review", "lp_review_monthly"])
def test_strategies_that_are_tried_in_a_world_ask_for_one(scenario: Scenario, name: str) -> None:
    knows = Knowledge(scenario, {}, lambda: ResponseCurves((), ()))
    assert name not in USUAL
    with pytest.raises(StrategyError, match="world"):
        STRATEGIES[name].plan(knows)


@pytest.mark.long
def test_all_strategies_are_compared_and_the_clairvoyant_is_no_company() -> None:
    """All have a plan; that of one who knows the world is not surely worse than last year's."""
    options: dict[str, Any] = {"replications": 2, "customers": 500, "seed": 4, "workers": 1}
    names = ["last_year", "lp", "lp_robust", "lp_review", "lp_review_monthly", "clairvoyant"]
    made = study(load_scenario("retail"), names, **options)
    assert made.comparison.strategies == names
    assert "clairvoyant" not in made.comparison.followable
    assert "lp_review" in made.comparison.followable
    assert made.choices["lp_robust"][0].plan is not None
    assert made.choices["lp_robust"][0].plan.robustness
    assert all("refined" in choice.note for choice in made.choices["clairvoyant"])
    assert all("reviewed" in choice.note for choice in made.choices["lp_review"])
    document = made.comparison.to_dict()
    for name, reviews in (("lp_review", 3), ("lp_review_monthly", 11)):
        (mine,) = [one for one in document["strategies"] if one["name"] == name]
        assert [page["draw"] for page in mine["diary"]] == [0, 1]
        assert all(len(page["reviews"]) == reviews for page in mine["diary"])
    # 500 customers are too few to say who earns more; `benchmarks.refined` asks that at full size.
    table = made.comparison.against("last_year")
    mine = (table["strategy"] == "clairvoyant") & (table["scope"] == "all")
    (high,) = table.loc[mine & (table["kpi"] == made.comparison.objective), "high"]
    assert high > 0
