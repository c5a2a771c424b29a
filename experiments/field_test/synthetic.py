"""Synthetic control: controls weighted so that they go with the treated regions before the test.

Each region less its own mean, weights of at least 0 that sum to 1 (Abadie, Diamond and Hainmueller
2010, with intercept: Doudchenko and Imbens 2016; so does GeoLift). The augmented kind corrects
what is left of the fit by ridge regression (Ben-Michael, Feller and Rothstein 2021). Intervals are
conformal (Chernozhukov, Wüthrich and Zhu 2021): an effect is held possible while, with it taken
away and all dates fitted alike, the test's dates stand out from no more than 95 % of the stretches
of the same length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from experiments.field_test.estimate import ALPHA, DETECTABLE, Estimate, NotApplicable
from experiments.field_test.panel import Panel
from tiermix.core.arrays import Floats

LEAST_CONTROLS = 3
LEAST_DATES = 24
"""Fewer dates have fewer stretches than an interval of 95 % needs."""
FOLDS = 5
PENALTIES = 10.0 ** np.arange(4, -4, -1)
"""Ridge penalties over the donors' mean square, strongest first."""
DOUBLINGS, HALVINGS = 30, 10
"""How far and how finely an interval's ends are looked for."""


@dataclass(frozen=True, eq=False)
class _Fit:
    """The treated regions' mean [T], donors [N, T], and the penalty of the augmentation."""

    y: Floats
    x: Floats
    penalty: float

    def gap(self, fitted: slice, y: Floats | None = None) -> Floats:
        """What the treated have above their synthetic control [T], weights from some dates."""
        series = self.y if y is None else y
        mine = series - series[fitted].mean()
        donors = self.x - self.x[:, fitted].mean(axis=1, keepdims=True)
        left = mine - simplex_weights(donors[:, fitted], mine[fitted]) @ donors
        if np.isfinite(self.penalty):
            past = donors[:, fitted]
            gram = past.T @ past + self.penalty * np.eye(past.shape[1])
            left = left - np.linalg.solve(gram, left[fitted]) @ past.T @ donors
        return np.asarray(left)


def synthetic_control(panel: Panel, *, interval: bool = True) -> Estimate:
    """The synthetic control as GeoLift has it without augmentation."""
    y, x = _series(panel)
    return _estimate(_Fit(y, x, np.inf), panel, interval)


def augmented_synthetic_control(panel: Panel, *, interval: bool = True) -> Estimate:
    """The same, what is left of its fit corrected by ridge regression."""
    y, x = _series(panel)
    return _estimate(_Fit(y, x, _penalty(y, x, panel.before)), panel, interval)


def _series(panel: Panel) -> tuple[Floats, Floats]:
    treated = panel.treated
    if (~treated).sum() < LEAST_CONTROLS:
        raise NotApplicable(f"it needs {LEAST_CONTROLS} controls or more to weight")
    if panel.outcome.shape[1] < LEAST_DATES:
        raise NotApplicable(f"its interval needs {LEAST_DATES} dates or more, before and in a test")
    return panel.outcome[treated].mean(axis=0), panel.outcome[~treated]


def simplex_weights(donors: Floats, target: Floats) -> Floats:
    """Weights [N], at least 0 and 1 in all, whose mixture of `donors` [N, T] is nearest.

    The point of a hull that is nearest to 0 is a problem of non-negative least squares: of the
    donors' distances above a row of ones, whose answer is in proportion to the weights.
    """
    away = (donors - target).T
    scale = float(np.sqrt((away**2).mean() * len(away)))
    if scale == 0:
        return np.full(len(donors), 1.0 / len(donors))
    found, _ = nnls(np.vstack([away / scale, np.ones(len(donors))]), np.r_[np.zeros(len(away)), 1])
    return np.asarray(found / found.sum())


def _penalty(y: Floats, x: Floats, before: int) -> float:
    """The strongest penalty within one standard error of the best, by stretches left out."""
    donors = x[:, :before] - x[:, :before].mean(axis=1, keepdims=True)
    mean_square = float((donors**2).sum(axis=0).mean())
    if mean_square == 0:
        return np.inf  # controls that never change tell nothing to correct by
    choices = [np.inf, *(PENALTIES * mean_square)]
    errors = []
    for stretch in np.array_split(np.arange(before), FOLDS):
        rest = np.setdiff1d(np.arange(before), stretch)
        order = np.concatenate([rest, stretch])
        fits = [_Fit(y[order], x[:, order], penalty) for penalty in choices]
        errors.append([float((f.gap(slice(len(rest)))[len(rest) :] ** 2).mean()) for f in fits])
    table = np.array(errors)
    mean, se = table.mean(axis=0), table.std(axis=0, ddof=1) / np.sqrt(FOLDS)
    best = int(np.argmin(mean))
    return float(choices[int(np.argmax(mean <= mean[best] + se[best]))])


def _estimate(fit: _Fit, panel: Panel, interval: bool) -> Estimate:
    before, count = panel.before, int(panel.treated.sum())
    gap = fit.gap(slice(before))
    mean, scale = float(gap[before:].mean()), count * panel.days
    low = high = mean
    if interval:
        low, high = (_end(fit, before, mean, sign) for sign in (-1, 1))
    path = (fit.y - gap) * count
    noise = float(np.sqrt((gap[:before] ** 2).mean()))
    return Estimate(
        mean * scale, low * scale, high * scale, _p_value(fit, before, 0.0),
        DETECTABLE * (high - low) / 2 * scale, float(path[before:].sum()),
        mean / noise if noise else 0.0, path,
    )  # fmt: skip


def _p_value(fit: _Fit, before: int, effect: float) -> float:
    """Share of the stretches, going round, whose sum is as large once the effect is taken away."""
    y = fit.y.copy()
    y[before:] -= effect
    left = fit.gap(slice(None), y)
    length = len(y) - before
    round_ = np.concatenate([[0.0], np.cumsum(np.concatenate([left, left[: length - 1]]))])
    sums = np.abs(round_[length:] - round_[:-length])
    # The test's own stretch is among them, so that a share is never 0.
    return float((sums >= sums[before] * (1 - 1e-9)).mean())


def _end(fit: _Fit, before: int, middle: float, sign: int) -> float:
    """Where effects stop being possible on one side: doubling, then halving."""
    step = float(np.abs(fit.gap(slice(before))[:before]).mean()) or abs(middle) or 1.0
    inside, outside = middle, middle + sign * step
    for _ in range(DOUBLINGS):
        if _p_value(fit, before, outside) <= ALPHA:
            break
        step *= 2
        inside, outside = outside, middle + sign * step
    else:
        raise NotApplicable("its interval has no end: too few stretches as long as the test")
    for _ in range(HALVINGS):
        half = (inside + outside) / 2
        if _p_value(fit, before, half) > ALPHA:
            inside = half
        else:
            outside = half
    return outside
