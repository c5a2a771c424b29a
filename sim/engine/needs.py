"""Needs: they begin, are looked after, and end by an order or by time."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.counters import count_person, schedule
from sim.engine.counts import person_counts
from sim.engine.draws import OPEN_NEED, THRESHOLD, draw, exponential
from sim.engine.jit import kernel


@kernel
def open_need(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
) -> None:
    """A need begins, and is counted, unless the person has as many as there is room for."""
    if hold_need(world, market, person, t, key):
        count_person(market, person_counts.NEEDS, person.persona, 1)
        if person.orders > 0 and person.dropped == 0:
            count_person(market, person_counts.REPEAT_NEEDS, person.persona, 1)


@kernel
def hold_need(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> bool:
    """Have a need that is looked after until it is met or its time is over; False without room."""
    for n in range(s.NEEDS):
        if person.need_ends[n] <= t:
            life, first, _, _ = draw(market.seed, key, OPEN_NEED, 0)
            ends = t + world.need_days[person.persona] * exponential(life)
            person.need_key[n] = key
            person.need_ends[n] = ends
            person.need_asked[n] = 0
            schedule(market, person.index, ends, s.NEED_ENDS, s.NONE, key, t, n)
            next_look(world, market, person, t, key, 0, first)
            return True
    return False


@kernel
def next_look(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
    number: int,
    u: float,
) -> None:
    """Schedule the next time that this need is looked after."""
    rate = world.looks_per_day[person.persona]
    if rate > 0.0:
        at = t + exponential(u) / rate
        schedule(market, person.index, at, s.LOOK, s.NONE, key, t, number)


@kernel
def need_slot(person: np.record, key: np.uint64, t: float) -> int:
    """Where the need of this key stands, or NONE when it is no longer open."""
    for n in range(s.NEEDS):
        if person.need_key[n] == key and person.need_ends[n] > t:
            return n
    return s.NONE


@kernel
def oldest_need(person: np.record, t: float) -> int:
    """The open need that will end first, or NONE."""
    found = s.NONE
    for n in range(s.NEEDS):
        if person.need_ends[n] > t and (
            found == s.NONE or person.need_ends[n] < person.need_ends[found]
        ):
            found = n
    return found


@kernel
def threshold(market: np.record, key: np.uint64) -> float:
    """The latent threshold of a need, logistic: further visits are no further lottery tickets."""
    u, _, _, _ = draw(market.seed, key, THRESHOLD, 0)
    return math.log(u / (1.0 - u))


@kernel
def close_need(person: np.record, key: np.uint64) -> None:
    """A need is met, here or elsewhere."""
    for n in range(s.NEEDS):
        if person.need_key[n] == key:
            person.need_ends[n] = s.LONG_AGO


@kernel
def need_ends(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64, u: float
) -> None:
    """Time is over for a need that nobody met: some were met elsewhere."""
    for n in range(s.NEEDS):
        if person.need_key[n] == key and person.need_ends[n] == t:
            person.need_ends[n] = s.LONG_AGO
            if u < world.elsewhere:
                count_person(market, person_counts.ELSEWHERE, person.persona, 1)
