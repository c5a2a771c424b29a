"""What a planner page shows of a plan, as tables of plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.direction import sign
from scenarios import Goal, MediaPlan, Scenario
from tiermix.core.language import named

CENT = 0.5
"""Of a unit of money: an edit that moves an amount by less is none."""


@dataclass(frozen=True)
class Expected:
    """A goal with what is expected on the curves, its target, and whether that reaches it.

    None where the curves do not tell.
    """

    goal: Goal
    expected: float | None
    target: float | None
    reached: bool | None


def labels(scenario: Scenario) -> dict[str, str]:
    """What each planned channel is called in the language that is spoken."""
    known = {channel.name: channel.name_zh for channel in scenario.channels}
    return {name: named(name.replace("_", " "), known.get(name, "")) for name in scenario.plannable}


def months_table(media: MediaPlan, scenario: Scenario) -> pd.DataFrame:
    """Channels down, months across, whole units of money; the year's sum comes last."""
    table = pd.DataFrame(media.amounts.round(), columns=list(media.months))
    names = labels(scenario)
    table.insert(0, "channel", [names[name] for name in media.channels])
    table["year"] = media.amounts.sum(axis=1).round()
    return table


def edits(
    rows: Mapping[int, Mapping[str, object]], media: MediaPlan
) -> list[tuple[str, str, float | None]]:
    """Channel, month and amount of each cell that was edited; None for one that was emptied.

    An amount that stays what it was to the unit is no edit; what is no amount is left out.
    """
    found: list[tuple[str, str, float | None]] = []
    for row, cells in rows.items():
        channel = media.channels[int(row)]
        for month, value in cells.items():
            if month not in media.months:
                continue
            if value is None:
                found.append((channel, month, None))
                continue
            was = float(media.of(channel)[media.months.index(month)])
            if isinstance(value, int | float) and abs(float(value) - was) > CENT:
                found.append((channel, month, float(value)))
    return found


def channel_rows(
    plans: Mapping[str, MediaPlan], scenario: Scenario
) -> list[tuple[str, int, dict[str, float]]]:
    """Each channel with its tier and, by plan, its money of the year; last year's comes first."""
    names = labels(scenario)
    years = {"last year": scenario.last_year.by_channel}
    years |= {plan: media.by_channel for plan, media in plans.items()}
    return [
        (names[one], scenario.tier_of(one), {y: money.get(one, 0.0) for y, money in years.items()})
        for one in scenario.plannable
    ]


def expected_goals(
    goals: Sequence[Goal], kpis: Mapping[str, float], last_year: Mapping[str, float]
) -> list[Expected]:
    """Each goal of the year beside what the curves expect."""
    return [_expected(goal, kpis, last_year) for goal in goals]


def _expected(goal: Goal, kpis: Mapping[str, float], last_year: Mapping[str, float]) -> Expected:
    before = last_year.get(goal.kpi if goal.period == "year" else f"{goal.kpi}@{goal.period}")
    target = None if goal.level is None and before is None else goal.target(before)
    value = kpis.get(goal.kpi) if goal.period == "year" and goal.tier is None else None
    known = value is not None and target is not None
    reached = sign(goal.kpi) * (value - target) >= 0 if known else None  # type: ignore[operator]
    return Expected(goal, value, target, reached)
