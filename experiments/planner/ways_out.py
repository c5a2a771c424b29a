"""Ways out of rules that cannot hold together, each of them a draft to go on with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.planner.draft import Cell, Draft, name_of
from experiments.planner.numbers import number_unit
from optimize import InfeasiblePlan
from scenarios import Budget, Rule

DIGITS = 4
"""To so many a change that makes room is rounded up: its least is a knife's edge."""


@dataclass(frozen=True)
class WayOut:
    """What would be changed, in words, and the draft that it gives."""

    words: str
    draft: Draft


def ways_out(draft: Draft, refused: InfeasiblePlan) -> list[WayOut]:
    """The least change that makes everything feasible, then each rule in conflict left out."""
    least = _least(draft, refused.relaxation)
    found = [] if least is None else [least]
    for name in refused.conflict:
        without = _without(draft, name)
        if without is not None:
            found.append(without)
    return found


def _least(draft: Draft, relaxation: Sequence[Mapping[str, Any]]) -> WayOut | None:
    """All changes at once; None where one of them has no number to move."""
    moved: Draft | None = draft
    for item in relaxation:
        moved = None if moved is None else _moved(moved, item)
    if moved is None or not relaxation:
        return None
    return WayOut("; ".join(str(item["words"]) for item in relaxation), moved)


def _moved(draft: Draft, item: Mapping[str, Any]) -> Draft | None:
    """The draft with a rule's own number moved far enough."""
    name, number = str(item["rule"]), float(item["number"])
    after = number + _outward(float(item["by"]))
    cell = _cell(draft, name)
    if cell is not None:
        return draft.with_cell(*cell, max(after, 0.0))
    if any(goal.name == name for goal in draft.goals):
        return draft.with_goal(name, level=after)
    rule = next((rule for rule in draft.rules if rule.name == name), None)
    if rule is None:  # the year's budget, where no rule speaks of it
        return draft.with_budget(after)
    return _renumbered(draft, rule, number, after)


def _renumbered(draft: Draft, rule: Rule, number: float, after: float) -> Draft | None:
    if isinstance(rule, Budget) and rule.amount is None:
        if rule.holds_budget and rule.share == 1.0:
            return draft.with_budget(after)
        return draft.with_number(rule.name, "share", after / draft.budget)
    for field in type(rule).numbers:
        value = getattr(rule, field)
        if value is not None and math.isclose(value, number, rel_tol=1e-9, abs_tol=1e-12):
            return draft.with_number(rule.name, field, _within(rule, field, after))
    return None


def _within(rule: Rule, field: str, after: float) -> float:
    """The number within its range, out of which a change that was rounded up may lead."""
    if getattr(rule, "basis", "") == "last_year":
        return max(after, -1.0)
    if number_unit(rule, field) == "percent" and field not in ("up", "floor"):
        return min(max(after, 0.0), 1.0)
    return after


def _without(draft: Draft, name: str) -> WayOut | None:
    """A rule left out, an amount planned again, a goal that is no rule any more."""
    cell = _cell(draft, name)
    if cell is not None:
        return WayOut(f"release {name}", draft.with_cell(*cell, None))
    if any(goal.name == name for goal in draft.goals):
        return WayOut(f"leave out {name}", draft.with_goal(name, as_rule=False))
    if any(rule.name == name for rule in draft.rules) and draft.can_be_off(name):
        return WayOut(f"leave out {name}", draft.switched(name, on=False))
    return None


def _cell(draft: Draft, name: str) -> Cell | None:
    return next((cell for cell, _ in draft.fixed if name_of(cell) == name), None)


def _outward(by: float) -> float:
    """A change rounded to a few digits, away from nothing."""
    if not by:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(by))) + 1 - DIGITS)
    return math.copysign(math.ceil(abs(by) / unit - 1e-9) * unit, by)
