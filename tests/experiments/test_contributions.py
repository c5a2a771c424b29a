"""What weeks say of channels by themselves: shares that were planted, and published ones."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.health.readings import SHAPES, _pressure, readings, shares_by_weeks
from experiments.calibration.history import WEEK, History
from tests.experiments.company import money
from tests.experiments.published import company
from tests.scenes import CHANNELS, base
from tiermix.core.arrays import Floats

BASE = base(defaults={"customers": 1500, "communities": 4})
SHARES = np.array([0.3, 0.05, 0.15])


def planted(noise: Floats | float = 0.0, how: tuple[float, float] = SHAPES[8]) -> History:
    """A year whose orders are shares of what channels press, each about its mean, and the rest."""
    spent = money(9, told=True)
    pressed = np.array([_pressure(spent, name, *how) for name in CHANNELS])
    return replace(spent, conversions=1000 * (1 - SHARES.sum() + SHARES @ pressed + noise))


def test_shares_that_were_planted_are_read_exactly() -> None:
    found = readings(BASE, planted())
    assert list(found) == list(CHANNELS)
    assert [share for share, _ in found.values()] == pytest.approx(SHARES, abs=1e-6)
    assert all(error < 0.01 for _, error in found.values())


@pytest.mark.parametrize("echo", [0.0, 0.4])
def test_errors_of_readings_hold_what_was_planted(echo: float) -> None:
    """30 years, whose noise has a memory from week to week, or none; shapes are not told."""
    luck = np.random.default_rng(1)
    held = []
    for _ in range(30):
        noise = luck.normal(0, 0.05, 52)
        for n in range(1, 52):
            noise[n] += echo * noise[n - 1]
        found = readings(BASE, planted(noise)).values()
        held.append([abs(x - y) < 1.96 * e for (x, e), y in zip(found, SHARES, strict=True)])
    error = np.std(np.mean(held, axis=1)) / len(held) ** 0.5
    assert abs(np.mean(held) - 0.95) < 0.04 + 3 * error


def test_a_few_weeks_say_nothing_of_many_channels() -> None:
    assert readings(BASE, planted().part(slice(0, 8))) == {}


def test_published_shares_lie_in_the_errors_of_what_weeks_say() -> None:
    """Of twelve companies by pymc-marketing's formula, by the whole table and for its last year."""
    away = []
    for seed in range(1, 13):
        table, truth = company(seed)
        found = shares_by_weeks(_history(table), ["x1", "x2"], _demand(table))
        away.append([(found[c][0] - truth[c]) / found[c][1] for c in ("x1", "x2")])
    errors = np.array(away)
    assert (np.abs(errors) < 2.58).mean() > 0.9
    assert (np.abs(errors.mean(axis=0)) < 3 * errors.std(axis=0) / len(away) ** 0.5 + 0.2).all()


def _history(table: pd.DataFrame) -> History:
    spend = table[["x1", "x2"]].to_numpy(float)
    orders, nothing = table["y"].to_numpy(float), np.full(spend.shape, np.nan)
    weeks = tuple(dt.date(2018, 4, 2) + n * WEEK for n in range(len(orders)))
    return History(weeks, ("x1", "x2"), spend, nothing, nothing, orders, 60 * orders, "made up")


def _demand(table: pd.DataFrame) -> Floats:
    """Growth, both special weeks, and a column a month."""
    months = pd.get_dummies(table["date_week"].dt.month).to_numpy(float)
    return np.column_stack([np.arange(len(table)), table[["event_1", "event_2"]], months])
