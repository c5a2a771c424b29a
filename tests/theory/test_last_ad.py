"""What the last ad before an order did, where that can be told without a formula."""

import numpy as np
import pytest

from scenarios import Scenario
from sim import ground_truth
from tests.scenes import market, media, persona


def _market(delay: float) -> Scenario:
    """Nobody needs anything until an ad of `asks` wakes a need; it leads to our place at once, or
    after a while. `noise` is noticed by everybody, daily, and does nothing."""
    return market(
        media("asks", peak=0.05, engagement=0.3, awaken=1.0, click_through=1.0, themed=False),
        media("noise", peak=1.0, themed=False),
        people=persona(base_utility=40.0, need_days=300.0, looks_per_day=0.0),
        integration={"hand_off_days": delay},
        defaults={"tail_days": 30},
    )  # fmt: skip


@pytest.mark.parametrize("delay", [0.0, 3.0])
def test_an_ad_that_does_nothing_did_nothing_as_the_last_one_either(delay: float) -> None:
    """With a delay `noise` is nearly always the last ad noticed: a rule of attribution would pay it
    for the order, and the truth is exactly nothing: no order differs, so all that is left is the
    bound that so many people allow."""
    found = ground_truth(_market(delay), "last_ad", seed=3, customers=600, workers=1)
    table = found.table.set_index("unit")
    assert table.loc["noise", "effect"] == table.loc["noise", "orders_differ"] == 0.0


def test_without_the_ad_that_woke_it_there_is_no_order() -> None:
    """Every order follows its own ad at once: all of them go with their last ads."""
    found = ground_truth(_market(0.0), "last_ad", seed=3, customers=600, workers=1)
    removal = ground_truth(_market(0.0), "removal", seed=3, customers=600, workers=1)
    last, whole = (x.table.set_index("unit").loc["asks", "effect"] for x in (found, removal))
    assert whole > 0
    tail = whole * (1 - 365 / 395)  # the tail's own orders keep their ads
    assert np.isclose(last, whole, atol=1.2 * tail + 1e-9)
    assert last > 0.85 * whole
