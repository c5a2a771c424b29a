"""What one market's test gave: estimates and the truth beside them, mark by mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.lift_test.estimate import Estimate
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Outcome:
    """A test in one market, in people of the market: estimates and truth at each mark [M].

    `level` is the KPI over the test at the side that has the channel, for everybody; `spent` the
    channel's money that the effect cost; `units` are people or communities, of which `treated` were
    held out or changed; `weight` people stand behind each simulated customer.
    """

    marks: tuple[int, ...]
    estimates: tuple[Estimate, ...]
    truth: Floats
    truth_se: Floats
    level: float
    spent: float
    units: int
    treated: int
    weight: float

    @property
    def final(self) -> Estimate:
        """What the test says in the end."""
        return self.estimates[-1]

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return bool(self.final.low <= self.truth[-1] <= self.final.high)

    @property
    def significant(self) -> bool:
        """Whether no effect is rejected at 5 %, two-sided: the interval leaves out 0."""
        return self.final.p_value < 0.05

    def to_dict(self) -> dict[str, Any]:
        """Estimate, interval and truth."""
        final = self.final
        return {
            "estimate": final.effect,
            "se": final.se,
            "low": final.low,
            "high": final.high,
            "p_value": final.p_value,
            "truth": float(self.truth[-1]),
            "truth_se": float(self.truth_se[-1]),
            "covered": self.covered,
        }
