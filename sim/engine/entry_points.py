"""What Python calls: the days of a community, its records handed over as arrays of one.

A record by itself takes thirty times as long to hand over. Below these entries arrays have no
owner whose uses would have to be counted.
"""

from __future__ import annotations

from sim.engine import day, event_queue
from sim.engine.jit import entry, lent
from tiermix.core.arrays import Ints, Records


@entry
def begin(world: Records, market: Records, population: Records, pool: Records) -> None:
    """Open the needs that an untold past has left."""
    day.begin(world[0], market[0], lent(population), lent(pool))


@entry
def run_days(
    world: Records, market: Records, population: Records, pool: Records, rows: Records, until: int
) -> None:
    """Live the days until one of this number, or until something has to be seen to."""
    day.run_days(world[0], market[0], lent(population), lent(pool), lent(rows), until)


@entry
def open_day(world: Records, market: Records, population: Records, pool: Records) -> None:
    """Open the day."""
    day.open_day(world[0], market[0], lent(population), lent(pool))


@entry
def live_next(
    world: Records, market: Records, population: Records, pool: Records, rows: Records, i: int
) -> None:
    """Live the next event of one customer's day."""
    day.live_next(world[0], market[0], lent(population), lent(pool), lent(rows), i)


@entry
def close_day(world: Records, market: Records, population: Records) -> None:
    """Close the day."""
    day.close_day(world[0], market[0], lent(population))


@entry
def pool_fits(world: Records, market: Records, pool: Records) -> bool:
    """Whether the pool can hold another day's events."""
    return day.pool_fits(world[0], market[0], lent(pool))


@entry
def rows_fit(world: Records, market: Records, rows: Records) -> bool:
    """Whether the log can hold another day's rows."""
    return day.rows_fit(world[0], market[0], lent(rows))


@entry
def fill_buckets(market: Records, pool: Records, events: Records, order: Ints) -> None:
    """Put events into the buckets of their days."""
    event_queue.fill_buckets(market[0], lent(pool), lent(events), lent(order))


@entry
def read_buckets(market: Records, pool: Records, events: Records) -> None:
    """Copy all events to come."""
    event_queue.read_buckets(market[0], lent(pool), lent(events))
