"""Figures with a jackknife: sums of paired differences, over communities or over worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtri, stdtrit

from sim.kpis.jackknife import jackknife
from sim.market.setting import Arm
from sim.truth.estimands import Step
from tiermix.core.arrays import Floats, Ints

LEVEL = 0.95
FEW = 30
"""Up to so many events on which arms differ, the law of counts makes the interval."""


@dataclass(frozen=True)
class Estimate:
    """A figure, what it would be with each community (or world) left out, and sampling's error."""

    value: float
    left: Floats
    sampling_se: float = 0.0

    @property
    def se(self) -> float:
        """Standard error: jackknife (Efron and Stein 1981), and what sampling adds."""
        return float(np.hypot(jackknife(self.left), self.sampling_se))

    @property
    def reach(self) -> float:
        """Half the width of the 95 % interval, by Student's t."""
        freedom = len(self.left) - 1
        return float(stdtrit(freedom, 0.5 + LEVEL / 2)) * self.se if freedom > 0 else float("nan")


def counted_interval(parts: Floats, unit: float, se: float, freedom: int) -> tuple[float, float]:
    """95 % interval of a sum of few signed events, each of size `unit`; `parts` [G] add up to it.

    Gains and losses are taken as two counts, each with its exact gamma limits (Garwood 1936), and
    their difference has limits by the method of variance estimates recovery (Zou and Donner 2008).
    No event at all bounds each side by 3.7 of them. Where `se` says that events come in clusters,
    so many of them count as one (Fay and Feuer 1997), with Student's `freedom` as the size of a
    cluster is estimated.
    """
    counts = np.array([np.clip(parts, 0.0, None).sum(), np.clip(-parts, 0.0, None).sum()]) / unit
    total = counts.sum()
    cluster = max(1.0, (se / unit) ** 2 / total) if total > 0 and np.isfinite(se) else 1.0
    stretch = stdtrit(freedom, 0.5 + LEVEL / 2) / ndtri(0.5 + LEVEL / 2) if freedom > 0 else 1.0
    size = unit * cluster
    (low, high), counted = count_limits(counts / cluster), counts / cluster
    below = float(np.hypot(counted[0] - low[0], high[1] - counted[1])) * size
    above = float(np.hypot(high[0] - counted[0], counted[1] - low[1])) * size
    wide = float(stretch) if cluster > 1.0 else 1.0
    effect = float(parts.sum())
    return effect - wide * below, effect + wide * above


def count_limits(counts: Floats) -> tuple[Floats, Floats]:
    """Exact 95 % limits of the means of Poisson counts (Garwood 1936)."""
    tail = (1 - LEVEL) / 2
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1e-9), tail), 0.0)
    return np.asarray(low), np.asarray(gammaincinv(counts + 1.0, 1 - tail))


@dataclass(frozen=True)
class Sum:
    """A sum of paired differences between arms by their places: `weight`, `plus`, `minus` [S].

    `draw` [S] numbers the sampled pairs of orders that steps belong to.
    """

    weight: Floats
    plus: Ints
    minus: Ints
    draw: Ints

    @classmethod
    def of(cls, steps: Sequence[Step], places: Mapping[Arm, int]) -> Sum:
        """From steps and the place of each arm."""
        return cls(
            np.array([step.weight for step in steps]),
            np.array([places[step.plus] for step in steps]),
            np.array([places[step.minus] for step in steps]),
            np.array([step.draw for step in steps]),
        )

    def added(self, values: Floats) -> Floats:
        """The sum for figures of the arms [A, K] → [K]; equal arms leave exactly nothing."""
        return np.asarray(self.weight @ (values[self.plus] - values[self.minus]))

    def by_draw(self, values: Floats) -> Floats:
        """What each sampled pair of orders says of it, for one figure of the arms [A] → [D]."""
        steps = self.weight * (values[self.plus] - values[self.minus])
        count = int(self.draw.max()) + 1
        return np.asarray(count * np.bincount(self.draw, steps, minlength=count), dtype=float)

    def independent(self, errors: Floats) -> float:
        """Variance of the sum if every arm [A] were a run with its own luck and standard error."""
        net = np.zeros(len(errors))
        np.add.at(net, self.plus, self.weight)
        np.add.at(net, self.minus, -self.weight)
        used = np.abs(net) > 1e-12
        return float((net[used] ** 2 * errors[used] ** 2).sum())


def estimate(worlds: Sequence[Floats], draws: Floats) -> Estimate:
    """From each world's figure and its leave-one-out figures [1 + G], and from draws [D].

    One world is told over its communities; several are averaged and told over worlds.
    """
    sampling = float(np.std(draws, ddof=1) / np.sqrt(len(draws))) if len(draws) > 1 else 0.0
    if len(worlds) == 1:
        return Estimate(float(worlds[0][0]), worlds[0][1:], sampling)
    values = np.array([world[0] for world in worlds])
    left = (values.sum() - values) / (len(values) - 1)
    return Estimate(float(values.mean()), left, sampling)
