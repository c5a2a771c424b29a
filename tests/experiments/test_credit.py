"""Credit against truth: one function, named cuts, and a history that is lived once."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from attribution import MODELS, Hazard, Linear
from experiments.credit import (
    CREDITED,
    EVERY_TOUCH,
    attribution_against_truth,
    credit_against_truth,
    give_credit,
    kept_past,
    sessions,
)
from experiments.study import StudyError
from scenarios import load_scenario
from sim import Arm, Run, Setting, simulate
from sim.market.arms import simulate_arms, simulate_histories
from sim.truth.ground_truth import by_community, removal_effects
from tests.scenes import FEW_COMMUNITIES, plain_market
from tiermix.core.seeds import REPORTED_TRUTH, seed_of

MARKET = plain_market(defaults=FEW_COMMUNITIES)
SIZE, SEED = 300, 4


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(MARKET, seed=SEED, customers=SIZE, workers=2, keep_past=True)


def test_the_past_that_a_run_keeps_is_the_history_lived_by_itself(run: Run) -> None:
    """Logged or not: whoever reads on from it gets the same years."""
    alone = simulate_histories([Setting(MARKET, SIZE, SEED)], workers=1)[0]
    kept = kept_past(run, logging=False)
    assert kept.setting == alone.setting
    for ours, theirs in zip(kept.snapshots, alone.snapshots, strict=True):
        assert ours.community == theirs.community
        assert_array_equal(ours.population, theirs.population)
        assert_array_equal(ours.events, theirs.events)
    assert_array_equal(kept.year.people, alone.year.people)
    plan = MARKET.reference_plan
    years = simulate_arms([kept, alone], [[Arm(plan)]] * 2, workers=1)
    sold = [by_community(year, "conversions") for (year,) in years]
    assert_array_equal(*sold)
    assert sold[0].sum() == run.scorecard.value("conversions")


def test_a_run_keeps_no_past_unless_it_is_asked_to() -> None:
    assert simulate(MARKET, seed=SEED, customers=100, workers=1).past is None


def test_credit_stands_beside_the_truth_in_conversions_of_the_market(run: Run) -> None:
    effects = pd.DataFrame({"channel": ["video", "radio"], "effect": [7.0, 0.0], "se": [1.0, 0.0]})
    found = credit_against_truth(run, {"mine": Linear()}, effects, cut=EVERY_TOUCH, truth="made up")
    by_hand = Linear().fit(run.log).credit_["conversions"] * MARKET.market_size / SIZE
    table = found.table.set_index("channel")
    assert table["credit"].to_dict() == pytest.approx(by_hand[["video", "radio"]].to_dict())
    assert table["truth"].tolist() == [7.0, 0.0]
    assert found.convention() == {
        "cut": "every touch", "words": EVERY_TOUCH.words, "truth": "made up",
    }  # fmt: skip


def test_sessions_are_visits_with_direct_ones_taken_out() -> None:
    retail = load_scenario("retail")
    cut = sessions(retail)
    run = simulate(retail, seed=2, customers=200, workers=1)
    paths = cut.of(run.log, Linear())
    by_hand = run.log.paths(outcome="order", kinds=("visit",), without="direct")
    assert_array_equal(paths.channel, by_hand.channel)  # type: ignore[union-attr]
    assert "direct" in cut.words
    assert len(by_hand.channel) < len(run.log.paths().channel)


def test_a_scenario_without_direct_visits_has_none_to_take_out() -> None:
    data = MARKET.model_dump(mode="json")
    data["channels"] = [c for c in data["channels"] if c["delivery"] != "direct"]
    cut = sessions(type(MARKET).model_validate(data))
    assert cut.without is None
    assert "know no other" not in cut.words


def test_a_model_that_reads_no_paths_is_refused_by_a_cut_that_makes_them(run: Run) -> None:
    with pytest.raises(StudyError, match="Hazard cannot read; use the cut 'every touch'"):
        give_credit(run, "hazard", Hazard(), cut=sessions(MARKET))


def test_one_cut_gives_less_of_a_lookback_of_a_day(run: Run) -> None:
    whole, day = (
        give_credit(run, "linear", Linear(), cut=cut, lookback_days=days).conversions.sum()
        for cut, days in ((EVERY_TOUCH, None), (EVERY_TOUCH, 1.0))
    )
    assert 0 < day < whole
    clicks = replace(EVERY_TOUCH, kinds=("click",))
    less = give_credit(run, "linear", Linear(), cut=clicks).conversions.sum()
    assert less < whole


def test_web_analytics_beside_removal_is_what_its_parts_are() -> None:
    """Written out: a run, its visits, four models; and a history of its own for the truth."""
    found = attribution_against_truth(MARKET, seed=1, customers=200, workers=1)
    seed = seed_of(REPORTED_TRUTH, 1)
    run = simulate(MARKET, seed=seed, customers=200, workers=1)
    past = simulate_histories([Setting(MARKET, 200, seed)], workers=1)[0]
    truth: Any = removal_effects(past, MARKET.reference_plan, workers=1).table.set_index("unit")
    paths = run.log.paths(outcome="order", kinds=("visit",), without=sessions(MARKET).without)
    for name in CREDITED:
        rows = found.table[found.table["model"] == name].set_index("channel")
        credit = MODELS[name]().fit(paths).credit_["conversions"] * MARKET.market_size / 200
        np.testing.assert_allclose(rows["credit"], credit.reindex(rows.index).fillna(0.0))
        assert_array_equal(rows["truth"], truth["effect"].reindex(rows.index))
        assert_array_equal(rows["truth_se"], truth["se"].reindex(rows.index))
    assert found.cut.name == "sessions"
