"""The trading day: it opens with pressures and opportunities, is lived, and is settled at midnight.

Inside a day every customer is independent of every other; what they share changes at midnight.
"""

from __future__ import annotations

import math

import numpy as np

from sim import state as s
from sim.agenda import (
    deliver,
    insert,
    open_bucket,
    put_first,
    release,
    take_slot,
    write_event,
    write_rows,
)
from sim.automation import keep_dates
from sim.behaviour import live
from sim.kernel import entry, kernel, lent
from sim.luck import HALF, STREAM, philox, poisson, uniform
from sim.minds import held_out
from sim.pressure import is_target, set_pressures, settle
from sim.today import is_date, link, set_today

LAYERS = 4
BLOCK_MEAN = 200.0
"""Opportunities a block of customers may expect in a layer: Poisson inversion stays exact."""


@entry
def open_day(world: np.record, market: np.record, crowd: np.ndarray, pool: np.ndarray) -> None:
    """Set pressures, then fill the agenda with what is due and with today's opportunities."""
    crowd, pool = lent(crowd), lent(pool)
    market.opening = 1
    market.busy = s.NONE
    set_today(world, market)
    if market.day == world.linked_from:
        link(crowd)
    set_pressures(world, market, crowd)
    open_bucket(market, crowd, pool)
    for c in range(world.channels):
        if world.delivery[c] == s.BROADCAST:
            opportunities(world, market, crowd, pool, c, market.pressure[c])
        elif world.delivery[c] == s.RETARGETED:
            dial = world.selection[c]
            share = (1.0 - dial) * market.targeted[c]
            opportunities(world, market, crowd, pool, c, market.pressure[c] * share)
            call_back(world, market, crowd, pool, c, market.pressure[c] * dial)
    for r in range(world.rules):
        if is_date(world, r, market.day):
            for i in range(market.people):
                keep_dates(world, market, crowd[i], r)
                deliver(world, market, crowd, pool)
    market.opening = 0


@kernel
def opportunities(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    c: int,
    pressure: float,
) -> None:
    """Poisson opportunities at the bound of their rate, thinned by u < pressure * season * who.

    u lies in dyadic layers (1/2, 1], (1/4, 1/2], ..., each a stream of its own; only layers below
    today's pressure are visited, so the work stays within about twice the exposures.
    """
    season = world.attention_season[market.day] / world.attention_bound
    top = pressure * season
    rate = world.peak[c] * world.affinity_bound[c] * world.attention_bound
    if rate * top <= 0.0:
        return
    high = 1.0
    for layer in range(LAYERS):
        low = 0.5 * high if layer < LAYERS - 1 else 0.0
        width = high - low
        high = low
        if low >= top:
            continue
        size = max(1, int(BLOCK_MEAN / (rate * width)))
        for first in range(0, market.people, size):
            people = min(size, market.people - first)
            visit_layer(world, market, crowd, pool, c, layer, low, width, first, people, rate, top)


@kernel
def visit_layer(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    c: int,
    layer: int,
    low: float,
    width: float,
    first: int,
    people: int,
    rate: float,
    top: float,
) -> None:
    """One layer's opportunities of a block of customers; those that are taken join the agenda."""
    for n in range(poisson(stream(world, market, c, layer, first, 0)[0], people * rate * width)):
        who, when, height, luck = stream_words(world, market, c, layer, first, n + 1)
        i = first + int(uniform(who) * people)
        u = low + width * uniform(height)
        if u < top * reach_of(world, crowd[i], c):
            key = ((who ^ height) << HALF) | luck
            put_opportunity(market, crowd[i], pool, c, market.day + uniform(when), key)


@kernel
def call_back(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    c: int,
    pressure: float,
) -> None:
    """Opportunities to meet those who engaged lately: a stream for each of them and each day.

    The count and the first opportunity come from one block of luck, each other one from its own.
    """
    season = world.attention_season[market.day] / world.attention_bound
    top = pressure * season
    rate = world.peak[c] * world.affinity_bound[c] * world.attention_bound
    none, since = math.exp(-rate), market.day - float(world.window[c])
    if rate * top <= 0.0:
        return
    for i in range(market.people):
        person = crowd[i]
        if not is_target(person, since):
            continue
        number, when, height, luck = stream_words(world, market, c, LAYERS, i, 0)
        many = uniform(number)
        if many <= none:
            continue
        for n in range(poisson(many, rate)):
            if n > 0:
                number, when, height, luck = stream_words(world, market, c, LAYERS, i, n)
            if uniform(height) < top * reach_of(world, person, c):
                key = ((number ^ height) << HALF) | luck
                put_opportunity(market, person, pool, c, market.day + uniform(when), key)


@kernel
def put_opportunity(
    market: np.record, person: np.record, pool: np.ndarray, c: int, t: float, key: np.uint64
) -> None:
    """An opportunity that is taken joins the person's day."""
    slot = market.free
    event = pool[slot]
    take_slot(market, event)
    write_event(event, t, person.index, s.EXPOSE, c, key, t, 0)
    if not put_first(market, person, event, slot):
        insert(person, pool, slot)


@kernel
def reach_of(world: np.record, person: np.record, c: int) -> float:
    """How much of the channel's pressure meets this person: affinity, unless it is kept away."""
    if world.niches[c] != 0 and (world.niches[c] >> (person.niche + 1)) & 1 == 0:
        return 0.0
    if held_out(world, person, c):
        return 0.0
    return float(world.affinity[c, person.persona])


@kernel
def stream_words(
    world: np.record, market: np.record, c: int, layer: int, first: int, n: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four words of a channel's stream of opportunities, keyed by its name, the day and n."""
    return philox(
        (np.uint64(layer) << np.uint64(24)) | np.uint64(n),
        (np.uint64(first) << np.uint64(12)) | np.uint64(market.day),
        world.key[c] | STREAM,
        np.uint64(market.community) | STREAM,
        market.seed & np.uint64(0xFFFFFFFF),
        market.seed >> HALF,
    )


@kernel
def stream(
    world: np.record, market: np.record, c: int, layer: int, first: int, n: int
) -> tuple[float, float, float, float]:
    """The same as uniforms."""
    a, b, d, e = stream_words(world, market, c, layer, first, n)
    return uniform(a), uniform(b), uniform(d), uniform(e)


@kernel
def step(world: np.record, market: np.record, person: np.record, event: np.record) -> None:
    """Take the first event off a customer's day, live it, and give its slot back."""
    slot = person.agenda
    person.agenda = event.next
    live(world, market, person, event)
    release(market, event, slot)


@entry
def live_next(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    rows: np.ndarray,
    i: int,
) -> None:
    """Live the next event of one customer's day, and file what it wrote and caused."""
    step(world, market, crowd[i], pool[crowd[i].agenda])
    file_away(world, market, crowd, pool, rows, i)


@kernel
def file_away(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    rows: np.ndarray,
    i: int,
) -> None:
    """Empty the outbox: events to the agenda, rows to the log."""
    if market.events_out > 0:
        deliver(world, market, crowd, pool)
    if market.rows_out > 0:
        write_rows(market, rows, i)


@entry
def pool_fits(world: np.record, market: np.record, pool: np.ndarray) -> bool:
    """Whether the pool can surely hold another day's events: half more than their bound."""
    wanted = (1.5 * world.daily_bound + 16.0) * market.people + 4096.0
    return bool(len(pool) - market.used > wanted)


@entry
def rows_fit(world: np.record, market: np.record, rows: np.ndarray) -> bool:
    """Whether the log can surely hold another day's rows."""
    wanted = (3.0 * world.daily_bound + 32.0) * market.people + 8192.0
    return bool(market.logging == 0 or len(rows) - market.rows > wanted)


@entry
def run_days(
    world: np.record,
    market: np.record,
    crowd: np.ndarray,
    pool: np.ndarray,
    rows: np.ndarray,
    until: int,
) -> None:
    """The batch engine: day by day, customer by customer.

    Stops early when room runs out, or at a midnight at which there are requests to the desk.
    """
    crowd, pool, rows = lent(crowd), lent(pool), lent(rows)
    while (
        market.day < until
        and market.asks == 0
        and pool_fits(world, market, pool)
        and rows_fit(world, market, rows)
    ):
        open_day(world, market, crowd, pool)
        while market.busy != s.NONE:
            i = market.busy
            market.busy = crowd[i].next_busy
            person = crowd[i]
            while person.agenda != s.NONE:
                step(world, market, person, pool[person.agenda])
                if market.events_out + market.rows_out > 0:
                    file_away(world, market, crowd, pool, rows, i)
        close_day(world, market)


@entry
def close_day(world: np.record, market: np.record) -> None:
    """Midnight: settle the day and turn the page."""
    settle(world, market)
    market.day += 1
