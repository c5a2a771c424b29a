"""The best step in a region of trust: linear effects around a plan, channels scaled as wholes.

    spend[c, m] = centre[c, m] · (1 + t_c),   −radius ≤ t_c ≤ radius

Effects measured for a channel's whole year say nothing about its months, so these move together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyomo.environ as pyo

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.problem.task import Task, make_task
from optimize.solver import conflict
from optimize.solver.certificate import NothingFits
from optimize.solver.integers import best_plan
from scenarios import MediaPlan
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class RegionTask(Task):
    """A task whose plans are the centre [C, M] with each channel scaled a little."""

    centre: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    radius: float = 0.0

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The model with all rules, its plans tied to the centre."""
        program = super().program(pieces, side)
        model = program.model
        model.scale = pyo.Var(range(len(self.centre)), bounds=(-self.radius, self.radius))
        model.region = pyo.ConstraintList()
        for (c, m), spend in model.spend.items():
            at = float(self.centre[c, m]) / program.money
            model.region.add(spend == at * (1 + model.scale[c]))
        return program


def linear_curves(
    scenario: Planning,
    centre: MediaPlan,
    slopes: Mapping[str, Mapping[str, float]],
    level: Mapping[str, Floats],
    last_year: Mapping[str, float],
) -> ResponseCurves:
    """Straight curves through what a plan brings: `slopes` per KPI and channel, `level` by month.

    What is measured as harm is taken for no effect: a program carries rising curves only.
    """
    money = 2.0 * max(float(centre.amounts.max()), 1.0)
    curves, base = [], {}
    for kpi, by in slopes.items():
        base[kpi] = np.array(level[kpi], dtype=float)
        for channel in scenario.plannable:
            slope = max(by.get(channel, 0.0), 0.0)
            points = ((0.0, money), (0.0, slope * money))
            curves.append(Curve(channel, kpi, "points", slope * money, points=points))
            base[kpi] = base[kpi] - slope * centre.of(channel)
    return ResponseCurves(
        tuple(curves), tuple(scenario.months), base=base, last_year=last_year,
        source="marginal effects in the market",
    )  # fmt: skip


def best_step(
    scenario: Planning, curves: ResponseCurves, centre: MediaPlan, radius: float
) -> MediaPlan:
    """The best plan within the region and under the rules, effects being linear.

    Raises `InfeasiblePlan` where no plan in the region keeps the rules.
    """
    response_model = ResponseModel(scenario, curves)
    task = make_task(response_model, budget=None, objective=None)
    region = RegionTask(
        **{name: getattr(task, name) for name in task.__dataclass_fields__},
        centre=response_model.spend_of(centre),
        radius=radius,
    )
    try:
        return response_model.plan_of(best_plan(region, 1e-6).spend)
    except NothingFits as nothing:
        raise conflict.explain(region, nothing) from None
