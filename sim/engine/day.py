"""The trading day: it opens with pressures and opportunities, is lived, and is settled at midnight.

Inside a day every customer is independent of every other; what they share changes at midnight.
"""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.arrivals import left_open
from sim.engine.automation import keep_dates
from sim.engine.behaviour import live
from sim.engine.day_setup import is_date, link, set_today
from sim.engine.event_queue import deliver, open_bucket, release, write_rows
from sim.engine.jit import kernel
from sim.engine.opportunities import call_back, opportunities
from sim.engine.pressure import forget_engaged, set_pressures, settle
from tiermix.core.arrays import Records


@kernel
def open_day(world: np.record, market: np.record, population: Records, pool: Records) -> None:
    """Set pressures, then fill the agenda with what is due and with today's opportunities."""
    market.opening = 1
    market.busy = s.NONE
    set_today(world, market)
    if market.day == world.linked_from:
        link(population)
    forget_engaged(world, market, population)
    set_pressures(world, market, population)
    open_bucket(market, population, pool)
    for c in range(world.channels):
        if world.calls_back[c]:
            dial = world.selection[c]
            share = (1.0 - dial) * market.targeted[c]
            opportunities(world, market, population, pool, c, market.pressure[c] * share)
            call_back(world, market, population, pool, c, market.pressure[c] * dial)
        elif world.chooses_people[c]:
            opportunities(world, market, population, pool, c, market.pressure[c])
    for r in range(world.rules):
        if is_date(world, r, market.day):
            for i in range(market.people):
                keep_dates(world, market, population[i], r)
                deliver(world, market, population, pool)
    market.opening = 0


@kernel
def begin(world: np.record, market: np.record, population: Records, pool: Records) -> None:
    """The eve of the first day, whose number is -1: what an untold past has left open."""
    market.day = s.NONE
    for i in range(market.people):
        left_open(world, market, population[i])
        deliver(world, market, population, pool)
    market.day = 0


@kernel
def step(world: np.record, market: np.record, person: np.record, event: np.record) -> None:
    """Take the first event off a customer's day, live it, and give its slot back."""
    slot = person.agenda
    person.agenda = event.next
    live(world, market, person, event)
    release(market, event, slot)


@kernel
def live_next(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    rows: Records,
    i: int,
) -> None:
    """Live the next event of one customer's day, and file what it wrote and caused."""
    step(world, market, population[i], pool[population[i].agenda])
    file_away(world, market, population, pool, rows, i)


@kernel
def file_away(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    rows: Records,
    i: int,
) -> None:
    """Empty the outbox: events to the agenda, rows to the log."""
    if market.events_out > 0:
        deliver(world, market, population, pool)
    if market.rows_out > 0:
        write_rows(market, rows, i)


@kernel
def pool_fits(world: np.record, market: np.record, pool: Records) -> bool:
    """Whether the pool can surely hold another day's events: half more than their bound."""
    wanted = (1.5 * world.daily_bound + 16.0) * market.people + 4096.0
    return bool(len(pool) - market.used > wanted)


@kernel
def rows_fit(world: np.record, market: np.record, rows: Records) -> bool:
    """Whether the log can surely hold another day's rows."""
    wanted = (3.0 * world.daily_bound + 32.0) * market.people + 8192.0
    return bool(market.logging == 0 or len(rows) - market.rows > wanted)


@kernel
def run_days(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    rows: Records,
    until: int,
) -> None:
    """The batch engine: day by day, customer by customer.

    Stops early when room runs out, or at a midnight at which there are requests to the desk.
    """
    while (
        market.day < until
        and market.asks == 0
        and pool_fits(world, market, pool)
        and rows_fit(world, market, rows)
    ):
        open_day(world, market, population, pool)
        while market.busy != s.NONE:
            i = market.busy
            market.busy = population[i].next_busy
            person = population[i]
            while person.agenda != s.NONE:
                step(world, market, person, pool[person.agenda])
                if market.events_out + market.rows_out > 0:
                    file_away(world, market, population, pool, rows, i)
        close_day(world, market, population)


@kernel
def close_day(world: np.record, market: np.record, population: Records) -> None:
    """Midnight: settle the day and turn the page."""
    settle(world, market, population)
    market.day += 1
