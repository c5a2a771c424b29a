"""What weeks say of channels by themselves: shares that were planted, and their errors."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.calibration.health.readings import readings
from experiments.calibration.history import History
from experiments.calibration.moments import media_of_weeks
from tests.experiments.company import money
from tests.scenes import CHANNELS, base
from tiermix.core.arrays import Floats

BASE = base(defaults={"customers": 1500, "communities": 4})
SHARES = np.array([0.3, 0.05, 0.15])


def planted(noise: Floats | float = 0.0) -> History:
    """A year whose orders are shares of what channels press, each about its mean, and the rest."""
    spent = money(9, told=True)
    pressed = np.array(list(media_of_weeks(BASE, spent).values()))
    return replace(spent, conversions=1000 * (1 - SHARES.sum() + SHARES @ pressed + noise))


def test_shares_that_were_planted_are_read_exactly() -> None:
    found = readings(BASE, planted())
    assert list(found) == list(CHANNELS)
    assert [share for share, _ in found.values()] == pytest.approx(SHARES)
    assert all(error < 0.01 for _, error in found.values())


@pytest.mark.parametrize("echo", [0.0, 0.4])
def test_errors_of_readings_hold_what_was_planted(echo: float) -> None:
    """300 years, whose noise has a memory from week to week, or none."""
    luck = np.random.default_rng(1)
    held = []
    for _ in range(300):
        noise = luck.normal(0, 0.05, 52)
        for n in range(1, 52):
            noise[n] += echo * noise[n - 1]
        found = readings(BASE, planted(noise)).values()
        held.append([abs(x - y) < 1.96 * e for (x, e), y in zip(found, SHARES, strict=True)])
    # A memory that is estimated on 52 weeks costs a few points: 0.95 ± 0.007 in a perfect world.
    assert 0.90 < np.mean(held) < 0.98


def test_a_few_weeks_say_nothing_of_many_channels() -> None:
    assert readings(BASE, planted().part(slice(0, 8))) == {}
