"""What is going to happen: a pool of events, a bucket for each day, today's list of each customer.

Whatever order events are added in, a customer's list is sorted by time and then by key. That is
why both engines, which add in different orders, live the same lives.
"""

from __future__ import annotations

import numpy as np

from sim.engine.jit import kernel
from sim.engine.state import NONE
from tiermix.core.arrays import Ints, Records


@kernel
def take_slot(market: np.record, event: np.record) -> None:
    """Take the first free slot, whose record is `event`, off the list of free ones."""
    market.free = event.next
    market.used += 1


@kernel
def write_event(
    event: np.record,
    time: float,
    customer: int,
    kind: int,
    channel: int,
    key: np.uint64,
    since: float,
    detail: int,
) -> None:
    """Fill an event's record."""
    event.time = time
    event.since = since
    event.key = key
    event.customer = customer
    event.kind = kind
    event.channel = channel
    event.detail = detail


@kernel
def put_first(market: np.record, person: np.record, event: np.record, slot: int) -> bool:
    """Give an event to a customer who has none today; False when there are others to sort among.

    While the day opens, whoever had nothing to do joins the list of the busy, so that the batch
    engine need not look at everybody every day. (Here and above only records are passed: passing
    an array costs an atomic count up and down, which came to a third of all time.)
    """
    if person.agenda != NONE:
        return False
    event.next = NONE
    person.agenda = slot
    if market.opening == 1:
        person.next_busy = market.busy
        market.busy = person.index
    return True


@kernel
def deliver(world: np.record, market: np.record, population: Records, pool: Records) -> None:
    """Empty the outbox of events into the agenda."""
    for n in range(market.events_out):
        time = market.event_time[n]
        if time >= world.days:
            continue
        slot = market.free
        if slot == NONE:
            market.failed = 1
            break
        event = pool[slot]
        take_slot(market, event)
        write_event(
            event,
            time,
            market.event_customer[n],
            market.event_kind[n],
            market.event_channel[n],
            market.event_key[n],
            market.event_since[n],
            market.event_detail[n],
        )
        place(market, population, pool, slot)
    market.events_out = 0


@kernel
def place(market: np.record, population: Records, pool: Records, slot: int) -> None:
    """An event due today goes to its customer's list, any other to the bucket of its day."""
    event = pool[slot]
    if event.time < market.day + 1:
        person = population[event.customer]
        if not put_first(market, person, event, slot):
            insert(person, pool, slot)
    else:
        day = int(event.time)
        event.next = market.bucket[day]
        market.bucket[day] = slot


@kernel
def write_rows(market: np.record, rows: Records, customer: int) -> None:
    """Empty the outbox of rows into the log."""
    for n in range(market.rows_out):
        line = rows[market.rows]
        line.time = market.row_time[n]
        line.customer = customer
        line.value = market.row_value[n]
        line.margin = market.row_margin[n]
        line.channel = market.row_channel[n]
        line.kind = market.row_kind[n]
        line.theme = market.row_theme[n]
        line.identifier = market.row_identifier[n]
        market.rows += 1
    market.rows_out = 0


@kernel
def insert(person: np.record, pool: Records, slot: int) -> None:
    """Put an event among a customer's others of today, in order of time, then key."""
    time, key = pool[slot].time, pool[slot].key
    before, after = NONE, person.agenda
    while after != NONE and (
        pool[after].time < time or (pool[after].time == time and pool[after].key < key)
    ):
        before, after = after, pool[after].next
    pool[slot].next = after
    if before == NONE:
        person.agenda = slot
    else:
        pool[before].next = slot


@kernel
def release(market: np.record, event: np.record, slot: int) -> None:
    """Give a slot back."""
    event.next = market.free
    market.free = slot
    market.used -= 1


@kernel
def open_bucket(market: np.record, population: Records, pool: Records) -> None:
    """Move the events of today's bucket to the lists of their customers."""
    slot = market.bucket[market.day]
    market.bucket[market.day] = NONE
    while slot != NONE:
        following = pool[slot].next
        place(market, population, pool, slot)
        slot = following


@kernel
def fill_buckets(market: np.record, pool: Records, events: Records, order: Ints) -> None:
    """Put events into the buckets of their days, into a pool that is empty so far."""
    for n in order:
        slot = market.free
        market.free = pool[slot].next
        market.used += 1
        pool[slot] = events[n]
        day = int(events[n].time)
        pool[slot].next = market.bucket[day]
        market.bucket[day] = slot


@kernel
def read_buckets(market: np.record, pool: Records, events: Records) -> None:
    """Copy all events to come, day by day."""
    n = 0
    for day in range(len(market.bucket)):
        slot = market.bucket[day]
        while slot != NONE:
            events[n] = pool[slot]
            n += 1
            slot = pool[slot].next


def empty_pool(capacity: int, dtype: np.dtype) -> Records:
    """A pool of free slots, each linked to the next."""
    pool = np.empty(capacity, dtype)
    pool["next"] = np.arange(1, capacity + 1)
    pool["next"][-1] = NONE
    return pool


def larger_pool(market: np.record, pool: Records) -> Records:
    """The same events in a pool of twice the size."""
    grown = empty_pool(2 * len(pool), pool.dtype)
    grown[: len(pool)] = pool
    grown["next"][-1] = market.free
    market.free = len(pool)
    return grown
