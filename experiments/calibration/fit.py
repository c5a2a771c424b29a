"""The fit: Gauss–Newton on simulated moments under common random numbers, held by a prior.

θ minimises (m − m(θ))' Ω⁻¹ (m − m(θ)) + θ' P⁻¹ θ: the method of simulated moments (McFadden 1989;
Gouriéroux and Monfort 1996), with a normal prior of variances P around the base scenario. Ω is the
history's own noise plus the market's over its replications. The posterior is taken as normal with
covariance (J' Ω⁻¹ J + P⁻¹)⁻¹, J by differences under the same random streams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from experiments.calibration.history import History
from experiments.calibration.market import as_history
from experiments.calibration.moments import Moments, Series
from experiments.calibration.problem import Problem, Slope
from scenarios import Scenario
from sim import WeeklyCounts
from tiermix.core.arrays import Floats

ROUNDS = 10
ENOUGH = 0.1
"""Posterior standard deviations that the last step may have."""


@dataclass(frozen=True)
class Posterior:
    """Where the fit ended: θ [K], its covariance [K, K], and how well the M moments agree.

    `misfit` [M] is what the moments lack, `noise` [M, M] their covariance, `chi_square` the one
    weighed by the other, `loss` that and the prior; `answer` is the market at θ. `left` [K] is the
    step that slopes still ask for there, in posterior standard deviations: small where the fit has
    settled, and not where no part of that step brought the market nearer. `noise_left` is the part
    of the noise of its markets that is in `answer`.
    """

    theta: Floats
    covariance: Floats
    misfit: Floats
    noise: Floats
    chi_square: float
    loss: float
    answer: History
    rounds: int
    left: Floats
    noise_left: float = 1.0

    @property
    def spread(self) -> Floats:
        """Posterior standard deviations [K]."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True)
class Fit:
    """One fit: the weeks that count, their moments, and how far levels exceed weekly noise."""

    problem: Problem
    moments: Moments
    spreads: tuple[float, ...]
    weeks: slice = field(default_factory=lambda: slice(None))

    def solve(self, place: Floats, slopes: Sequence[Slope], what: str) -> Posterior:
        """Gauss–Newton from a place with fixed slopes; a step that does not help is halved."""
        start, steep = place, self.jacobian(slopes)
        target = self.moments.of(self.problem.history.part(self.weeks))
        prior = np.diag(self.problem.widths**-2.0)
        best: Posterior | None = None
        for rounds in range(1, ROUNDS + 1):
            answer = self.problem.answers([place], what)[0]
            noise = best.noise if best else self.noise(answer)
            misfit = target - self.moments.of(answer.part(self.weeks))
            jacobian = steep * self.problem.grown(place - start)
            weighed = cho_solve(cho_factor(noise), np.column_stack([jacobian, misfit]))
            covariance: Floats = np.linalg.inv(jacobian.T @ weighed[:, :-1] + prior).astype(float)
            chi_square = float(misfit @ weighed[:, -1])
            loss = chi_square + float(place @ prior @ place)
            if best is None or loss < best.loss:
                step = covariance @ (jacobian.T @ weighed[:, -1] - prior @ place)
                left = step / np.sqrt(np.diag(covariance))
                details = (misfit, noise, chi_square, loss, answer, rounds, left)
                best = Posterior(place, covariance, *details)
            else:
                step = step / 2.0
            if np.abs(step / best.spread).max() < ENOUGH:
                break
            place = self.problem.towards(best.theta, best.theta + step)
            step = place - best.theta
        assert best is not None
        return replace(best, rounds=rounds)

    def jacobian(self, slopes: Sequence[Slope]) -> Floats:
        """How the moments move with each parameter [M, K]."""
        ends = [(x.above.part(self.weeks), x.below.part(self.weeks), x.gap) for x in slopes]
        of = self.moments.of
        return np.array([(of(above) - of(below)) / gap for above, below, gap in ends]).T

    def noise(self, answer: History) -> Floats:
        """Ω [M, M] by what the weeks lack: the history's noise and that of the simulated mean."""
        real, simulated = self.problem.history.part(self.weeks), answer.part(self.weeks)
        return self.moments.covariance(real, simulated, self.spreads)


def level_spreads(
    series: Sequence[Series], problem: Problem, markets: Sequence[WeeklyCounts], kept: slice
) -> tuple[float, ...]:
    """For each series, variance of the level over that of as many weeks without memory.

    The numerator is between communities, which are independent; the same people buy again and
    again, so totals vary more than their weeks tell. The denominator is between seeds.
    """
    like, base = problem.history, problem.base
    whole = [as_history([market], like, base).part(kept) for market in markets]
    parts = [[x.part(kept) for x in _by_community(market, like, base)] for market in markets]
    found = []
    for one in series:
        weeks = np.array([one.read(history) for history in whole])
        weekly = float(weeks.var(axis=0, ddof=1).sum())
        level = [
            _between([float(one.read(x).sum()) for x in histories], market)
            for histories, market in zip(parts, markets, strict=True)
        ]
        found.append(float(np.mean(level)) / max(weekly, 1e-300))
    return tuple(found)


def _by_community(market: WeeklyCounts, like: History, base: Scenario) -> list[History]:
    """What each community would show as a company of its own; money by heads."""
    share = market.people / market.people.sum()
    parts = [
        replace(market, counts=market.counts[g : g + 1], spend=market.spend * share[g])
        for g in range(len(share))
    ]
    return [as_history([part], like, base) for part in parts]


def _between(totals: Sequence[float], market: WeeklyCounts) -> float:
    """Variance of a sum over communities, from how those of one region differ."""
    found, totals_ = 0.0, np.array(totals)
    for region in np.unique(market.regions):
        mine = market.regions == region
        share = market.people[mine] / market.people[mine].sum()
        away = totals_[mine] - share * totals_[mine].sum()
        found += mine.sum() / max(mine.sum() - 1, 1) * float(away @ away)
    return found
