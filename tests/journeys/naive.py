"""Slow and obvious: a log as lists, cut by loops, to hold the fast paths against."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from journeys import TOUCH_KINDS

DAY = pd.Timedelta(days=1)
Journey = tuple[tuple[str, ...], float, float]


def journeys(
    touches: pd.DataFrame,
    conversions: pd.DataFrame,
    *,
    outcome: str = "order",
    lookback_days: float | None = None,
    impressions: bool = True,
    kinds: Collection[str] = TOUCH_KINDS,
) -> tuple[list[Journey], int]:
    """Journeys as (channels, conversions, value), and how many conversions have no journey."""
    found: list[Journey] = []
    untouched = 0
    visitors = sorted(set(touches["visitor_id"]) | set(conversions["visitor_id"]))
    for visitor in visitors:
        wanted = [kind for kind in kinds if impressions or kind != "impression"]
        steps = _steps(touches, visitor, wanted)
        goals = conversions[
            (conversions["visitor_id"] == visitor) & (conversions["kind"] == outcome)
        ].sort_values("time", kind="stable")
        for goal in goals.itertuples():
            mine = [step for step in steps if step.time <= goal.time]
            steps = [step for step in steps if step.time > goal.time]
            channels = _within(mine, goal.time, lookback_days)
            found += [(channels, 1.0, float(goal.value))] if channels else []
            untouched += not channels
        if steps:
            found.append((_within(steps, steps[-1].time, lookback_days), 0.0, 0.0))
    return found, untouched


def _steps(touches: pd.DataFrame, visitor: str, kinds: Collection[str]) -> list[Any]:
    mine = [
        step
        for step in touches[touches["visitor_id"] == visitor].itertuples()
        if step.kind in kinds
    ]
    return sorted(mine, key=lambda step: (step.time, TOUCH_KINDS.index(step.kind)))


def _within(steps: list[Any], end: pd.Timestamp, lookback_days: float | None) -> tuple[str, ...]:
    return tuple(
        step.channel
        for step in steps
        if lookback_days is None or end - step.time <= lookback_days * DAY
    )
