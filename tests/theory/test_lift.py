"""Experiments inside the market say what is true, as often as they promise.

A difference of randomised groups is unbiased where nobody's outcome hangs on another's treatment,
and its 95 % interval holds the truth in 95 of 100 repetitions (Imbens and Rubin 2015, sections 6.4
to 6.6; for regression adjustment Lin 2013). The truth is each market's own: everybody with the
channel less nobody with it, with the same luck. It varies less than what a test sees of it, so
coverage may lie slightly above its nominal rate.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from experiments.lift_test.result import Lift
from experiments.lift_test.run import lift
from scenarios import Scenario
from tests.scenes import DIRECT, market, media, shopper
from tests.sim.worlds import assert_near, assert_share

pytestmark = pytest.mark.long
REPETITIONS = 200
STRONG = {"engagement": 0.1, "goodwill_engaged": 0.3, "awaken": 0.1, "click_through": 0.3}
DESIGNS = ("ab", "geo")


def _market(channel: dict[str, float]) -> Scenario:
    """One channel that does this, and needs that are also looked after directly."""
    return market(
        media(peak=0.3, **channel),
        DIRECT,
        people=shopper(base_utility=-0.5),
        defaults={"communities": 12, "customers": 240},
    )


@cache
def _tests(design: str, *, inert: bool = False) -> Lift:
    scenario = _market({} if inert else STRONG)
    return lift(scenario, "media", design, weeks=16, replications=REPETITIONS, workers=1)


def _table(design: str) -> pd.DataFrame:
    return _tests(design).worlds


@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_are_unbiased_for_the_truth(design: str) -> None:
    table = _table(design)
    off = table["estimate"] - table["truth"]
    assert table["truth"].mean() > 0
    assert_near(off.mean(), 0.0, off.std(ddof=1) / np.sqrt(REPETITIONS))


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_truth_as_often_as_they_say(design: str) -> None:
    """Binomial tolerance around the nominal rate."""
    assert_share(_table(design)["covered"].sum(), REPETITIONS, 0.95)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_standard_error_is_the_spread_of_the_estimate(design: str) -> None:
    """A variance estimated from n normal values has the relative error sqrt(2 / (n - 1))."""
    table = _table(design)
    ratio = (table["se"] ** 2).mean() / table["estimate"].var(ddof=1)
    assert_near(ratio, 1.0, np.sqrt(2.0 / (REPETITIONS - 1)))


@pytest.mark.parametrize("design", DESIGNS)
def test_effects_are_found_as_often_as_the_power_says(design: str) -> None:
    """The noncentral t law of the mean error, at the mean truth."""
    tests = _tests(design)
    rejected = tests.rejected
    assert rejected is not None
    assert_share(round(rejected.estimate * REPETITIONS), REPETITIONS, tests.power["chance"])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_channel_that_does_nothing_is_found_to_do_something_one_time_in_twenty(
    design: str,
) -> None:
    table = _tests(design, inert=True).worlds
    assert (table["truth"] == 0.0).all()
    assert_near(table["estimate"].mean(), 0.0, table["estimate"].sem())
    assert_share((table["p_value"] < 0.05).sum(), REPETITIONS, 0.05)


MENTIONED, TOLD, AWAKEN, MET = 1.0, 1.5, 0.5, 0.2 / (0.2 + 0.1)
"""Every order is told to 1.5 others, every other of whom needs it then and buys two times in three
(a need of ten days, looked after every five)."""


@cache
def _talkative(design: str) -> pd.DataFrame:
    """Tests of a channel whose buyers talk, in a market that adds up: needs awaken, needs sell."""
    scenario = market(
        media(peak=0.02, engagement=0.9999, awaken=0.5),
        {"name": "friends", "tier": 3, "delivery": "earned"} | {"engagement": 0.9999}
        | {"awaken": AWAKEN},
        DIRECT,
        people=shopper(base_utility=60.0, needs_per_year=1.0, repeat_needs_per_year=1.0),
        search={"direct_base": 40.0},
        behaviour={"experience_order": 0.0, "experience_gain": 0.0, "cart": 0.0, "signup": 0.0},
        loyalty={"satisfaction": 10.0, "satisfaction_spread": 0.0},
        word_of_mouth={"channel": "friends", "mentions": MENTIONED, "referrals": TOLD},
        defaults={"communities": 12, "customers": 600},
    )  # fmt: skip
    return lift(scenario, "media", design, replications=40, workers=1).worlds


def _share_of_truth(table: pd.DataFrame) -> tuple[float, float]:
    """Mean estimate over mean truth, and its standard error (delta method)."""
    ratio = table["estimate"].mean() / table["truth"].mean()
    off = table["estimate"] - ratio * table["truth"]
    return float(ratio), float(off.sem() / table["truth"].mean())


def test_people_who_talk_hide_the_part_of_the_effect_that_is_passed_on() -> None:
    """Total progeny D / (1 - mu) of D direct orders (Harris 1963), but what is passed on reaches
    both groups alike: their difference is D (Hudgens and Halloran 2008: direct against total).
    """
    ratio, se = _share_of_truth(_talkative("ab"))
    assert_near(ratio, 1.0 - MENTIONED * TOLD * AWAKEN * MET, se)


def test_talk_stays_within_communities_and_does_not_disturb_a_test_on_them() -> None:
    ratio, se = _share_of_truth(_talkative("geo"))
    assert_near(ratio, 1.0, se)
