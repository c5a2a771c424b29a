"""Something bought between the years: the past stays, and the year is as if long planned."""

import numpy as np
import pytest

from scenarios import Scenario, load_scenario, with_bought
from sim import Arm, MarketYear, WarmedUpMarket, settings_of, simulate_arms, simulate_histories

CHANGES = {
    "cdp": {"integration.resolution": 0.8},
    "personal": {
        "integration.personalisation": 0.6,
        "automation.rules": {"thanks": {"when": "order", "wait": 3, "channel": "email"}},
    },
    "film": {
        "content.assets": {
            "winter": {
                "made_for": "short_video",
                "release": "2026-05-01",
                "quality": 2,
                "cost": 1e5,
            }
        }
    },
    "service": {"loyalty.programme": 0.5, "desk.agents": 20},
}


@pytest.fixture(scope="module")
def before() -> Scenario:
    candidates = [{"name": name, "changes": changes} for name, changes in CHANGES.items()]
    candidates[0] |= {"yearly_cost": 365e3, "one_off_cost": 5e4, "start": "2026-07-01"}
    return load_scenario("smart_home_before", {"candidates": candidates})


@pytest.fixture(scope="module")
def past(before: Scenario) -> WarmedUpMarket:
    return _past(before)


def _past(scenario: Scenario) -> WarmedUpMarket:
    return simulate_histories(settings_of([scenario], 300, [5]), workers=1)[0]


def _year(past: WarmedUpMarket) -> MarketYear:
    plan = past.setting.scenario.reference_plan
    return simulate_arms([past], [[Arm(plan)]], workers=1)[0][0]


def _same(one: MarketYear, other: MarketYear) -> bool:
    names = ("channel", "people", "end_states", "reached")
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names)


def test_what_is_bought_acts_as_if_it_had_been_planned_all_along(
    before: Scenario, past: WarmedUpMarket
) -> None:
    """All with a date: a scenario whose past does not know of it lives the same planned year."""
    bought = with_bought(before, ["cdp", "personal", "film"])
    assert _same(_year(past.going_on(bought)), _year(_past(bought)))
    assert not _same(_year(past.going_on(bought)), _year(past))


def test_nothing_bought_changes_nothing(before: Scenario, past: WarmedUpMarket) -> None:
    assert _same(_year(past.going_on(with_bought(before, []))), _year(past))


def test_a_system_changes_nothing_before_its_day(before: Scenario, past: WarmedUpMarket) -> None:
    bought = _year(past.going_on(with_bought(before, ["cdp"])))
    plain = _year(past)
    assert np.array_equal(bought.channel[:, :6], plain.channel[:, :6])
    assert not np.array_equal(bought.channel[:, 6:12], plain.channel[:, 6:12])


def test_what_has_no_date_begins_with_the_planned_year(
    before: Scenario, past: WarmedUpMarket
) -> None:
    assert not _same(_year(past.going_on(with_bought(before, ["service"]))), _year(past))


def test_another_market_is_no_future_of_this_past(before: Scenario, past: WarmedUpMarket) -> None:
    other = load_scenario("smart_home_before", market_size=before.market_size * 2)
    with pytest.raises(ValueError, match="other people"):
        past.going_on(other)
