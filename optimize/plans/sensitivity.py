"""The best outcome as a function of any rule's number, to see what the rule costs along the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.plans.frontier import Frontier, each_alone, traced
from optimize.problem.rule_rows import rows as ruled
from optimize.problem.task import Task, make_task
from optimize.solver.integers import SECONDS
from optimize.solver.warm_start import Move
from scenarios import Rule
from tiermix.core.progress import Progress


def dial(
    scenario: Planning,
    curves: ResponseCurves,
    rule: str,
    numbers: Sequence[float],
    *,
    number: str | None = None,
    objective: str | Mapping[str, float] | None = None,
    gap: float = 1e-4,
    seconds: float = SECONDS,
    progress: Progress | None = None,
) -> Frontier:
    """The best objective for each of the `numbers` that the named rule could have.

    `number` says which one where a rule has several (`least`, `most`). Goals that are rules can be
    turned too. Where integers are needed each number is planned by itself to 1e-3, or for so many
    `seconds`. Raises `AllocationError` for unknown names and unusable numbers.
    """
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=objective)
    mine = _named(task, rule)
    name = _number_of(mine, number)
    ordered = np.sort(np.asarray(numbers, dtype=float))
    turned = [_turned(mine, name, float(x)) for x in ordered]
    if not turned:
        raise AllocationError(f"no numbers were given for {rule}; give at least one.")
    if task.has_integers or task.minimise:
        asked = [
            (_with_rule(task, mine, other), float(x), rule)
            for x, other in zip(ordered, turned, strict=True)
        ]
        points = each_alone(asked, seconds, progress)
    else:
        points = traced(_with_rule(task, mine, turned[-1]), ordered, _move(mine, name), gap)
    return Frontier(task.name, tuple(points), of=f"{rule}: {name}")


def _move(rule: Rule, name: str) -> Move:
    now = float(getattr(rule, name) or 0.0)
    other = 0.5 * now if now else 0.5

    def rows(program: Program, x: float) -> list[Row]:
        return list(ruled(program, rule.model_copy(update={name: x})))

    def place(program: Program) -> int:
        return next(k for k, row in enumerate(program.rows) if row.rule == rule.name)

    return Move(now, other, rows, place)


def _named(task: Task, name: str) -> Rule:
    for rule in task.ruling:
        if rule.name == name:
            return rule
    known = ", ".join(rule.name for rule in task.ruling)
    raise AllocationError(f"there is no rule called {name!r} to turn; use one of {known}.")


def _number_of(rule: Rule, number: str | None) -> str:
    known = [n for n in rule.numbers if getattr(rule, n) is not None]
    if number is None and len(known) == 1:
        return known[0]
    if number not in known:
        choice = f"say which: {', '.join(known)}" if known else "rules of its kind have none"
        raise AllocationError(f"{rule.name} has no number {number!r} to turn; {choice}.")
    return number


def _turned(rule: Rule, name: str, number: float) -> Rule:
    """The rule with another number; raises `AllocationError` where it cannot have it."""
    try:
        return type(rule).model_validate(rule.model_dump() | {name: number})
    except ValueError as error:
        raise AllocationError(f"{rule.name} cannot have {name} {number}: {error}") from None


def _with_rule(task: Task, old: Rule, new: Rule) -> Task:
    return replace(task, rules=tuple(new if rule is old else rule for rule in task.rules))
