"""Attribution against truth, where theory says what has to come out."""

import numpy as np
import pandas as pd
import pytest

from attribution import Hazard, Last, LastClick, Markov, bootstrap
from experiments.credit_error import SURE
from experiments.estimands import Truth, true_effects
from scenarios import Scenario, load_scenario
from sim import Setting, simulate
from sim.arms import live_pasts
from sim.truth import removal_effects
from tests.experiments.plain_market import plain_market

# A need that an engagement awakens is looked after twice a day and lasts five days, so what a touch
# brings comes after an exponential delay of rate 2 + 1/5 a day: the kernel of the hazard, exactly.
HALF_LIFE = float(np.log(2) / 2.2)
BROADCAST = ("douyin", "xiaohongshu", "kol")


def truth_of(scenario: Scenario, customers: int, seed: int, estimand: str = "removal") -> Truth:
    past = live_pasts([Setting(scenario, customers, seed, logging=True)], workers=1)[0]
    return true_effects(past, scenario.reference_plan, estimand)


@pytest.fixture(scope="module")
def plain() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The plain market: intervals of the hazard, credit of last touch, and the truth."""
    scenario, customers = plain_market(), 2500
    log = simulate(scenario, seed=11, customers=customers, workers=1).log
    weight = scenario.market_size / customers
    drawn = bootstrap(Hazard(half_life_days=HALF_LIFE), log, replications=30, level=0.95)
    last = Last().fit(log).credit_
    effects = truth_of(scenario, customers, 11).effects.set_index("channel")
    return drawn * weight, last * weight, effects


def test_the_additive_hazard_covers_removal_where_effects_add_up(plain) -> None:
    drawn, _, effects = plain
    for name, effect in effects["effect"].items():
        low, high = drawn.loc[name, ["conversions_low", "conversions_high"]]
        room = SURE * effects.loc[name, "se"] + 1.0  # of a million people; rates are never below 0
        assert low - room <= effect <= high + room, name
    # Not because the intervals are wide: they are far narrower than the effect itself.
    width = drawn["conversions_high"] - drawn["conversions_low"]
    assert width["video"] < 0.25 * effects.loc["video", "effect"]


def test_last_touch_misses_it_even_there(plain) -> None:
    _, last, effects = plain
    over = last["conversions"] - effects["effect"]
    assert (over > 4 * effects["se"]).all()
    assert effects.loc["radio", "effect"] == 0.0


def test_removal_solo_and_shapley_agree_where_effects_add_up() -> None:
    scenario = plain_market()
    found = {e: truth_of(scenario, 1000, 3, e) for e in ("removal", "solo", "shapley")}
    removal = found["removal"].effects
    for other in ("solo", "shapley"):
        effects = found[other].effects
        gap = (effects["effect"] - removal["effect"]).abs()
        assert (gap <= 3 * np.hypot(effects["se"], removal["se"]) + 1e-9).all()
    shapley = found["shapley"]
    assert shapley.effects["effect"].sum() == pytest.approx(shapley.together[0])


def test_removal_is_what_the_simulator_says_of_a_year_without_a_tail() -> None:
    scenario = plain_market(defaults={"tail_days": 0})
    past = live_pasts([Setting(scenario, 400, 3, logging=True)], workers=1)[0]
    ours = true_effects(past, scenario.reference_plan, "removal").effects
    theirs = removal_effects(past, scenario.reference_plan, workers=1).table
    assert ours["effect"].tolist() == pytest.approx(theirs["effect"].tolist())
    assert ours["se"].tolist() == pytest.approx(theirs["se"].tolist())


@pytest.mark.long
def test_in_retail_last_click_over_credits_search_and_under_credits_broadcast() -> None:
    scenario, customers, ratios = load_scenario("retail"), 4000, []
    for seed in (5, 6, 7):
        log = simulate(scenario, seed=seed, customers=customers, workers=1).log
        credit = LastClick().fit(log).credit_["conversions"] * scenario.market_size / customers
        effects = truth_of(scenario, customers, seed).effects.set_index("channel")["effect"]
        ratios.append(credit.reindex(effects.index) / effects)
    mean = pd.concat(ratios, axis=1).mean(axis=1)
    assert mean["paid_search"] > 1.7
    assert all(mean[name] < 1 / 1.5 for name in BROADCAST)


@pytest.mark.long
def test_a_removal_effect_of_a_chain_is_no_removal_from_the_market() -> None:
    scenario, customers = load_scenario("retail"), 3000
    log = simulate(scenario, seed=5, customers=customers, workers=1).log
    truth = truth_of(scenario, customers, 5)
    credit = Markov().fit(log).credit_["conversions"] * scenario.market_size / customers
    assert credit.drop("direct").sum() > 1.2 * truth.together[0]
