"""How little and how much money the rules on money let each channel have."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from optimize.model.program import Program
from optimize.model.protocols import Planning
from optimize.problem.money_task import money_task
from optimize.problem.task import Task
from optimize.solver import conflict
from optimize.solver.certificate import NothingFits
from optimize.solver.integers import best_plan
from tiermix.core.arrays import Floats

GAP = 1e-3


@dataclass(frozen=True)
class ChannelTask(Task):
    """One channel's money of the year, to be made small or large."""

    channel: str = ""

    @property
    def least_scale(self) -> float:
        """A channel that may have nothing is no reason to look at fractions of a unit."""
        return 1e-3 * max(self.budget, 1e-12)

    def objective(self, program: Program) -> object:
        """The channel's money."""
        return program.spend([self.channel], program.months)

    def value(self, spend: Floats, months: Floats | None = None) -> float:
        """The channel's money under a plan [C, M]."""
        place = self.response_model.channels.index(self.channel)
        return float(np.sum(spend[place]))


def money_ranges(scenario: Planning) -> dict[str, tuple[float, float]]:
    """Least and most money of the year for each channel that can be planned, under all rules on it.

    Each end for itself: not every channel can have its most. Raises `InfeasiblePlan` where the
    rules on money cannot hold together.
    """
    task = money_task(scenario)
    values = {item.name: getattr(task, item.name) for item in fields(task)}
    found = {}
    try:
        for name in scenario.plannable:
            least = ChannelTask(**values, channel=name)
            ends = [best_plan(each, GAP).value for each in (least, replace(least, minimise=False))]
            found[name] = (ends[0], ends[1])
    except NothingFits as nothing:
        raise conflict.explain(task, nothing) from None
    return found
