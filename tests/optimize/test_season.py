"""Seasons: luck is left out, what is surely there stays."""

from __future__ import annotations

import numpy as np
import pytest

from optimize import seasons_of
from tiermix.core.arrays import Floats

VISITS: Floats = np.array([1.0, 0.9, 0.9, 0.9, 1.0, 1.2, 1.0, 0.9, 0.9, 1.0, 1.4, 0.9]) * 1000.0
STEADY = VISITS / VISITS.mean()


def drawn(true: Floats, noise: float, seed: int) -> tuple[Floats, Floats]:
    """Orders of a true season with a relative error, and its standard errors."""
    error = noise * 100.0 * true
    return 100.0 * true + error * np.random.default_rng(seed).normal(size=12), error


def test_luck_is_not_followed() -> None:
    misses, raw = [], []
    for seed in range(200):
        level, error = drawn(STEADY, 0.1, seed)
        found = seasons_of({"visits": VISITS, "conversions": level}, {"conversions": error})
        misses.append(np.abs(found["conversions"] - STEADY).mean())
        raw.append(np.abs(level / level.mean() - STEADY).mean())
    assert np.mean(misses) < 0.15 * np.mean(raw)


def test_a_season_of_its_own_is_kept_as_far_as_it_is_sure() -> None:
    own = STEADY * np.linspace(1.4, 0.6, 12)
    own /= own.mean()
    misses, raw, steady = [], [], []
    for seed in range(200):
        level, error = drawn(own, 0.1, seed)
        found = seasons_of({"visits": VISITS, "conversions": level}, {"conversions": error})
        misses.append(((found["conversions"] - own) ** 2).mean())
        raw.append(((level / level.mean() - own) ** 2).mean())
        steady.append(((STEADY - own) ** 2).mean())
    assert np.mean(misses) < np.mean(raw)
    assert np.mean(misses) < 0.2 * np.mean(steady)


def test_margin_follows_orders_and_orders_follow_visits() -> None:
    orders = 100.0 * np.linspace(1.4, 0.6, 12)
    few = {"conversions": np.full(12, 1.0), "margin": np.full(12, 4000.0)}
    luck = np.random.default_rng(1).normal(size=12)
    margin = 100.0 * orders + 2000.0 * luck
    found = seasons_of({"margin": margin, "visits": VISITS, "conversions": orders}, few)
    assert found["conversions"] == pytest.approx(orders / orders.mean(), rel=0.02)
    assert found["margin"] == pytest.approx(found["conversions"], rel=0.02)


@pytest.mark.parametrize("level", [np.zeros(12), np.r_[0.0, np.ones(11)]])
def test_months_without_any_are_not_told_apart_where_nothing_is_steadier(level: Floats) -> None:
    assert (seasons_of({"leads": level}, {})["leads"] == 1.0).all()


def test_without_errors_a_level_has_its_own_season() -> None:
    level = np.arange(1.0, 13.0)
    found = seasons_of({"visits": VISITS, "leads": level}, {})["leads"]
    assert found == pytest.approx(level / level.mean())
