"""A peer that plans: SciPy's SLSQP on the same true curves, for benchmarks."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from optimize.problem.task import Task
from tiermix.core.arrays import Floats


def slsqp(task: Task, *, exact: bool) -> float:
    """The best that scaled SLSQP finds on the true curves under the budget alone.

    With `exact` it is given the objective's gradient; otherwise it takes differences, as usual.
    """
    model = task.response_model
    shape = (len(model.channels), len(model.months))
    size = int(np.prod(shape))
    unit = task.budget / size
    worth = max(abs(task.value(np.full(shape, unit))), 1e-9)

    def loss(x: Floats) -> float:
        return -float(task.value(x.reshape(shape) * unit)) / worth

    def slope(x: Floats) -> Floats:
        return -gradient(task, x.reshape(shape) * unit).ravel() * unit / worth

    best = minimize(
        loss,
        np.full(size, 0.95),
        jac=slope if exact else None,
        method="SLSQP",
        bounds=[(0, None)] * size,
        constraints=[{"type": "ineq", "fun": lambda x: (task.budget - x.sum() * unit) / worth}],
        options={"maxiter": 200, "ftol": 1e-11},
    )
    return -float(best.fun) * worth


def gradient(task: Task, spend: Floats) -> Floats:
    """Derivative [C, M] of the objective on the true curves, off zero where it is endless."""
    near, months = np.maximum(spend, 1e-6 * spend.mean()), task.month_weights()
    slope = np.full(spend.shape, task.weights.get("spend", 0.0)) * months[None, :-1]
    for kpi, weight in task.weights.items():
        if kpi != "spend":
            effect = task.response_model.effects[kpi]
            slope = slope + weight * task.response_model.slope(effect, near, months)
    return np.asarray(slope)
