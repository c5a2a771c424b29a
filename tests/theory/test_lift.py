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

from experiments.lift import lift
from experiments.lift_result import Lift
from scenarios import Scenario
from tests.sim.worlds import DIRECT, assert_near, assert_share, market, media, shopper

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
    found = tests.found
    assert found is not None
    assert_share(round(found.estimate * REPETITIONS), REPETITIONS, tests.power["chance"])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_channel_that_does_nothing_is_found_to_do_something_one_time_in_twenty(
    design: str,
) -> None:
    table = _tests(design, inert=True).worlds
    assert (table["truth"] == 0.0).all()
    assert_near(table["estimate"].mean(), 0.0, table["estimate"].sem())
    assert_share((table["p_value"] < 0.05).sum(), REPETITIONS, 0.05)
