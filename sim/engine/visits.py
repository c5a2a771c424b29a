"""Visits: arriving at our place, and what a visit comes to when there is a need."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.automation import trigger
from sim.engine.counters import ask, count, count_then, row
from sim.engine.counts import channel_counts, row_kinds
from sim.engine.draws import VISIT, draw
from sim.engine.jit import kernel
from sim.engine.leads import add_points, become_lead, download, leave_cart, sign_up
from sim.engine.needs import oldest_need, threshold
from sim.engine.purchases import buy, shop_of, utility


@kernel
def visit(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """A visit to a place of ours, booked on the channel that led here; with a need it may sell."""
    arrive(world, market, person, t, c, key)
    registers, leaves_cart, downloads, _ = draw(market.seed, key, VISIT, 0)
    if person.signed == 0 and registers < world.signup * world.shop_registers[shop_of(world, c)]:
        sign_up(world, market, person, t, c, key)
    add_points(world, market, person, t, row_kinds.VISIT, c, key)
    n = oldest_need(person, t)
    if n == s.NONE:
        trigger(world, market, person, t, row_kinds.VISIT, key)
        return
    person.stage = max(person.stage, s.INTENT) if person.orders == 0 else person.stage
    if downloads < world.download:
        download(world, market, person, t, c, key)
    need = person.need_key[n]
    if world.desk_sells == 0 and utility(world, market, person, t, c) >= threshold(market, need):
        buy(world, market, person, t, c, need)
        return
    if world.form > 0.0 or world.questions > 0.0:
        enquire(world, market, person, t, c, key, n)
    if leaves_cart < world.cart:
        leave_cart(world, market, person, t, c, key)
    else:
        trigger(world, market, person, t, row_kinds.VISIT, key)


@kernel
def enquire(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    n: int,
) -> None:
    """Leave contact details or ask a question about a need, once."""
    if person.need_asked[n] == 1:
        return
    leaves, asks, _, _ = draw(market.seed, key, VISIT, 1)
    need = person.need_key[n]
    if leaves < world.form:
        become_lead(world, market, person, t, c, key)
    elif asks < world.questions:
        person.need_asked[n] = 1
        ask(world, market, person, t, s.ASK_QUESTION, need)


@kernel
def arrive(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """Book a visit; tier-2 engagements of the last week have led to it."""
    person.last_visit = t
    if person.stage == s.UNAWARE:
        person.stage = s.AWARE
    for k in range(s.RECENT):
        if t - person.recent[k] <= 7.0:
            count_then(
                world, market, person.recent[k], channel_counts.DRIVEN, person.recent_channel[k]
            )
        person.recent[k] = s.LONG_AGO
    if c != s.NONE:
        count(market, channel_counts.VISITS, c, 1)
        row(world, market, person, t, c, row_kinds.VISIT, s.NONE, key, 0, 0)
