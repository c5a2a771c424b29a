"""Adstock of other tools as weights by lag, and the geometric carry-over that is most alike.

geometric   α^j
delayed     α^((j − θ)²)                                             Jin et al. 2017
binomial    (1 − j / L)^(1/α − 1), nothing from L on
Weibull     CDF: Π_{i ≤ j} (1 − F(i)); PDF: the density at j + 1, moved and scaled to [0, 1];
            F and the density with shape k and scale λ
"""

from __future__ import annotations

import numpy as np

from optimize.errors import AllocationError
from tiermix.core.arrays import Floats

LONG = 1000
ALIKE = 0.02
"""Of the effect of a unit: by so much its course may differ before it is told."""


def geometric(alpha: float, size: int, place: str) -> Floats:
    """α^j for j = 0 … size − 1."""
    return np.asarray(_share(alpha, "a retention", place) ** np.arange(size), dtype=float)


def delayed(alpha: float, theta: float, size: int, place: str) -> Floats:
    """α^((j − θ)²): the effect is largest θ periods after the money."""
    lags = np.arange(size) - theta
    return np.asarray(_share(alpha, "a retention", place) ** (lags * lags), dtype=float)


def binomial(alpha: float, size: int, end: int, place: str) -> Floats:
    """(1 − j / end)^(1/α − 1); nothing is kept where α is 0."""
    if _share(alpha, "a decay", place) == 0:
        return geometric(0.0, size, place)
    return np.asarray((1 - np.arange(size) / end) ** (1 / alpha - 1), dtype=float)


def weibull_cdf(shape: float, scale: float, size: int) -> Floats:
    """Products of the Weibull's survivals at 1, 2, …: 1, S(1), S(1)·S(2), …"""
    survival = np.exp(-((np.arange(1, size) / scale) ** shape))
    return np.concatenate([[1.0], np.cumprod(survival)])


def weibull_pdf(shape: float, scale: float, size: int) -> Floats:
    """The Weibull's density at 1, 2, …, less its smallest and over its range."""
    at = np.arange(1, size + 1) / scale
    density = (shape / scale) * at ** (shape - 1) * np.exp(-(at**shape))
    spread = float(np.ptp(density))
    if not spread > 0:
        return geometric(0.0, size, "")
    return np.asarray((density - density.min()) / spread, dtype=float)


def mean_lag(weights: Floats) -> float:
    """Periods from the money to its effect, on average."""
    return float((np.arange(len(weights)) * weights).sum() / weights.sum())


def alike(weights: Floats) -> float:
    """The geometric retention r of the same mean lag: r / (1 − r) = Σ j·w_j / Σ w_j.

    That of an untruncated geometric adstock is its own.
    """
    lag = mean_lag(weights)
    return lag / (1 + lag)


def course(channel: str, weights: Floats, unit: str) -> list[str]:
    """The sentence that tells where a geometric carry-over is another course of the effect."""
    own = np.cumsum(weights) / weights.sum()
    as_read = 1 - alike(weights) ** np.arange(1, len(weights) + 1)
    if float(np.abs(own - as_read).max()) <= ALIKE:
        return []
    lag = f"{mean_lag(weights):.2g} {unit}s"
    return [
        f"{channel}: its adstock is no endless geometric decay; read as one with the same mean lag "
        f"of {lag}"
    ]


def _share(value: float, what: str, place: str) -> float:
    if not 0 <= value < 1:
        raise AllocationError(f"{place}: {value:g} is no {what.split()[-1]}; it lies in [0, 1).")
    return value
