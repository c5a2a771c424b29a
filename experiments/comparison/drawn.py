"""The drawn world, lent to the strategies that are tried in it."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.comparison.refine import best_found
from experiments.comparison.review import review
from experiments.comparison.strategies import Choice
from scenarios import MediaPlan, Scenario
from sim import Market, Setting


@dataclass(frozen=True)
class DrawnWorld:
    """One world of a comparison; `scenario` is what the planner knows of it."""

    scenario: Scenario
    setting: Setting

    def best_found(self) -> Choice:
        """The clairvoyant's plan, found with luck that differs from the luck of judging."""
        world, seed, customers = self.setting.scenario, self.setting.seed, self.setting.customers
        found = best_found(self.scenario, world, seed=seed, customers=customers, workers=1)
        return Choice(found.media, note=f"refined in the world that came: {found.note}")

    def reviewed(self, plan: MediaPlan) -> Choice:
        """What the months come to when the plan is followed here and made again each quarter.

        The people and luck are those of judging: whoever follows a plan lives in the year that is
        judged. Lived again with the months as they came out, that year is the same to the last row.
        """
        here = self.setting
        market = Market(here.scenario, here.seed, here.customers, plan, workers=1)
        found = review(self.scenario, market)
        return Choice(found.media, note=found.note)
