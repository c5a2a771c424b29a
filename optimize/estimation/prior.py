"""What is held of each channel before its weeks are read: how much it brings, how long, how bent.

    b_c  = share of the outcome that channel c's money brings at usual spend, b_c ≥ 0
    b_c ~ half-normal(s_c),  log s_c ~ N(log S·w_c, spread of its kind),  w_c ∝ √spend,  Σ w_c = 1
    κ_c  = half-saturation over usual spend, log κ_c ~ N(0, 0.7)       (after Jin et al. 2017)
    λ_c  = weekly carry-over, log half-life ~ N(of its kind)

The half-normal lets any channel bring nothing, and the spread of its scale lets it bring several
times what its money suggests. S, the sum of all, is shared by the channels and learned as well.

A response with carry-over is read at its *long-run* size, so S comes from the long-run elasticity
of a brand's advertising, 0.24 (Sethuraman, Tellis and Briesch 2011; the short-run one is 0.12). A
curve with elasticity e at usual spend brings the share e · (1 + κ) / κ there: 2e at κ = 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from optimize.errors import AllocationError
from optimize.estimation.response import seen_by_test
from optimize.model.protocols import PlannedChannel, Planning
from tiermix.core.arrays import Bools, Floats

LONG_RUN_ELASTICITY = 0.24
LEAST_SIZE = 0.002  # a channel that had no money last year may still bring something
SUM_SPREAD = 0.3  # of log S; *assumed*
HALF_SPREAD = 0.7  # of log κ around log 1
HALVES, LIVES = 7, 11  # points of equal prior weight for κ and λ
HALF_NORMAL_MEAN = float(np.sqrt(2 / np.pi))


Lift = tuple[float, float] | tuple[float, float, float] | tuple[float, float, float, float]
"""A share of the outcome, its standard error, over how many weeks it was measured, and the
channel's money in them, as a multiple of the usual."""


@dataclass(frozen=True)
class Kind:
    """What is held of channels that are delivered alike.

    `half_life` in weeks with the standard deviation `life_spread` of its logarithm; `size_spread`
    is the standard deviation of the logarithm of a channel's scale.
    """

    half_life: float
    life_spread: float
    size_spread: float

    @property
    def within_year(self) -> float:
        """The part of an effect that comes in the same year, over money spent evenly in it."""
        life = self.half_life / np.log(2)
        return float(1 - life / 52 * (1 - np.exp(-52 / life)))


# An answer to a search, a reminder or a message acts when it is met; what outlives the week are
# later orders of customers won. Of brand advertising 90 % has come after 6 to 9 months (Leone
# 1995), a weekly 0.91 to 0.94, a half-life of 26/log2(10) = 7.8 to 11.7 weeks. Spreads are
# *assumed*, wider where published figures disagree most (Blake, Nosko and Tadelis 2015 find next
# to nothing for brand search; Gordon et al. 2022 find 6 to 28 % by funnel level).
AT_ONCE = Kind(half_life=1.0, life_spread=1.0, size_spread=0.5)
LASTING = Kind(half_life=9.6, life_spread=1.0, size_spread=0.35)
OWNED_SPREAD = 0.7  # what is owned lives on more than its media money, which so tells less of it
KINDS = {"search": AT_ONCE, "retargeted": AT_ONCE, "triggered": AT_ONCE}


def kind_of(channel: PlannedChannel) -> Kind:
    """The kind of a channel by its delivery; what is no answer to anybody is brand advertising."""
    kind = KINDS.get(channel.delivery, LASTING)
    return kind if channel.ownership == "paid" else replace(kind, size_spread=OWNED_SPREAD)


@dataclass(frozen=True)
class Prior:
    """Priors of C channels on atoms: K pairs of κ and λ, all equally likely before the weeks.

    `kappa` and `carry` are [C, K]. `size` [C] is the expected share where nothing else is known,
    `spread` [C] that of the log of its scale. Where there is outside knowledge of a channel's share
    it stands in `mean` and `sd` [C, K], which are not numbers otherwise. What was `measured` [C] is
    known beside all this; what was told otherwise takes its place.
    """

    kappa: Floats
    carry: Floats
    size: Floats
    spread: Floats
    mean: Floats
    sd: Floats
    measured: Bools

    @cached_property
    def informed(self) -> Bools:
        """Which channels have outside knowledge [C]."""
        return np.asarray(np.isfinite(self.mean).all(axis=1))

    @cached_property
    def usual(self) -> Bools:
        """Of which channels the usual is held, whatever else is known [C]."""
        return np.asarray(~self.informed | self.measured)

    @property
    def variance(self) -> Floats:
        """About the variance of each channel's share before the weeks [C]."""
        usual = np.where(self.usual, self.size**-2.0, 0.0)
        told = np.where(self.informed[:, None], self.sd, np.inf) ** -2.0
        return np.asarray(1 / (usual + told.mean(axis=1)))

    @property
    def centre(self) -> Floats:
        """Where the log of each channel's scale is centred [C], so that E[b] is `size`."""
        widened = 0.5 * (self.spread**2 + SUM_SPREAD**2)
        return np.asarray(np.log(self.size / HALF_NORMAL_MEAN) - widened)


def prior_of(
    scenario: Planning,
    priors: Mapping[str, tuple[float, float]],
    lift: Mapping[str, Lift],
) -> Prior:
    """Priors of the plannable channels, from their kind, their money and what was told of them.

    `priors` are marginal elasticities, `lift` shares of the outcome that a channel's whole money
    brings; both (mean, standard deviation). What is told of an elasticity takes the place of what
    is held of such channels; what a test measured is weighed with it, by its error. A share may
    come with the weeks of its test, over which less is lost than in the long run, and with its
    money there, where it was not the usual money.
    Raises `AllocationError` for what cannot be used.
    """
    names = tuple(scenario.plannable)
    _check(priors, "priors", names)
    _check(lift, "lift", names)
    twice = sorted(set(priors) & set(lift))
    if twice:
        raise AllocationError(
            f"{twice[0]} is in `priors` and in `lift`; keep the one that was measured."
        )
    channels = {channel.name: channel for channel in scenario.channels}
    kinds = [kind_of(channels[name]) for name in names]
    kappa, carry = _atoms(kinds)
    mean, sd = np.full_like(kappa, np.nan), np.full_like(kappa, np.nan)
    for c, name in enumerate(names):
        if name in lift:
            share, error, *test = lift[name]
            seen = _seen(kappa[c], carry[c], channels[name].retention, *test)
            mean[c], sd[c] = share / seen, error / seen
        if name in priors:
            # A marginal elasticity at usual spend is b · κ / (1 + κ).
            mean[c], sd[c] = (x * (1 + kappa[c]) / kappa[c] for x in priors[name])
    spread = np.array([kind.size_spread for kind in kinds])
    measured = np.array([name in lift for name in names])
    return Prior(kappa, carry, _sizes(scenario, kinds), spread, mean, sd, measured)


def _seen(
    kappa: Floats, carry: Floats, retention: float, weeks: float | None = None, money: float = 1.0
) -> Floats:
    """What a test sees of a channel's usual share, by atom [K]: of so much money, in its weeks."""
    bent: Floats = (1 + kappa) * money / (kappa + money)
    return bent if weeks is None else bent * seen_by_test(kappa, carry, retention, weeks)


def _sizes(scenario: Planning, kinds: Sequence[Kind]) -> Floats:
    """Expected shares [C], by the root of money; published ones saw about a year of each effect."""
    spend = [scenario.last_year.by_channel.get(name, 0.0) for name in scenario.plannable]
    root = np.sqrt(np.maximum(spend, 0.0)) if any(spend) else np.ones(len(spend))
    within = np.array([kind.within_year for kind in kinds])
    sizes: Floats = 2 * LONG_RUN_ELASTICITY * root / root.sum() / within
    return np.maximum(sizes, LEAST_SIZE)


def _atoms(kinds: Sequence[Kind]) -> tuple[Floats, Floats]:
    """κ and weekly λ on all pairs of their quantiles, both [C, K]."""
    half, life = (_normal_points(count) for count in (HALVES, LIVES))
    bend, last = (x.ravel() for x in np.meshgrid(half, life, indexing="ij"))
    kappa = np.tile(np.exp(HALF_SPREAD * bend), (len(kinds), 1))
    weeks = np.array([k.half_life * np.exp(k.life_spread * last) for k in kinds])
    # Any channel may act at once: that is the shortest of the lives.
    return kappa, np.where(last == last.min(), 0.0, 0.5 ** (1 / weeks))


def _normal_points(count: int) -> Floats:
    """Points of equal weight with the mean and variance of a standard normal."""
    points = ndtri((np.arange(count) + 0.5) / count)
    scaled: Floats = points / points.std()
    return scaled


def _check(given: Mapping[str, Lift], what: str, names: tuple[str, ...]) -> None:
    for name, (mean, sd, *test) in given.items():
        if name not in names:
            raise AllocationError(
                f"{what}: {name!r} is no channel that can be planned; use one of "
                f"{', '.join(names)}."
            )
        finite = bool(np.isfinite([mean, sd, *test]).all())
        if not finite or sd <= 0 or (what == "lift" and mean >= 1) or min(test, default=1) <= 0:
            raise AllocationError(
                f"{what}.{name}: {given[name]}; give a share of the outcome below 1, its standard "
                "error above 0, both as fractions (0.05 is 5 %), and perhaps the weeks of the test."
            )
