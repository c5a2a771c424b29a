"""A year to plan for, made up at any size, and a peer that plans it: for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from optimize import Curve, ResponseCurves
from optimize.problem.task import Task
from scenarios import Goal, MediaPlan, Rule
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class MadeUpChannel:
    """A channel as a planner knows it."""

    name: str
    tier: int
    retention: float = 0.0


@dataclass(frozen=True)
class MadeUpYear:
    """What a plan asks of a scenario: an even last year that spent the budget, months alike."""

    channels: tuple[MadeUpChannel, ...]
    last_year: MediaPlan
    budget: float
    months: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    goals: tuple[Goal, ...] = ()
    objective: str = "margin"
    name: str = "made up"
    currency: str = "CNY"

    @property
    def plannable(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(channel.name for channel in self.channels)

    @property
    def history_months(self) -> tuple[str, ...]:
        """Months of last year."""
        return self.last_year.months

    @property
    def reference_plan(self) -> MediaPlan:
        """Last year's money in this year's months."""
        return self.last_year.shifted_to(self.months)

    def price_index(self, channel: str, month: str) -> float:
        """Prices stay as they are."""
        return 1.0

    def days_in(self, month: str) -> int:
        """Thirty days a month, 28 in February."""
        return 28 if month.endswith("-02") else 30

    def under(self, *rules: Rule) -> MadeUpYear:
        """The same year under these rules."""
        return replace(self, rules=rules)


def made_up_year(channels: int, months: int, budget: float = 1e6) -> MadeUpYear:
    """So many channels over tiers 1, 2 and 3."""
    kinds = tuple(MadeUpChannel(f"c{n}", 1 + n % 3) for n in range(channels))
    even = np.full((channels, months), budget / channels / months)
    last, this = (tuple(f"{y}-{m:02d}" for m in range(1, months + 1)) for y in (2025, 2026))
    plan = MediaPlan([channel.name for channel in kinds], last, even)
    return MadeUpYear(kinds, plan, budget, this)


def made_up_curves(
    year: MadeUpYear,
    *,
    kpis: tuple[str, ...] = ("margin", "new_customers"),
    shape: tuple[float, float] = (0.6, 1.0),
    **curve: Any,
) -> ResponseCurves:
    """Random curves around the year's even spend; KPIs but margin are about a fiftieth of it."""
    random = np.random.default_rng(0)
    typical = year.budget / len(year.plannable) / len(year.months)
    curves = [
        Curve(
            channel=name,
            kpi=kpi,
            family="hill",
            ceiling=float(typical * random.uniform(2, 8) / (1 if kpi == "margin" else 50)),
            half=float(typical * random.uniform(0.5, 2)),
            shape=float(random.uniform(*shape)),
            **curve,
        )
        for name in year.plannable
        for kpi in kpis
    ]
    return ResponseCurves(tuple(curves), year.months)


def slsqp(task: Task, *, exact: bool) -> float:
    """The best that scaled SLSQP finds on the true curves under the budget alone.

    With `exact` it is told the objective's gradient; otherwise it takes differences, as usual.
    """
    model = task.response_model
    shape = (len(model.channels), len(model.months))
    size = int(np.prod(shape))
    unit = task.budget / size
    worth = max(abs(task.value(np.full(shape, unit))), 1e-9)

    def loss(x: Floats) -> float:
        return -float(task.value(x.reshape(shape) * unit)) / worth

    def slope(x: Floats) -> Floats:
        return -_gradient(task, x.reshape(shape) * unit).ravel() * unit / worth

    found = minimize(
        loss,
        np.full(size, 0.95),
        jac=slope if exact else None,
        method="SLSQP",
        bounds=[(0, None)] * size,
        constraints=[{"type": "ineq", "fun": lambda x: (task.budget - x.sum() * unit) / worth}],
        options={"maxiter": 200, "ftol": 1e-11},
    )
    return -float(found.fun) * worth


def _gradient(task: Task, spend: Floats) -> Floats:
    """Derivative [C, M] of the objective on the true curves, off zero where it is endless."""
    near, months = np.maximum(spend, 1e-6 * spend.mean()), task.month_weights()
    slope = np.full(spend.shape, task.weights.get("spend", 0.0)) * months[None, :-1]
    for kpi, weight in task.weights.items():
        if kpi != "spend":
            effect = task.response_model.effects[kpi]
            slope = slope + weight * task.response_model.slope(effect, near, months)
    return np.asarray(slope)
