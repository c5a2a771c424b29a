"""Logistic regression by Newton's method, ridge-penalised in proportion to the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from journeys import weighted_counts
from tiermix.core.arrays import Floats


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^(−x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a regression: features (sparse, rows × columns), and how often each won and lost."""

    features: Any
    wins: Floats
    losses: Floats
    penalty: float

    @property
    def total(self) -> float:
        """Observations in all."""
        return float(self.wins.sum() + self.losses.sum())

    def merged(self, label: Floats) -> "Rows":
        """Rows of one label as one; they must have the same features."""
        _, first, place = np.unique(label, return_index=True, return_inverse=True)
        wins, losses = (weighted_counts(place, m, len(first)) for m in (self.wins, self.losses))
        return Rows(self.features[first], wins, losses, self.penalty)

    def score(self, slopes: Floats) -> Floats:
        """Log odds of each row."""
        return np.asarray(slopes[0] + self.features @ slopes[1:])

    def loss(self, slopes: Floats) -> float:
        """Mean negative log-likelihood and ridge."""
        score = self.score(slopes)
        misfit = self.wins @ np.logaddexp(0.0, -score) + self.losses @ np.logaddexp(0.0, score)
        return float(misfit / self.total + 0.5 * self.penalty * slopes[1:] @ slopes[1:])

    def newton(self, slopes: Floats) -> Floats:
        """The step that a quadratic through the present slopes asks for."""
        chance = sigmoid(self.score(slopes))
        ridge = np.append(0.0, np.full(len(slopes) - 1, self.penalty))
        missed = (self.wins - (self.wins + self.losses) * chance) / self.total
        gradient = np.append(missed.sum(), self.features.T @ missed) - ridge * slopes
        weight = (self.wins + self.losses) * chance * (1.0 - chance) / self.total
        weighted = self.features.multiply(weight[:, None])
        hessian = np.diag(ridge + 1e-300)
        hessian[0, 0] += weight.sum()
        hessian[0, 1:] = hessian[1:, 0] = np.asarray(weighted.sum(axis=0)).ravel()
        hessian[1:, 1:] += (self.features.T @ weighted).toarray()
        return np.asarray(np.linalg.solve(hessian, gradient))


def fit(rows: Rows, *, steps: int = 100) -> tuple[float, Floats]:
    """Intercept and slopes that maximise the mean log-likelihood − penalty / 2 · |slopes|².

    The intercept is not penalised, so predicted wins add up to the observed. The mean, not the
    sum, makes the answer the same for a log and for that log twice. Newton steps are halved until
    they do not make things worse. Without wins or without losses the intercept is infinite.
    """
    slopes = np.zeros(rows.features.shape[1] + 1)
    won, lost = rows.wins.sum(), rows.losses.sum()
    if not (won > 0 and lost > 0):
        return (np.inf if won > 0 else -np.inf), slopes[1:]
    slopes[0] = np.log(won / lost)
    loss = rows.loss(slopes)
    for _ in range(steps):
        step = rows.newton(slopes)
        while rows.loss(slopes + step) > loss + 1e-14 and np.abs(step).max() > 1e-13:
            step = step / 2
        slopes, loss = slopes + step, rows.loss(slopes + step)
        # Newton doubles the digits: after a step of 1e-8 what is left is rounding.
        if np.abs(step).max() <= 1e-8:
            break
    return float(slopes[0]), slopes[1:]
