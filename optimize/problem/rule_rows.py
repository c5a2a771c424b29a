"""The rows of any rule in a program, by the function that builds those of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.problem import live_rules, money_rules, outcome_rules
from scenarios import Rule

BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    **money_rules.BUILDERS,
    **live_rules.BUILDERS,
    **outcome_rules.BUILDERS,
}


def rows(program: Program, rule: Rule) -> Iterator[Row]:
    """The rows of any rule that bounds plans; raises `AllocationError` for one it cannot hold."""
    check_carried([rule])
    yield from BUILDERS[rule.kind](program, rule)


def check_carried(rules: Iterable[Rule]) -> None:
    """Raise `AllocationError` for a rule that no linear program can hold."""
    for rule in rules:
        if why := rule.obstacle():
            raise AllocationError(f"{rule.name}: {why}")
