"""Needs, visits and orders: what people do when they want something.

A need carries one latent threshold; a visit with an open need sells when utility reaches it.
"""

from __future__ import annotations

import math

import numpy as np

from sim import state as s
from sim.automation import trigger
from sim.books import count, count_person, row, schedule
from sim.kernel import kernel
from sim.luck import AFTER_ORDER, OPEN_NEED, ORDER, THRESHOLD, VISIT, draw, exponential, normal
from sim.minds import goodwill


@kernel
def open_need(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
) -> None:
    """A need begins: it will be looked after until it is met or its time is over."""
    for n in range(s.NEEDS):
        if person.need_ends[n] <= t:
            life, first, _, _ = draw(market.seed, key, OPEN_NEED, 0)
            ends = t + world.need_days[person.persona] * exponential(life)
            person.need_key[n] = key
            person.need_ends[n] = ends
            count_person(world, market, t, s.P_NEEDS, person.persona, 1)
            schedule(market, person.index, ends, s.NEED_ENDS, s.NONE, key, t, n)
            next_look(world, market, person, t, key, 0, first)
            return


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
def visit(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """A visit to our own place, booked on the channel that led here; with a need it may sell."""
    arrive(world, market, person, t, c, key)
    registers, leaves_cart, _, _ = draw(market.seed, key, VISIT, 0)
    if person.signed == 0 and registers < world.signup:
        sign_up(world, market, person, t, c, key)
    n = oldest_need(person, t)
    if n == s.NONE:
        trigger(world, market, person, t, s.VISIT, key)
        return
    person.stage = max(person.stage, s.INTENT) if person.orders == 0 else person.stage
    if utility(world, person, t) >= threshold(market, person, n):
        order(world, market, person, t, c, n)
    elif leaves_cart < world.cart:
        leave_cart(world, market, person, t, c, key)
    else:
        trigger(world, market, person, t, s.VISIT, key)


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
            count(world, market, person.recent[k], s.DRIVEN, person.recent_channel[k], 1)
        person.recent[k] = s.LONG_AGO
    if c != s.NONE:
        count(world, market, t, s.VISITED, c, 1)
        row(world, market, person, t, c, s.VISIT, s.NONE, key, 0, 0)


@kernel
def sign_up(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """Register; a linked identifier is from now on open to automation."""
    person.signed = 1
    person.year_signed = 1
    count_person(world, market, t, s.P_SIGNUPS, person.persona, 1)
    if c != s.NONE:
        count(world, market, t, s.SIGNED, c, 1)
    row(world, market, person, t, c, s.SIGNUP, s.NONE, key, 0, 0)
    trigger(world, market, person, t, s.SIGNUP, key)


@kernel
def leave_cart(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """Go without buying but leave a cart; the first cart of a registered person is a lead."""
    count_person(world, market, t, s.P_CARTS, person.persona, 1)
    if c != s.NONE:
        row(world, market, person, t, c, s.CART, s.NONE, key, 0, 0)
    if person.signed == 1 and person.lead == 0:
        person.lead = 1
        count_person(world, market, t, s.P_LEADS, person.persona, 1)
        row(world, market, person, t, c, s.LEAD, s.NONE, key, 0, 0)
    trigger(world, market, person, t, s.CART, key)


@kernel
def utility(world: np.record, person: np.record, t: float) -> float:
    """Utility of buying here: persona + goodwill + experience + offer."""
    level = world.utility[person.persona] + world.experience_gain * person.experience
    level += world.goodwill_gain * goodwill(world, person, t)
    if t < person.offer_until:
        level += person.offer
    return float(level)


@kernel
def threshold(market: np.record, person: np.record, n: int) -> float:
    """The latent threshold of a need, logistic: further visits are no further lottery tickets."""
    u, _, _, _ = draw(market.seed, person.need_key[n], THRESHOLD, 0)
    return math.log(u / (1.0 - u))


@kernel
def order(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    n: int,
) -> None:
    """Buy: the need is met, money is booked, the relation goes on or ends."""
    key = person.need_key[n]
    person.need_ends[n] = s.LONG_AGO
    value, margin = order_money(world, market, person, t, key)
    book_order(world, market, person, t, c, value, margin)
    row(world, market, person, t, c, s.ORDER, s.NONE, key, value, margin)
    if person.signed == 0:
        sign_up(world, market, person, t, c, key)
    after_order(world, market, person, t, key)
    trigger(world, market, person, t, s.ORDER, key)


@kernel
def order_money(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> tuple[int, int]:
    """Order value (lognormal with the persona's mean) and margin, in hundredths."""
    u, v, _, _ = draw(market.seed, key, ORDER, 0)
    spread = world.order_spread[person.persona]
    size = math.exp(spread * normal(u, v) - 0.5 * spread * spread)
    value = int(100.0 * world.order_value[person.persona] * size + 0.5)
    cost = person.offer_cost if t < person.offer_until else 0.0
    return value, int(value * (world.margin_rate - cost))


@kernel
def book_order(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    value: int,
    margin: int,
) -> None:
    """Count an order by persona and by the channel of the session, in whole hundredths."""
    first = 1 if person.orders == 0 else 0
    count_person(world, market, t, s.P_ORDERS, person.persona, 1)
    count_person(world, market, t, s.P_REVENUE, person.persona, value)
    count_person(world, market, t, s.P_MARGIN, person.persona, margin)
    count_person(world, market, t, s.P_NEW, person.persona, first)
    if c != s.NONE:
        count(world, market, t, s.SOLD, c, 1)
        count(world, market, t, s.REVENUE, c, value)
        count(world, market, t, s.MARGIN, c, margin)
        count(world, market, t, s.NEW, c, first)


@kernel
def after_order(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> None:
    """Orders make customers and loyal ones, leave an experience, and may end the relation."""
    leaves, _, _, _ = draw(market.seed, key, AFTER_ORDER, 0)
    person.orders += 1
    person.year_orders += 1
    person.last_order = t
    person.experience += world.experience_order
    person.offer_until = s.LONG_AGO
    person.dropped = 1 if leaves < person.dropout else 0
    person.lead = 2 if person.lead > 0 else 0
    person.stage = s.LOYAL if person.orders >= world.loyal_orders else s.CUSTOMER


@kernel
def need_ends(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64, u: float
) -> None:
    """Time is over for a need that nobody met: some were met elsewhere."""
    for n in range(s.NEEDS):
        if person.need_key[n] == key and person.need_ends[n] == t:
            person.need_ends[n] = s.LONG_AGO
            if u < world.elsewhere:
                count_person(world, market, t, s.P_ELSEWHERE, person.persona, 1)
