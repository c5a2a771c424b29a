"""A return as the way to choose a budget: on all money, or on the last unit of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

from optimize.errors import AllocationError
from scenarios import RoiFloor, Scenario

RULE = "target ROI"


def with_target_roi(scenario: Scenario, at_least: float) -> Scenario:
    """The scenario that asks for as much margin as a return on all money of the year allows.

    `at_least` is (margin − spend) / spend, as the KPI `roi` is: 0.5 where every unit of money
    brings back 1.5. Raises `AllocationError` for a return that is no number above −1.
    """
    _check(at_least)
    taken = {rule.name for rule in scenario.rules}
    name = next(name for name in _names() if name not in taken)
    rule = RoiFloor(name=name, floor=at_least)
    return scenario.model_copy(update={"rules": (*scenario.rules, rule), "objective": "margin"})


def marginal_roi(at_least: float) -> dict[str, float]:
    """The objective under which money is spent as long as the last unit returns so much.

    `at_least` is the margin that one more unit of money brings, less that unit: with 0 it is
    profit, with 0.2 the last unit brings back 1.2. Raises `AllocationError` as above.
    """
    _check(at_least)
    return {"margin": 1.0, "spend": -(1.0 + at_least)}


def _names() -> Iterator[str]:
    """The rule's name, and others where a scenario has one of that name already."""
    return (RULE if number == 1 else f"{RULE} {number}" for number in count(1))


def _check(at_least: float) -> None:
    if not (math.isfinite(at_least) and at_least > -1):
        raise AllocationError(
            f"a return of {at_least} cannot be asked for; give (margin − spend) / spend, a number "
            "above −1: 0.5 where every unit of money shall bring back 1.5."
        )
