"""Visitors watched over time: what each had met at conversions, and at instants in between."""

from dataclasses import dataclass

import numpy as np

from attribution.errors import AttributionError, one_of, positive
from journeys import (
    CONVERSION_KINDS,
    JourneyLog,
    Paths,
    Touches,
    sorted_conversions,
    sorted_touches,
    stretches,
)
from tiermix.core.arrays import Bools, Floats, Ints

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, eq=False)
class Pairs:
    """A moment (conversion or instant) and a touch of the same visitor before it.

    moment: ascending number of the moment; channel and row of the touch; age: days between.
    """

    moment: Ints
    channel: Ints
    row: Ints
    age: Floats

    @property
    def latest(self) -> Bools:
        """Whether the touch is the last one before its moment."""
        last = np.ones(len(self.moment), dtype=bool)
        last[:-1] = self.moment[1:] != self.moment[:-1]
        return last


@dataclass(frozen=True, eq=False)
class Panel:
    """All conversions of a log, and every visitor every `step` days.

    at_conversions, at_instants: touches that are not older than the memory. value: worth of each
    conversion. seen: instants at which a visitor had met something; unseen: those without.
    visitors: how many there are; days: how long they were watched.
    """

    at_conversions: Pairs
    at_instants: Pairs
    value: Floats
    seen: int
    unseen: int
    visitors: int
    days: float
    channels: tuple[str, ...]
    touches: Touches
    end: int

    @property
    def total(self) -> tuple[float, float]:
        """All conversions and their value."""
        return float(len(self.value)), float(self.value.sum())


def watch(
    log: JourneyLog | Paths,
    *,
    outcome: str,
    memory_days: float,
    step_days: float | None,
    model: str,
) -> Panel:
    """The panel of a log; without `step_days` no instants are laid.

    Everyone in the log counts as watched from its first to its last row. Raises AttributionError
    for paths and path tables, which do not tell who was watched when.
    """
    if isinstance(log, Paths) or not log.has_times:
        raise AttributionError(
            f"{model}: paths do not tell visitors and times; fit it on a log of touches or events."
        )
    one_of("outcome", outcome, CONVERSION_KINDS)
    touches = sorted_touches(log.touches)
    goals = sorted_conversions(
        log.conversions, outcome, len(log.touches["visitor_id"].cat.categories)
    )
    begin, end = _span(touches.time, goals.time)
    visitors = len(np.unique(np.concatenate([touches.visitor, goals.visitor])))
    start = np.searchsorted(touches.visitor, np.arange(len(goals.first)))
    before = _before(touches, goals.visitor, goals.time, start, memory_days)
    none = np.zeros(0, dtype=np.int64)
    instants, seen, laid = Pairs(none, none, none, np.zeros(0)), 0, 0
    if step_days is not None:
        positive("step_days", step_days)
        laid = int((end - begin) / DAY / step_days + 0.5)
        instants, seen = _between(touches, begin, laid, step_days, memory_days)
    return Panel(
        at_conversions=before,
        at_instants=instants,
        value=goals.value,
        seen=seen,
        unseen=visitors * laid - seen,
        visitors=visitors,
        days=max((end - begin) / DAY, 1.0),
        channels=log.channels,
        touches=touches,
        end=end,
    )


def _span(touched: Ints, bought: Ints) -> tuple[int, int]:
    times = np.concatenate([touched, bought])
    return (int(times.min()), int(times.max())) if len(times) else (0, 0)


def _before(touches: Touches, visitor: Ints, time: Ints, start: Ints, memory: float) -> Pairs:
    """Touches at or before each conversion, not older than the memory."""
    first, past = start[visitor], start[visitor + 1]
    pair = stretches(first, past - first)
    moment = np.repeat(np.arange(len(time)), past - first)
    age = (time[moment] - touches.time[pair]) / DAY
    near = (age >= 0) & (age <= memory)
    pair = pair[near]
    return Pairs(moment[near], touches.channel[pair], touches.row[pair], age[near])


def _between(
    touches: Touches, begin: int, laid: int, step: float, memory: float
) -> tuple[Pairs, int]:
    """Touches before each of the instants begin + (0.5, 1.5, …) · step, and how many were met."""
    day = (touches.time - begin) / DAY
    first = np.ceil(day / step - 0.5).astype(np.int64)
    last = np.minimum(np.floor((day + memory) / step - 0.5).astype(np.int64), laid - 1)
    count = np.maximum(last - first + 1, 0)
    touch = np.repeat(np.arange(len(day)), count)
    instant = stretches(first, count)
    key = touches.visitor[touch] * max(laid, 1) + instant
    met, moment = np.unique(key, return_inverse=True)
    order = np.argsort(moment, kind="stable")
    touch, instant = touch[order], instant[order]
    age = (instant + 0.5) * step - day[touch]
    return Pairs(moment[order], touches.channel[touch], touches.row[touch], age), len(met)
