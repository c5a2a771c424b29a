"""Draws of what each channel brings, given its weeks: Gibbs sampling over atoms, in chains.

    y = Σ_c b_c · x_c(κ_c, λ_c) + noise of variance φ,  b_c ≥ 0

Given all other channels, each of a channel's atoms (κ, λ) has a closed-form weight with b_c
integrated out, and b_c given its atom is a normal cut at 0; φ given what is left is inverse gamma.
So every step is exact, at any ratio of signal to noise, and each chain gives one draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtri_exp

from optimize.estimation.prior import SUM_SPREAD, Prior
from tiermix.core.arrays import Floats, Ints

SWEEPS = 40
LEAST_NOISE = 1e-9  # a sum of squares of 0 is no certainty
PLAIN = 20.0  # standard deviations up to which exp(x² / 2) is a number
SETTLED = 15  # sweeps before anything is counted
STEPS = np.linspace(-3.0, 3.0, 21)  # standard deviations at which log-normal scales are tried


@dataclass(frozen=True)
class Draws:
    """Shares b and atoms [D, C], expected shares [C] and the expected noise φ."""

    share: Floats
    atom: Ints
    mean: Floats
    noise: float


@dataclass
class _State:
    """Where D chains stand.

    Shares and log scales [D, C], atoms [D, C], log of the sum's factor and noise φ [D].
    """

    share: Floats
    atom: Ints
    scale: Floats
    total: Floats
    noise: Floats


@dataclass(frozen=True)
class _Products:
    """Products of the weeks: of regressors [C, K, C, K], with the outcome [C, K], its own."""

    between: Floats
    outcome: Floats
    square: float

    @classmethod
    def of(cls, y: Floats, designs: Floats) -> _Products:
        count, atoms, _ = designs.shape
        flat = designs.reshape(count * atoms, -1)
        between = (flat @ flat.T).reshape(count, atoms, count, atoms)
        return cls(between, (flat @ y).reshape(count, atoms), float(y @ y))

    def power(self, c: int) -> Floats:
        """Squares of a channel's own regressors [K]."""
        return np.asarray(self.between[c, :, c].diagonal())

    @cached_property
    def towards(self) -> list[Floats]:
        """For each channel the products of all regressors with its own, in one piece [C K, K]."""
        count, atoms = self.outcome.shape
        rows = self.between.reshape(count * atoms, count, atoms)
        return [np.ascontiguousarray(rows[:, c]) for c in range(count)]

    def seen(self, state: _State, c: int) -> Floats:
        """A channel's regressors times what all others leave of the outcome [D, K]."""
        count, atoms = self.outcome.shape
        others = state.share.copy()
        others[:, c] = 0.0
        at = (state.atom + atoms * np.arange(count)).ravel()
        taken = self.towards[c].take(at, axis=0).reshape(-1, count, atoms)
        return np.asarray(self.outcome[c] - (others[:, None] @ taken)[:, 0])

    def left(self, state: _State) -> Floats:
        """The sum of squares that every chain leaves [D]."""
        every, at = np.arange(len(self.outcome)), state.atom
        outcome = self.outcome[every, at]
        between = self.between[every[:, None], at[:, :, None], every, at[:, None, :]]
        taken = (between @ state.share[:, :, None])[:, :, 0]
        left = self.square - (state.share * (2 * outcome - taken)).sum(axis=1)
        return np.asarray(np.maximum(left, 0.0))


def sample(
    y: Floats,
    designs: Floats,
    prior: Prior,
    draws: int,
    rng: np.random.Generator,
    *,
    freedom: int | None = None,
    widened: float = 1.0,
) -> Draws:
    """Draws from the outcome `y` [N] and its regressors `designs` [C, K, N].

    The noise is learned with so many degrees of `freedom` and `widened` for what weeks have in
    common; it is 1 without them. Means are taken over the sweeps that lead to the draws as well, so
    they are surer than those of the draws alone. Only products between regressors are needed, so
    they are taken once: small ones in every step would be shared out among threads that wait for
    one another.
    """
    products, state = _Products.of(y, designs), _start(prior, draws, rng)
    count = len(prior.kappa)
    powers = [products.power(c) for c in range(count)]
    mean, noise = np.zeros(count), 0.0
    for sweep in range(SWEEPS):
        if freedom is not None:
            left = products.left(state) + widened * LEAST_NOISE
            state.noise = widened * left / rng.chisquare(freedom, draws)
        for c in range(count):
            _channel(state, c, products.seen(state, c), powers[c], prior, rng)
        _scales(state, prior, rng)
        _total(state, prior, rng)
        if sweep >= SETTLED:
            mean += state.share.mean(axis=0) / (SWEEPS - SETTLED)
            noise += float(state.noise.mean()) / (SWEEPS - SETTLED)
    return Draws(state.share, state.atom, mean, noise)


def _start(prior: Prior, draws: int, rng: np.random.Generator) -> _State:
    count, atoms = prior.kappa.shape
    scale = prior.centre + prior.spread * rng.normal(size=(draws, count))
    share = np.exp(scale) * np.abs(rng.normal(size=(draws, count)))
    atom = rng.integers(0, atoms, (draws, count))
    return _State(share, atom, scale, np.zeros(draws), np.ones(draws))


def _channel(
    state: _State, c: int, seen: Floats, power: Floats, prior: Prior, rng: np.random.Generator
) -> None:
    """A channel's atom and share anew, given what the others leave (`seen` [D, K])."""
    sure, pull = np.zeros((1, 1)), np.zeros((1, 1))
    if prior.usual[c]:
        sure = np.exp(-2 * state.scale[:, c])[:, None]
    if prior.informed[c]:
        told = prior.sd[c][None, :] ** -2.0
        sure, pull = sure + told, prior.mean[c] * told
    sharpness = 1 / state.noise[:, None]
    width = 1 / np.sqrt(power * sharpness + sure)
    ratio = width * (seen * sharpness + pull)  # centre over width
    state.atom[:, c] = at = _chosen_atom(ratio, width, _known_mass(prior, c), rng)
    row = np.arange(len(at))
    above, spread = ratio[row, at], width[row, at]
    tail = np.log(1 - rng.random(len(at))) + log_ndtr(above)
    state.share[:, c] = np.maximum(spread * (above - ndtri_exp(tail)), 0.0)


def _chosen_atom(
    ratio: Floats, width: Floats, told: Floats | None, rng: np.random.Generator
) -> Ints:
    """An atom each [D], by the weights width · exp(ratio² / 2) · Φ(ratio), over what was told."""
    if told is None and ratio.max() < PLAIN:  # nothing is too large: no logarithms
        return _drawn(width * erfcx(-ratio / 2**0.5), rng)
    weight = _log_mass(ratio) + np.log(width)
    return _chosen(weight if told is None else weight - told, rng)


def _known_mass(prior: Prior, c: int) -> Floats | None:
    """What each atom [K] had before the weeks came: of one as of any other where nothing is told.

    None where it is the same for all, as with a channel that is held to be as usual.
    """
    if prior.usual[c]:
        return None
    known: Floats = _log_mass(prior.mean[c] / prior.sd[c]) + np.log(prior.sd[c])
    return known


def _log_mass(ratio: Floats) -> Floats:
    """Log of the integral above 0 of a normal density, relative to its height at 0."""
    mass: Floats = 0.5 * ratio**2 + log_ndtr(ratio)
    return mass


def _scales(state: _State, prior: Prior, rng: np.random.Generator) -> None:
    """The scale of every share, given the shares and the sum's factor."""
    centre = prior.centre + state.total[:, None]
    tried = centre[..., None] + prior.spread[:, None] * STEPS
    weight = -tried - 0.5 * (state.share[..., None] * np.exp(-tried)) ** 2 - 0.5 * STEPS**2
    at = _chosen(weight, rng)
    state.scale = np.take_along_axis(tried, at[..., None], axis=-1)[..., 0]


def _total(state: _State, prior: Prior, rng: np.random.Generator) -> None:
    """The factor that all scales share; it moves them along."""
    free = prior.usual
    tried = SUM_SPREAD * STEPS
    bare = state.scale[:, free] - state.total[:, None]
    squares = ((state.share[:, free] * np.exp(-bare)) ** 2).sum(axis=1)
    weight = -free.sum() * tried - 0.5 * squares[:, None] * np.exp(-2 * tried) - 0.5 * STEPS**2
    total = tried[_chosen(weight, rng)]
    state.scale = state.scale + (total - state.total)[:, None]
    state.total = total


def _chosen(weight: Floats, rng: np.random.Generator) -> Ints:
    """One position of the last axis each, by log weights: where a uniform lies in their sums."""
    return _drawn(np.exp(weight - weight.max(axis=-1, keepdims=True)), rng)


def _drawn(weight: Floats, rng: np.random.Generator) -> Ints:
    """One position of the last axis each, by weights."""
    upto = np.cumsum(weight, axis=-1)
    drawn = rng.random(weight.shape[:-1])[..., None] * upto[..., -1:]
    chosen: Ints = np.argmax(upto > drawn, axis=-1)
    return chosen
