"""Rows of rules: amounts of money, shares in percentage points, and the periods they hold in."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from scenarios import periods
from tiermix.core import figures

ONE_POINT = 0.01  # a percentage point


def money(
    program: Program,
    rule: str,
    body: Any,
    what: str,
    number: float,
    lower: float | None,
    upper: float | None,
) -> Row:
    """A row whose number is an amount of money; `what` is it that one more unit raises."""
    unit = program.scenario.currency
    step = f"raising {what} by {figures.money(1.0, unit)}"
    return Row(rule, body, lower, upper, 1.0, step, number, unit, least=0.0, what=what)


def points(
    rule: str,
    body: Any,
    what: str,
    number: float,
    lower: float | None,
    upper: float | None,
    whole: Any,
    ends: tuple[float, float] = (0.0, 1.0),
    *,
    base: float = 0.0,
    of: str = "",
) -> Row:
    """A row whose number is a share of `whole` between `ends`, stepped by percentage points.

    In words `what` is raised, from `base` + number to a point more, `of` something.
    """
    now = base + number
    step = f"raising {what} from {figures.percent(now)} to {figures.percent(now + ONE_POINT)}{of}"
    change = ONE_POINT * whole
    return Row(rule, body, lower, upper, change, step, number, "share", ONE_POINT, *ends, what=what)


def periods_of(program: Program, rule: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Label and months of each period of a rule; raises `AllocationError` when there is none.

    Where the plan is by week, the weeks of these months.
    """
    found = periods(rule.period, tuple(program.by_month))
    if not found:
        raise AllocationError(
            f"{rule.name}: period {rule.period!r} does not lie in the planned months "
            f"{program.months[0]} to {program.months[-1]}; use one of them."
        )
    return [
        (label, tuple(p for m in months for p in program.by_month[m])) for label, months in found
    ]


def planned_channels(program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that are planned; every planned channel where none is named."""
    return tuple(name for name in names if name in program.channels) if names else program.channels


def check_channel(program: Program, rule: str, channel: str) -> None:
    """Raise `AllocationError` for a channel that is not planned."""
    _check(rule, "channel", channel, program.channels)


def check_month(program: Program, rule: str, month: str) -> None:
    """Raise `AllocationError` for a month that is not planned."""
    _check(rule, "month", month, tuple(program.by_month))


def _check(rule: str, field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise AllocationError(
            f"{rule}: {field} {value!r} cannot be planned; use one of {', '.join(known)}."
        )


def last_year(program: Program, channel: str, months: tuple[str, ...]) -> float:
    """What a channel spent last year in the months of these names."""
    plan = program.scenario.reference_plan
    if channel not in plan.channels:
        return 0.0
    return float(np.sum([plan.of(channel)[plan.months.index(month)] for month in months]))


def had_money(program: Program, channel: str) -> bool:
    """Whether a channel had any money last year."""
    return last_year(program, channel, program.months) > 0


def average_month(program: Program, channel: str) -> float:
    """A channel's average month last year; of an even share of the budget where it had none."""
    spent = last_year(program, channel, program.months)
    return (spent or program.budget / len(program.channels)) / len(program.by_month)
