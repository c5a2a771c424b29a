"""Prices that rise with the spend of a month: money above each step buys less than money below.

    v(s) = Σ_k width_k(s) / factor_k         factor 1 below the first step

Weeks have steps of their own length, so that the same money a day has the same price. Volume is
concave in money, so it fits a linear program: bands are filled from the cheapest on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimize.errors import AllocationError
from optimize.model.protocols import Planning
from scenarios import SpendPrice
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Card:
    """A channel's price card: `above` [K] steps in money a month, `rates` [K + 1] of volume."""

    above: Floats
    rates: Floats

    def bands(self, length: float) -> Floats:
        """How wide each band is in a period of so many months [K + 1], the last one endless."""
        ends = np.array([0.0, *(length * self.above), np.inf])
        return np.asarray(np.diff(ends))

    def volume(self, spend: Floats, lengths: Floats) -> Floats:
        """What money by period [M] buys, in money at the price below the first step [M]."""
        starts = np.append(0.0, self.above)[:, None] * lengths
        steps = np.diff(self.rates, prepend=0.0)
        bought: Floats = steps @ np.maximum(spend - starts, 0.0)
        return bought

    def slope(self, spend: Floats, lengths: Floats) -> Floats:
        """What one more unit of money buys [M], to the right at steps."""
        rates: Floats = self.rates[(spend >= self.above[:, None] * lengths).sum(axis=0)]
        return rates


def cards(scenario: Planning) -> dict[str, Card]:
    """The price card of each channel that has one.

    Raises `AllocationError` for prices that fall with spend, and for two cards of one channel.
    """
    found: dict[str, Card] = {}
    for rule in scenario.rules:
        if isinstance(rule, SpendPrice):
            factors = np.array([1.0, *rule.factor])
            if (np.diff(factors) < 0).any():
                raise AllocationError(
                    f"{rule.name}: factors {list(rule.factor)} fall below the price before them; a "
                    "linear program carries prices that rise with spend. State a discount as a "
                    "lower price index instead."
                )
            for name in rule.channels or scenario.plannable:
                if name in found:
                    raise AllocationError(
                        f"{rule.name}: {name} has two price cards; put its steps into one rule."
                    )
                found[name] = Card(np.array(rule.above), 1 / factors)
    return {name: card for name, card in found.items() if name in scenario.plannable}
