"""What a method says of a test: the incremental outcome, its interval, what it could have seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from tiermix.core.arrays import Floats

LEVEL, POWER = 0.95, 0.80
ALPHA = 1.0 - LEVEL
DETECTABLE = float(1.0 + ndtri(POWER) / ndtri(0.5 + LEVEL / 2))
"""Minimum detectable effect over half an interval, where its error is normal (Bloom 1995)."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Incremental outcome of the treated regions over the test, with its 95 % interval.

    `expected` is what they would have had without the test. `p_value` is that of no effect,
    `detectable` the least effect that is found four times in five, `strength` the effect over what
    the method takes for noise, by which regions of unlike noise compare. `path` [T] is the expected
    outcome of all treated regions by date, where the method has one.
    """

    effect: float
    low: float
    high: float
    p_value: float
    detectable: float
    expected: float
    strength: float
    path: Floats | None = None

    @property
    def percent(self) -> tuple[float, float, float]:
        """Effect and interval as shares of what was expected; not numbers where that is 0."""
        if self.expected <= 0:
            return (float("nan"),) * 3
        return self.effect / self.expected, self.low / self.expected, self.high / self.expected

    @property
    def se(self) -> float:
        """The standard error that a normal interval of this width has."""
        return (self.high - self.low) / (2 * float(ndtri(0.5 + LEVEL / 2)))


class NotApplicable(Exception):  # noqa: N818 - it is an answer, no error
    """A method that this test is not made for; the sentence says why."""


def by_student(
    effect: float, se: float, freedom: float, expected: float, path: Floats | None = None
) -> Estimate:
    """An estimate whose error is Student's t."""
    reach = float(stdtrit(freedom, 0.5 + LEVEL / 2)) * se
    if se > 0:
        strength = effect / se
        p_value = 2.0 * float(stdtr(freedom, -abs(strength)))
    else:
        strength, p_value = 0.0, 1.0 if effect == 0 else 0.0
    detectable = reach + float(stdtrit(freedom, POWER)) * se
    ends = effect - reach, effect + reach
    return Estimate(effect, *ends, p_value, detectable, expected, strength, path)


def lag_correlations(echo: float, places: Floats) -> Floats:
    """Correlations [N, N] of a series that forgets geometrically, at these places in time."""
    return np.asarray(np.float64(echo) ** np.abs(np.subtract.outer(places, places)))
