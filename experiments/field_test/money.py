"""What a test cost, and what its effect says of the channel's whole money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from experiments.field_test.estimate import Estimate
from experiments.field_test.panel import Panel

Change = float | Literal["on", "off"]
"""What the test did to the channel's money where it was made: on (there was none elsewhere), off,
or the relative change."""
NOTHING = 0.01
"""Part of what was spent below which there was nothing before, or is nothing left."""
HALF_SPREAD, HALVES = 0.7, 21
"""Half-saturation over usual spend: log-normal around 1, as response curves are fitted with."""


@dataclass(frozen=True)
class Money:
    """What treated regions spent in a test, and what they would have spent without it."""

    spent: float
    usual: float

    @property
    def extra(self) -> float:
        """Money that the test cost; below 0 where it saved some."""
        return self.spent - self.usual

    @property
    def change(self) -> Change | None:
        """What was done to the money; None where nothing was."""
        if max(self.spent, self.usual) <= 0:
            return None
        if self.usual <= NOTHING * self.spent:
            return "on"
        if self.spent <= NOTHING * self.usual:
            return "off"
        step = self.extra / self.usual
        return step if abs(step) > NOTHING else None


def money_of(panel: Panel) -> Money | None:
    """Spend of the treated regions, beside what they had before, moved as that of the controls."""
    if panel.spend is None:
        return None
    before, during = panel.spend[:, : panel.before].mean(axis=1), panel.spend[:, panel.before :]
    control = ~panel.treated
    grown = during[control].mean() / before[control].mean() if before[control].sum() > 0 else 1.0
    usual = float(before[panel.treated].sum() * panel.days * grown)
    return Money(float(during[panel.treated].sum()), usual)


def per_money(estimate: Estimate, extra: float) -> dict[str, float]:
    """Incremental outcome of a unit of money: iROAS where the outcome is revenue."""
    ends = sorted((estimate.low / extra, estimate.high / extra))
    return {"estimate": estimate.effect / extra, "low": ends[0], "high": ends[1]}


def cost_of_one(estimate: Estimate, extra: float) -> dict[str, float | None]:
    """Money for one unit of outcome; ends are None where the effect may as well be none."""
    value = extra / estimate.effect if estimate.effect else None
    if estimate.low * estimate.high <= 0:
        return {"estimate": value, "low": None, "high": None}
    low, high = sorted((extra / estimate.low, extra / estimate.high))
    return {"estimate": value, "low": low, "high": high}


def measured_share(estimate: Estimate, change: Change) -> tuple[float, float]:
    """The share of the outcome that the channel's whole money brings, and its standard error.

    Switched off, it is what is lost of what was expected; switched on, what is gained of what is
    there. A partial change tells the whole by the curve x / (x + h): how far h is from usual spend
    nobody knows, which widens the error.
    """
    effect, se = estimate.effect, estimate.se
    if change == "on":
        whole = estimate.expected + effect
        return effect / whole, se / whole
    if change == "off" or change == -1.0:
        return -effect / estimate.expected, se / estimate.expected
    points = ndtri((np.arange(HALVES) + 0.5) / HALVES)
    half = np.exp(HALF_SPREAD * points / points.std())
    factor = 1.0 / ((1 + change) * (1 + half) / (1 + change + half) - 1)
    share, error = effect / estimate.expected, se / estimate.expected
    mean, spread = float(factor.mean()), float(factor.std())
    return share * mean, float(np.hypot(error * mean, share * spread))
