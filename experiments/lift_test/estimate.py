"""What an experiment says: an effect with its interval, from what a company would see of it.

ab   difference of means per person, adjusted for orders before the test (CUPED: Deng, Xu, Kohavi
     and Walker 2013). Communities are left out one at a time (jackknife, Efron and Stein 1981) and
     Student's t has one degree of freedom less than communities: people of one community influence
     one another, those of two never do (Cameron and Miller 2015).
geo  regression of each community's outcome per head on treatment and on its outcome before the
     test (Vaver and Koehler 2011), randomised in pairs that were alike before (Imai, King and Nall
     2009); errors HC2 (MacKinnon and White 1985) with Student's t, three parameters spent, as
     Imbens and Kolesár (2016) advise for few groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import nctdtr, stdtr, stdtrit

from sim import jackknife
from tiermix.core.arrays import Bools, Floats

LEVEL, POWER = 0.95, 0.80
LEAST_UNITS = 8
"""Four pairs: below that the intervals of a geo test say next to nothing."""


@dataclass(frozen=True)
class Estimate:
    """An effect with its standard error and degrees of freedom."""

    effect: float
    se: float
    freedom: int

    @property
    def reach(self) -> float:
        """Half the width of the 95 % interval, by Student's t."""
        return float(stdtrit(self.freedom, 0.5 + LEVEL / 2)) * self.se

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.effect - self.reach

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.effect + self.reach

    @property
    def p_value(self) -> float:
        """Chance of an effect as large as this, or larger, if there were none."""
        if self.se == 0.0:
            return 1.0 if self.effect == 0.0 else 0.0
        return 2.0 * float(stdtr(self.freedom, -abs(self.effect) / self.se))

    @property
    def detectable(self) -> float:
        """Minimum detectable effect: 80 % power, two-sided 5 % (Bloom 1995)."""
        spread = stdtrit(self.freedom, 0.5 + LEVEL / 2) + stdtrit(self.freedom, POWER)
        return float(spread) * self.se

    def power(self, effect: float) -> float:
        """Power: chance that such a test rejects no effect where this is true (noncentral t)."""
        if self.se == 0.0:
            return float(effect != 0.0)
        edge, away = float(stdtrit(self.freedom, 0.5 + LEVEL / 2)), effect / self.se
        return float(1.0 - nctdtr(self.freedom, away, edge) + nctdtr(self.freedom, away, -edge))

    def scaled(self, factor: float) -> Estimate:
        """The same for so many people as `factor`."""
        return Estimate(self.effect * factor, self.se * abs(factor), self.freedom)


def estimate_people(sums: Floats) -> Estimate:
    """Shown less held out, per person, from `sums` [communities, 2, 5].

    Of each community and arm (shown, held out): people n, outcomes Σy, orders before Σx, Σx², Σxy.
    """
    total = sums.sum(axis=0)
    values = _difference(np.concatenate([total[None], total - sums]))
    return Estimate(float(values[0]), jackknife(values[1:]), len(sums) - 1)


def _difference(sums: Floats) -> Floats:
    """Adjusted difference of means [...] of sums [..., 2, 5], with one slope for both arms."""
    n, y, x, xx, xy = np.moveaxis(sums, -1, 0)
    above, below = (xy - x * y / n).sum(axis=-1), (xx - x * x / n).sum(axis=-1)
    slope = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    means = y / n - slope[..., None] * x / n
    return np.asarray(means[..., 0] - means[..., 1])


def assign_pairs(before: Floats, region: Floats, rng: np.random.Generator) -> Bools:
    """Which units are treated [G]: one of each two that were alike before, by a coin.

    Units are sorted by region, then by what they had before; of an odd one out a coin decides.
    """
    order = np.lexsort((before, region))
    coins = rng.random((len(order) + 1) // 2) < 0.5
    first = np.repeat(coins, 2)[: len(order)]
    first[1::2] = ~first[1::2]
    treated = np.zeros(len(order), dtype=bool)
    treated[order] = first
    return treated


def estimate_communities(outcome: Floats, before: Floats, treated: Bools) -> Estimate:
    """Control less treated, per head, given outcomes in the test and before it [G]."""
    known = before - before.mean()
    columns = [np.ones(len(outcome)), treated, known]
    # An outcome that was the same everywhere before explains nothing.
    design = np.column_stack(columns if known.any() else columns[:2]).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    leverage = np.einsum("gi,ij,gj->g", design, inverse, design)
    squares = (outcome - design @ coefficients) ** 2 / np.maximum(1.0 - leverage, 1e-9)
    spread = inverse @ (design.T * squares) @ design @ inverse
    freedom = len(outcome) - design.shape[1]
    return Estimate(-float(coefficients[1]), float(np.sqrt(spread[1, 1])), freedom)
