"""What an engagement leads to: goodwill, perhaps a need, perhaps a step on to another place."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import add_goodwill, goodwill, more_likely
from sim.engine.counters import count, schedule
from sim.engine.counts import channel_counts
from sim.engine.draws import MOVE, child, draw, exponential
from sim.engine.jit import kernel
from sim.engine.needs import open_need


@kernel
def engage(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    exposure: float,
) -> None:
    """An engagement: goodwill, perhaps a need, perhaps a step on to another place."""
    count(market, channel_counts.ENGAGED, c, 1)
    add_goodwill(world, person, t, world.goodwill_engaged[c] * exposure)
    person.last_engaged = t
    if person.listed == 0:
        person.listed, person.next_engaged, market.engaged = 1, market.engaged, person.index
    person.engaged_on |= 1 << c
    if world.tier[c] == 2:
        remember_engagement(person, t, c)
    where, arrives, delay, awakened = draw(market.seed, key, MOVE, 0)
    if person.stage == s.AWARE and arrives < more_likely(
        world.consider, world.stage_gain, goodwill(world, person, t)
    ):
        person.stage = s.CONSIDERING
    if awakened < world.awaken[c]:
        open_need(world, market, person, t, child(market.seed, key, MOVE, 1))
    move_on(world, market, person, t, c, key, where, delay)


@kernel
def remember_engagement(person: np.record, t: float, c: int) -> None:
    """Keep a tier-2 engagement until a visit follows; the oldest of eight gives way."""
    oldest = 0
    for k in range(s.RECENT):
        if person.recent[k] < person.recent[oldest]:
            oldest = k
    person.recent[oldest] = t
    person.recent_channel[oldest] = c


@kernel
def move_on(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    where: float,
    delay: float,
) -> None:
    """After an engagement, on to our place, to the search page, or to another channel."""
    target = s.NOWHERE
    for n in range(s.CHANNELS + 2):
        share = world.onward[c, n]
        if where < share:
            target = n
            break
        where -= share
    if target == s.NOWHERE:
        return
    at = t + world.hand_off_days * exponential(delay)
    schedule(market, person.index, at, s.HAND_OFF, c, key, t, target)
