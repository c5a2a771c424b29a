"""A plan of one's own as a strategy: money by channel and month or week, judged like any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Choice, Knowledge, Strategy, StrategyError
from scenarios import MediaPlan, Scenario, read_plan

PREFIX = "plan"


@dataclass(frozen=True)
class OwnPlan:
    """What a strategy of one plan chooses, whatever it knows."""

    media: MediaPlan

    def __call__(self, knows: Knowledge) -> Choice:
        """The plan as it was given."""
        return Choice(self.media)


def own_plan(path: str, scenario: Scenario) -> Strategy:
    """The strategy that follows the plan in a table (`read_plan`) of its name.

    Raises `PlanError` for a table that is no plan of the scenario, and `StrategyError` for a file
    whose name a strategy of the table has already.
    """
    file = Path(path)
    name = file.stem
    if name in STRATEGIES:
        raise StrategyError(
            f"strategies: {PREFIX}:{path} would be named '{name}', as one of ours is; rename the "
            "file, its name is the strategy's"
        )
    media = read_plan(file, scenario.plannable, scenario.months, scenario.other_names)
    return Strategy(
        name,
        OwnPlan(media),
        explains=f"The plan in {file.name}, as it was given. It is held to no rule.",
        same_in_every_world=True,
    )
