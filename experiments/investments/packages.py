"""Packages of candidate investments: what each costs, and what it leaves for media."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from experiments.comparison.feasible import check_money_rules
from experiments.study import StudyError
from optimize import InfeasiblePlan
from scenarios import Scenario, ScenarioError, alternatives, build_scenario, with_bought
from sim import overheads
from tiermix.core import figures

Package = tuple[str, ...]
"""Names of candidates that are bought together, in the scenario's order; () is all in media."""
NOTHING: Package = ()


class Packages:
    """The candidates of a scenario, alone and together; scenarios are made once."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names = tuple(one.name for one in scenario.candidates)
        self._bought: dict[Package, Scenario] = {}
        self._left: dict[Package, Scenario] = {}
        self._refused: dict[Package, str | None] = {}

    @cached_property
    def alternatives(self) -> frozenset[frozenset[str]]:
        """Pairs of which at most one can be bought, since both change the same thing."""
        return alternatives(self.scenario)

    @property
    def singles(self) -> list[Package]:
        """Each candidate that can be bought, alone."""
        return [(name,) for name in self.names if self.refused((name,)) is None]

    def of(self, names: Sequence[str]) -> Package:
        """These names as a package."""
        return tuple(name for name in self.names if name in names)

    def bought(self, package: Package) -> Scenario:
        """The market in which the package has been bought; raises `ScenarioError`."""
        if package not in self._bought:
            self._bought[package] = with_bought(self.scenario, package)
        return self._bought[package]

    def cost(self, package: Package) -> float:
        """Money of the planned year: its own costs, and wages or content that come with it."""
        more = _overheads(self.bought(package)) - _overheads(self.bought(NOTHING))
        return max(more, 0.0)

    def left(self, package: Package) -> Scenario:
        """The planning problem with the money that the package leaves for media."""
        if package not in self._left:
            data = self.bought(NOTHING).model_dump(mode="json")
            left = self.scenario.budget - self.cost(package)
            self._left[package] = build_scenario(data, {"budget": left}, self.scenario.name)
        return self._left[package]

    def refused(self, package: Package) -> str | None:
        """Why the package cannot be bought; None where it can."""
        if package not in self._refused:
            self._refused[package] = self._why_not(package)
        return self._refused[package]

    def _why_not(self, package: Package) -> str | None:
        pair = next((pair for pair in self.alternatives if pair <= set(package)), None)
        if pair:
            return "they change the same thing: one or the other"
        if self.cost(package) >= self.scenario.budget:
            return "costs the whole budget or more"
        try:
            check_money_rules(self.left(package))
        except InfeasiblePlan as nothing:
            return f"leaves too little money for the rules: {', '.join(nothing.conflict)}"
        except ScenarioError as error:
            return f"leaves a budget that cannot be: {error}"
        return None

    def check(self) -> None:
        """Refuse what cannot be asked, before anything is lived."""
        if not self.names:
            raise StudyError(
                "candidates: there is nothing to buy; add `candidates` to the scenario, or say one "
                "as in 'cdp: integration.resolution=0.7, cost=900000'"
            )
        for name in self.names:
            cost, budget = self.cost((name,)), self.scenario.budget
            if cost >= budget:
                said = (figures.money(x, self.scenario.currency) for x in (cost, budget))
                raise StudyError(
                    "candidates.{}: costs {} in the year, and the whole budget is {}; lower its "
                    "cost, start it later, or raise the budget".format(name, *said)
                )
        if all(self.refused((name,)) for name in self.names):
            why = "; ".join(f"{name} {self.refused((name,))}" for name in self.names)
            raise StudyError(f"candidates: none can be bought: {why}")


def _overheads(scenario: Scenario) -> float:
    return float(sum(one.amounts.sum() for one in overheads(scenario, planned=True)))
