"""What it is worth to know a channel: the loss expected from not knowing, and what a test saves.

With f_d what money x brings under draw d of a channel's curves, and H what a unit has to bring,

    V_d(x) = Σ_m f_dm(x_m) − H Σ_m x_m,      EVPI = E_d max_x V_d(x) − max_x E_d V_d(x)

over what the rules on money leave the channel in the months that can still be planned (Raiffa and
Schlaifer 1961). A test whose error is e, where s is that of what is known, leaves the part
e² / (s² + e²) of it: exact for a loss that is quadratic, as it is near a plan's best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimize import ResponseCurves, money_ranges
from scenarios import MediaPlan, Scenario
from tiermix.core.arrays import Floats

DRAWS = 40
STEPS = 25  # amounts that are tried

_ranges: dict[str, dict[str, tuple[float, float]]] = {}


def ranges_of(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """What the rules on money leave each channel: the same in every draw, and found once."""
    if scenario.hash not in _ranges:
        _ranges[scenario.hash] = money_ranges(scenario)
    return _ranges[scenario.hash]


@dataclass(frozen=True)
class ChannelKnown:
    """What a channel brings of a KPI by the curves' draws; `plan` is what it gets by month [M]."""

    scenario: Scenario
    curves: ResponseCurves
    channel: str
    plan: MediaPlan

    def brought(self, kpi: str, months: Sequence[int], times: Floats) -> Floats:
        """By draw and multiple of the planned money [D, X], in the sum of the months."""
        own = tuple(c for c in self.curves.curves if c.channel == self.channel and c.kpi == kpi)
        mine = replace(self.curves, curves=own)
        money, total = self.plan.of(self.channel), np.zeros((self.draws, len(times)))
        for draw in range(self.draws):
            drawn = mine.draw(draw)
            for m in months:
                curve = drawn.get(self.channel, kpi, self.scenario.months[m])
                if curve is not None and money[m] > 0:
                    total[draw] += curve.value(times * money[m])
        return total

    @property
    def draws(self) -> int:
        """So many draws tell enough."""
        return min(self.curves.draws, DRAWS)

    def worth_knowing(self, kpi: str, hurdle: float, months: Sequence[int]) -> float:
        """EVPI of the channel alone, in its own money of the `months`; 0 where it has none there.

        Other channels and months stay as planned, and a unit of money is worth `hurdle` to them.
        """
        money = self.plan.of(self.channel)
        left = float(money[list(months)].sum())
        if left <= 0 or self.draws < 2:
            return 0.0
        spent = float(money.sum()) - left
        least, most = (max(end - spent, 0.0) for end in ranges_of(self.scenario)[self.channel])
        times = np.linspace(least, max(most, least), STEPS) / left
        value = self.brought(kpi, months, times) - hurdle * times * left
        return float(value.max(axis=1).mean() - value.mean(axis=0).max())


def part_learned(known: float, error: float) -> float:
    """The part of the loss that a test saves, from what is known and its own error (deviations)."""
    return known**2 / (known**2 + error**2) if known > 0 else 0.0
