"""From touches and conversions to paths: sort, give each touch to its conversion, cut, count."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journeys.errors import JourneyError
from journeys.paths import Paths, offsets
from journeys.tables import CONVERSION_KINDS, TOUCH_KINDS
from tiermix.core.arrays import Bools, Codes, Floats, Ints

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Touches:
    """Touches of one visitor after the other, each visitor's in order of time."""

    visitor: Ints
    time: Ints
    channel: Ints
    row: Ints

    def keep(self, mask: Bools) -> "Touches":
        return Touches(self.visitor[mask], self.time[mask], self.channel[mask], self.row[mask])


@dataclass(frozen=True)
class Conversions:
    """Conversions of one visitor after the other, in order of time; v's start at `first[v]`."""

    visitor: Ints
    time: Ints
    value: Floats
    first: Ints


def cut_paths(
    touches: pd.DataFrame,
    conversions: pd.DataFrame,
    *,
    outcome: str = "order",
    lookback_days: float | None = None,
    impressions: bool = True,
    kinds: Collection[str] = TOUCH_KINDS,
) -> Paths:
    """Paths of all visitors: one for each conversion, and one for touches that came to nothing.

    A touch belongs to its visitor's next conversion at or after it, so nothing that happens after
    a conversion earns credit for it. Touches older than `lookback_days` before the conversion are
    left out; journeys without a conversion are cut the same way before their last touch. None
    looks back to the conversion before. Only touches of `kinds` count, impressions among them only
    with `impressions`. Ties in time: by kind in the order of `TOUCH_KINDS`,
    then as the rows stand.
    """
    _check(outcome, lookback_days, kinds)
    ordered = sorted_touches(touches, [k for k in kinds if impressions or k != "impression"])
    wanted = sorted_conversions(conversions, outcome, len(touches["visitor_id"].cat.categories))
    goal = _next_conversion(ordered, wanted)
    boundary = _boundaries(ordered.visitor, goal)
    if lookback_days is not None:
        keep = _age(ordered, wanted, goal, boundary) <= lookback_days * DAY
        ordered, goal = ordered.keep(keep), goal[keep]
        boundary = _boundaries(ordered.visitor, goal)
    age = _age(ordered, wanted, goal, boundary) / DAY
    return _assemble(tuple(touches["channel"].cat.categories), ordered, wanted, goal, boundary, age)


def _check(outcome: str, lookback_days: float | None, kinds: Collection[str]) -> None:
    unknown = sorted(set(kinds) - set(TOUCH_KINDS))
    if unknown or isinstance(kinds, str):
        raise JourneyError(
            f"kinds: {unknown or kinds!r} are no kinds of touch; use some of "
            f"{', '.join(TOUCH_KINDS)}."
        )
    if outcome not in CONVERSION_KINDS:
        raise JourneyError(
            f"outcome: '{outcome}' is no conversion; use one of {', '.join(CONVERSION_KINDS)}."
        )
    if lookback_days is not None and not lookback_days > 0:
        raise JourneyError(
            f"lookback_days: {lookback_days!r} is not positive; give days, or None for no limit."
        )


def sorted_touches(touches: pd.DataFrame, kinds: Collection[str] = TOUCH_KINDS) -> Touches:
    """Touches of some kinds of a log by visitor, then time, then kind, then as the rows stand."""
    visitor = touches["visitor_id"].cat.codes.to_numpy()
    time = touches["time"].to_numpy().view(np.int64)
    kind = touches["kind"].cat.codes.to_numpy()
    channel = touches["channel"].cat.codes.to_numpy()
    row = np.arange(len(touches), dtype=np.int64)
    if len(set(kinds)) < len(TOUCH_KINDS):
        row = row[np.isin(kind, [TOUCH_KINDS.index(name) for name in kinds])]
    order = row[_sorting(visitor[row], time[row], kind[row])]
    return Touches(
        visitor[order].astype(np.int64), time[order], channel[order].astype(np.int64), order
    )


def _sorting(visitor: Codes, time: Ints, kind: Codes) -> Ints:
    """Rows by visitor, then time, then kind, then as they stand.

    Logs mostly come sorted, by visitor or by time; looking first saves most of the sorting.
    """
    if np.all(time[1:] >= time[:-1]):
        order = _stable_order(visitor)
    elif _is_sorted(visitor, time):
        order = np.arange(len(visitor))
    else:
        order = np.lexsort((time, visitor))
    same = (np.diff(visitor[order]) == 0) & (np.diff(time[order]) == 0)
    if np.any(np.diff(kind[order].astype(np.int64))[same] < 0):
        order = np.lexsort((kind, time, visitor))
    return order


def _stable_order(codes: Codes) -> Ints:
    """Stable order of codes: two passes over 16 bits each, which numpy sorts by radix."""
    wide = codes.astype(np.uint32)
    order = np.argsort((wide & 0xFFFF).astype(np.uint16), kind="stable")
    return order[np.argsort((wide >> 16).astype(np.uint16)[order], kind="stable")]


def _is_sorted(visitor: Codes, time: Ints) -> bool:
    later = time[1:] >= time[:-1]
    return bool(np.all((visitor[1:] > visitor[:-1]) | ((visitor[1:] == visitor[:-1]) & later)))


def sorted_conversions(conversions: pd.DataFrame, outcome: str, visitors: int) -> Conversions:
    """Conversions of one kind by visitor and time; `visitors` is the number of categories."""
    row = np.flatnonzero(
        conversions["kind"].cat.codes.to_numpy() == CONVERSION_KINDS.index(outcome)
    )
    visitor = conversions["visitor_id"].cat.codes.to_numpy()[row].astype(np.int64)
    time = conversions["time"].to_numpy().view(np.int64)[row]
    order = np.lexsort((time, visitor))
    value = conversions["value"].to_numpy()[row][order]
    first = offsets(np.bincount(visitor, minlength=visitors))
    return Conversions(visitor[order], time[order], value, first)


def _next_conversion(touches: Touches, conversions: Conversions) -> Ints:
    """Position of the conversion that each touch leads to, -1 where none follows.

    All touches step on together, from one conversion of their visitor to the next, until it is
    not earlier than the touch: as many turns as the busiest visitor has conversions.
    """
    goal = conversions.first[touches.visitor]
    last = conversions.first[touches.visitor + 1]
    moving = np.flatnonzero(goal < last)
    while len(moving):
        moving = moving[conversions.time[goal[moving]] < touches.time[moving]]
        goal[moving] += 1
        moving = moving[goal[moving] < last[moving]]
    return np.where(goal < last, goal, -1)


def _boundaries(visitor: Ints, goal: Ints) -> Ints:
    """Where journeys start among sorted touches, and where the last one ends."""
    if not len(visitor):
        return np.zeros(1, dtype=np.int64)
    fresh = (visitor[1:] != visitor[:-1]) | (goal[1:] != goal[:-1])
    return np.concatenate(([0], np.flatnonzero(fresh) + 1, [len(visitor)])).astype(np.int64)


def _age(touches: Touches, conversions: Conversions, goal: Ints, boundary: Ints) -> Ints:
    """Microseconds from each touch to the end of its journey (conversion, or last touch)."""
    lengths = np.diff(boundary)
    end = touches.time[boundary[1:] - 1] if len(lengths) else touches.time
    target = goal[boundary[:-1]]
    won = target >= 0
    end[won] = conversions.time[target[won]]
    return np.repeat(end, lengths) - touches.time


def _assemble(
    channels: tuple[str, ...],
    touches: Touches,
    conversions: Conversions,
    goal: Ints,
    boundary: Ints,
    age: Floats,
) -> Paths:
    target = goal[boundary[:-1]]
    won = target >= 0
    value = np.zeros(len(target))
    value[won] = conversions.value[target[won]]
    touched = float(won.sum())
    return Paths(
        channels=channels,
        start=boundary,
        channel=touches.channel,
        conversions=won.astype(np.float64),
        value=value,
        nulls=(~won).astype(np.float64),
        age=age,
        row=touches.row,
        visitor=touches.visitor[boundary[:-1]],
        untouched=(
            len(conversions.time) - touched,
            float(np.delete(conversions.value, target[won]).sum()),
        ),
    )
