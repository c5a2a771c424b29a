"""A randomised hold-out inside the market estimates what a channel is worth.

The difference of two means is unbiased for the average effect where nobody's outcome hangs on
another's treatment, and its interval by Welch covers as often as it says (Imbens and Rubin 2015,
sections 6.4-6.6). The truth is told by the market itself: the same people with the channel and
without it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from scenarios import Scenario
from sim import Setting
from sim.engine.counts.row_kinds import ORDER
from sim.setup.communities import Community
from tests.scenes import DIRECT, market, media, shopper
from tests.sim.worlds import assert_near

PEOPLE, REPLICATIONS = 200, 200
NORMAL = 1.959964
HIDDEN = {"name": "hidden", "channel": "media", "share": 0.5, "shows": False}


def _scenario(variants: list[dict[str, Any]], peak: float = 0.3) -> Scenario:
    """One channel that brings people to our place; needs are also looked after directly."""
    return market(
        media(peak=peak, engagement=0.1, goodwill_engaged=0.3, awaken=0.1, click_through=0.3),
        DIRECT,
        people=shopper(base_utility=-0.5),
        variants=variants,
    )


def _orders(scenario: Scenario, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Orders of each person in a year, and who is in the test."""
    setting = Setting(scenario, PEOPLE, seed, logging=True)
    year, snapshot = setting.history(Community(0, 0, PEOPLE))
    sold = year.rows["customer"][year.rows["kind"] == ORDER]
    return np.bincount(sold, minlength=PEOPLE), snapshot.population["variants"] == 1


@dataclass(frozen=True)
class Trials:
    """Of each replication: the difference, its standard error, the same people's true effect."""

    difference: np.ndarray[Any, Any]
    error: np.ndarray[Any, Any]
    effect: np.ndarray[Any, Any]
    held: np.ndarray[Any, Any]


@cache
def _trials() -> Trials:
    tested, shown, gone = _scenario([HIDDEN]), _scenario([]), _scenario([], peak=0.0)
    found = []
    for seed in range(REPLICATIONS):
        orders, held = _orders(tested, seed)
        arms = orders[~held], orders[held]
        error = np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))
        effect = (_orders(shown, seed)[0] - _orders(gone, seed)[0]).mean()
        found.append((arms[0].mean() - arms[1].mean(), error, effect, held.mean()))
    return Trials(*np.array(found).T)


@pytest.mark.long
def test_the_difference_is_unbiased_for_the_removal_effect() -> None:
    trials = _trials()
    off = trials.difference - trials.effect
    assert trials.effect.mean() > 0.2
    assert_near(off.mean(), 0.0, off.std(ddof=1) / np.sqrt(REPLICATIONS))


@pytest.mark.long
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Binomial tolerance: 4 sqrt(0.95 * 0.05 / replications)."""
    trials = _trials()
    covered = np.abs(trials.difference - trials.effect.mean()) <= NORMAL * trials.error
    assert_near(covered.mean(), 0.95, np.sqrt(0.95 * 0.05 / REPLICATIONS))


@pytest.mark.long
def test_people_are_held_out_by_their_share() -> None:
    held = _trials().held
    assert_near(held.mean(), 0.5, 0.5 / np.sqrt(REPLICATIONS * PEOPLE))


@pytest.mark.parametrize("seed", [1, 2])
def test_who_is_held_out_lives_as_without_the_channel(seed: int) -> None:
    """And who is not lives as if there were no test: nobody's life hangs on another's."""
    orders, held = _orders(_scenario([HIDDEN]), seed)
    shown, gone = (_orders(_scenario([], peak), seed)[0] for peak in (0.3, 0.0))
    np.testing.assert_array_equal(orders[held], gone[held])
    np.testing.assert_array_equal(orders[~held], shown[~held])
