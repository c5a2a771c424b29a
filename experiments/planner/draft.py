"""A draft of the year's plan: budget, objective, rules, goals, and amounts that are to stay.

A draft is never changed; each move gives another one. It becomes a scenario like any other, so that
whatever reads scenarios (the optimizer, the market, a file) needs to know nothing of drafts. What
a move makes of a rule is held against the scenario's own checks when it does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scenarios import Commitment, Goal, Rule, Scenario, budget_of, build_scenario
from scenarios import rules as rule_kinds
from tiermix.core.errors import TiermixError

MOST = 100.0
"""Times the scenario's own budget: an amount beyond it is a slip of the keyboard."""
Cell = tuple[str, str]
"""A channel and a month."""


class PlannerError(TiermixError):
    """A move that cannot be made on the planner page."""


@dataclass(frozen=True)
class Draft:
    """What can be moved: rules of `off` are kept but do not hold, `fixed` amounts stay."""

    own_budget: float
    budget: float
    objective: str
    rules: tuple[Rule, ...]
    goals: tuple[Goal, ...]
    off: frozenset[str] = frozenset()
    fixed: tuple[tuple[Cell, float], ...] = ()

    @classmethod
    def of(cls, scenario: Scenario) -> Draft:
        """The scenario as it is written."""
        own = scenario.budget
        return cls(own, own, scenario.objective, tuple(scenario.rules), tuple(scenario.goals))

    def scenario(self, base: Scenario) -> Scenario:
        """The scenario that the draft makes of `base`; raises `ScenarioError`."""
        return build_scenario({**base.model_dump(mode="json"), **self.changes()}, {}, "the draft")

    def changes(self) -> dict[str, Any]:
        """Fields of the scenario as the draft has them, as plain data."""
        rules = [rule for rule in self.rules if rule.name not in self.off]
        fixed = [_as_rule(cell, amount) for cell, amount in self.fixed]
        return {
            "budget": self.budget,
            "objective": self.objective,
            "rules": [_plain(rule) for rule in (*rules, *fixed)],
            "goals": [goal.model_dump(mode="json", exclude_defaults=True) for goal in self.goals],
        }

    def rule(self, name: str) -> Rule:
        """The rule of that name."""
        return next(rule for rule in self.rules if rule.name == name)

    def holds(self, name: str) -> bool:
        """Whether a rule holds at present."""
        return name not in self.off

    def can_be_off(self, name: str) -> bool:
        """Whether a rule can be left out, which the year's budget cannot."""
        yearly = [rule.name for rule in self.rules if rule.holds_budget]
        return yearly != [name]

    def with_budget(self, asked: str | float) -> Draft:
        """Another budget of the year: a number, `24m`, or `80%` of the scenario's own."""
        text = asked.replace(",", "").replace("，", "") if isinstance(asked, str) else f"{asked!r}"
        return replace(self, budget=self._within(budget_of(text, self.own_budget), "the budget"))

    def with_objective(self, kpi: str) -> Draft:
        """Something else is made best."""
        return replace(self, objective=kpi)

    def switched(self, name: str, on: bool) -> Draft:
        """A rule that holds, or does not."""
        if not on and not self.can_be_off(name):
            raise PlannerError(f"“{name}” holds the year's budget, which cannot be left out.")
        return replace(self, off=self.off - {name} if on else self.off | {name})

    def with_number(self, name: str, field: str, value: float | None) -> Draft:
        """Another number of a rule, as the rule has it (shares as fractions)."""
        told = self._number(value, name)
        return self._with_rule(name, {field: told})

    def with_rule(self, rule: Mapping[str, Any]) -> Draft:
        """One rule more, from its fields; raises `PlannerError` for a name that is taken."""
        if any(rule["name"] == known.name for known in (*self.rules, *self.goals)):
            raise PlannerError(f"there is a rule “{rule['name']}” already; name it differently.")
        made: Any = rule_kinds.RULES[rule["kind"]].model_construct(**rule)
        return replace(self, rules=(*self.rules, made))

    def without_rule(self, name: str) -> Draft:
        """A rule taken out for good."""
        if not self.can_be_off(name):
            raise PlannerError(f"“{name}” holds the year's budget, which cannot be left out.")
        kept = tuple(rule for rule in self.rules if rule.name != name)
        return replace(self, rules=kept, off=self.off - {name})

    def with_goal(
        self,
        name: str,
        *,
        as_rule: bool | None = None,
        change: float | None = None,
        level: float | None = None,
    ) -> Draft:
        """A goal that is a rule or not, with another `change` or `level`."""
        given: dict[str, Any] = {} if as_rule is None else {"as_rule": as_rule}
        if change is not None or level is not None:
            ends = (self._number(end, name) for end in (change, level))
            given |= dict(zip(("change", "level"), ends, strict=True))
        goals = tuple(
            goal.model_copy(update=given) if goal.name == name else goal for goal in self.goals
        )
        return replace(self, goals=goals)

    def with_cell(self, channel: str, month: str, amount: float | None) -> Draft:
        """An amount that stays, or (None) is planned again."""
        cells = dict(self.fixed)
        cells.pop((channel, month), None)
        if amount is not None:
            told = self._within(amount, f"{channel} {month}")
            cells[channel, month] = told
        return replace(self, fixed=tuple(sorted(cells.items())))

    def released(self) -> Draft:
        """No amount stays."""
        return replace(self, fixed=())

    def _with_rule(self, name: str, fields: Mapping[str, Any]) -> Draft:
        rules = tuple(
            rule.model_copy(update=dict(fields)) if rule.name == name else rule
            for rule in self.rules
        )
        return replace(self, rules=rules)

    def _within(self, amount: float, what: str) -> float:
        most = MOST * self.own_budget
        if not (math.isfinite(amount) and 0 <= amount <= most):
            raise PlannerError(
                f"{what}: {amount:g} is no amount of money here; give one from 0 to {most:.6g}."
            )
        return float(amount)

    def _number(self, value: float | None, what: str) -> float | None:
        if value is not None and not math.isfinite(value):
            raise PlannerError(f"{what}: {value} is no number; give one.")
        return value


def name_of(cell: Cell) -> str:
    """What the rule that keeps an amount is called in prices and conflicts."""
    return f"{cell[0]} {cell[1]} as set"


def _as_rule(cell: Cell, amount: float) -> Rule:
    return Commitment(name=name_of(cell), channel=cell[0], amounts={cell[1]: amount})


def _plain(rule: Rule) -> dict[str, Any]:
    """A rule as a file has it."""
    fields = rule.model_dump(mode="json", exclude_defaults=True)
    return {"kind": rule.kind, "name": rule.name, **fields}
