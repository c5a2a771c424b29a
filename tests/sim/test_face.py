"""What `sim` offers to those above: warm by itself, watched by the week, logged on demand."""

from typing import Any

import numpy as np
import pytest

from sim import (
    Arm,
    MarketYear,
    Setting,
    everybody_seen,
    of_kind,
    simulate,
    simulate_arms,
    simulate_histories,
    watch_weeks,
)
from sim.market import compiled
from tests.scenes import busy
from tiermix.core.limits import MARKET_DAYS

CUSTOMERS = 300


def test_histories_are_compiled_for_before_workers_start(monkeypatch: pytest.MonkeyPatch) -> None:
    warm: list[bool] = []

    def run_tasks(*arguments: Any, **named: Any) -> Any:
        warm.append(bool(compiled._done))
        return run(*arguments, **named)

    run = compiled.run_tasks
    monkeypatch.setattr(compiled, "_done", set())
    monkeypatch.setattr(compiled, "run_tasks", run_tasks)
    simulate_histories([Setting(busy(), 40, 1)], workers=1)
    assert warm
    assert all(warm) or not compiled.COMPILED


def test_histories_and_arms_are_the_years_of_simulate() -> None:
    run = simulate(busy(), seed=3, customers=CUSTOMERS, workers=1)
    past = simulate_histories([Setting(busy(), CUSTOMERS, 3)], workers=1)[0]
    planned = simulate_arms([past], [[Arm(run.plan)]], workers=1)[0][0]
    for ours, theirs in ((past.year, run.history.year), (planned, run.planned.year)):
        assert isinstance(ours, MarketYear)
        np.testing.assert_array_equal(ours.channel, theirs.channel)
        np.testing.assert_array_equal(ours.ledger, theirs.ledger)


def test_nothing_to_simulate_gives_nothing() -> None:
    assert simulate_histories([]) == []
    assert watch_weeks([], np.zeros((1, MARKET_DAYS)), 0, 4) == []


def test_weeks_that_are_watched_add_up_to_the_history_year() -> None:
    """Without money nothing is spent; people who come by themselves are seen all the same."""
    scenario = busy()
    daily = np.zeros((len(scenario.channels), MARKET_DAYS))
    setting = Setting(scenario, CUSTOMERS, 3)
    heard: list[tuple[str, int, int | None]] = []
    (seen,) = watch_weeks(
        [setting], daily, 0, 52, workers=1, progress=lambda *said: heard.append(said), what="weeks"
    )
    channels = len(scenario.channels)
    assert seen.totals.shape == (52, 5, channels)
    assert seen.spend.sum() == 0
    assert seen.total("conversions").sum() > 0
    assert seen.people.sum() == CUSTOMERS
    assert heard[-1] == ("weeks", 1, 1)


def test_money_that_is_given_by_the_day_is_spent_in_its_week() -> None:
    scenario = busy()
    spent = scenario.reference_plan.by_channel
    channel = next(
        n for n, c in enumerate(scenario.channels) if not c.capped and spent.get(c.name, 0.0) > 0
    )
    daily = np.zeros((len(scenario.channels), MARKET_DAYS))
    daily[channel, 14:21] = 1000.0
    (seen,) = watch_weeks([Setting(scenario, CUSTOMERS, 3)], daily, 0, 5, workers=1)
    np.testing.assert_allclose(seen.spend[:, channel], [0, 0, 7000.0, 0, 0], rtol=1e-9)


def test_a_logged_setting_lives_the_same_and_writes_it_down() -> None:
    setting = Setting(everybody_seen(busy()), CUSTOMERS, 3)
    community = setting.layout.communities[0]
    quiet, _ = setting.history(community)
    told, _ = setting.logged().history(community)
    np.testing.assert_array_equal(quiet.channel, told.channel)
    assert len(quiet.raw_rows) == 0
    orders = of_kind(told.raw_rows, "order")
    assert quiet.counted("orders") == len(orders) > 0
    assert quiet.counted("revenue") == orders["value"].sum()
