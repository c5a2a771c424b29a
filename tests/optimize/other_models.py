"""Other tools' published formulas, written down again: a model's response to weekly media."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tiermix.core.arrays import Floats

Saturation = Callable[[Floats], Floats]


def through(weights: Floats, media: Floats) -> Floats:
    """Σ_j w_j · media(t − j), by the sum."""
    found = np.zeros(len(media))
    for t in range(len(media)):
        for j in range(min(t + 1, len(weights))):
            found[t] += weights[j] * media[t - j]
    return found


def robyn_hill(adstocked: Floats, alpha: float, gamma: float) -> Floats:
    """`saturation_hill` with the inflexion between the ends of the range."""
    bend = (1 - gamma) * adstocked.min() + gamma * adstocked.max()
    return adstocked**alpha / (adstocked**alpha + bend**alpha)


def robyn_geometric(media: Floats, theta: float) -> Floats:
    """`adstock_geometric`, by its recursion."""
    found = media.copy()
    for t in range(1, len(found)):
        found[t] = media[t] + theta * found[t - 1]
    return found


def robyn_weibull(media: Floats, shape: float, scale: float, kind: str) -> Floats:
    """`adstock_weibull`: survivals multiplied up, or the density between 0 and 1."""
    n = len(media)
    size = round(float(np.quantile(np.arange(1, n + 1), scale)))
    if kind == "weibull_cdf":
        kept = [1.0]
        for t in range(1, n):
            kept.append(kept[-1] * float(np.exp(-((t / size) ** shape))))
        return through(np.array(kept), media)
    t = np.arange(1, n + 1)
    density = shape / size * (t / size) ** (shape - 1) * np.exp(-((t / size) ** shape))
    return through((density - density.min()) / (density.max() - density.min()), media)


PYMC_SATURATIONS: dict[str, tuple[dict[str, float], Saturation]] = {
    "logistic": (
        {"lam": 2.5, "beta": 0.4},
        lambda x: 0.4 * (1 - np.exp(-2.5 * x)) / (1 + np.exp(-2.5 * x)),
    ),
    "inverse_scaled_logistic": (
        {"lam": 0.6, "beta": 0.4},
        lambda x: 0.4 * (1 - np.exp(-x * np.log(3) / 0.6)) / (1 + np.exp(-x * np.log(3) / 0.6)),
    ),
    "tanh": ({"b": 0.5, "c": 1.5}, lambda x: 0.5 * np.tanh(x / (0.5 * 1.5))),
    "tanh_baselined": (
        {"x0": 0.4, "gain": 0.8, "r": 0.6, "beta": 1.2},
        lambda x: 1.2 * 0.8 * 0.4 * np.tanh(x * np.arctanh(0.6) / 0.4) / 0.6,
    ),
    "michaelis_menten": ({"alpha": 0.7, "lam": 0.5}, lambda x: 0.7 * x / (0.5 + x)),
    "hill": (
        {"slope": 1.7, "kappa": 0.5, "beta": 0.6},
        lambda x: 0.6 * (1 - 0.5**1.7 / (0.5**1.7 + x**1.7)),
    ),
    "hill_sigmoid": (
        {"sigma": 0.9, "beta": 5.0, "lam": 0.4},
        lambda x: 0.9 / (1 + np.exp(-5 * (x - 0.4))) - 0.9 / (1 + np.exp(5 * 0.4)),
    ),
    "root": ({"alpha": 0.5, "beta": 0.3}, lambda x: 0.3 * x**0.5),
}


def pymc_adstock(kind: str, size: int) -> tuple[dict[str, float], Floats]:
    """Parameters of an adstock, and its weights as `pymc_marketing.mmm.transformers` has them."""
    j = np.arange(size)
    if kind == "geometric":
        return {"alpha": 0.6}, 0.6**j
    if kind == "delayed":
        return {"alpha": 0.7, "theta": 2.0}, 0.7 ** ((j - 2.0) ** 2)
    if kind == "binomial":
        return {"alpha": 0.4}, (1 - j / (size + 1)) ** (1 / 0.4 - 1)
    k, lam, t = 1.5, 3.0, j + 1
    if kind == "weibull_pdf":
        w = k / lam * (t / lam) ** (k - 1) * np.exp(-((t / lam) ** k))
        return {"k": k, "lam": lam}, (w - w.min()) / (w.max() - w.min())
    return {"k": k, "lam": lam}, np.cumprod([1.0, *np.exp(-((t / lam) ** k))])
