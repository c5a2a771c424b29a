"""What a rule writes down: counts, rows, and events to come.

Rows and events go to a small outbox in the market's record, which the engine empties after each
event. So the rules see records only, which is what makes them fast.
"""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.engine.draws import MASK, uniform
from sim.engine.jit import kernel


@kernel
def count(market: np.record, what: int, c: int, number: int) -> None:
    """Add to a count of today by channel."""
    market.by_month[market.month, what, c] += number
    if what < channel_counts.WEEKLY:
        market.by_week[market.week, what, c] += number


@kernel
def count_then(world: np.record, market: np.record, t: float, what: int, c: int) -> None:
    """Add one to the count by channel of the month of an earlier time."""
    market.by_month[world.month[int(t)], what, c] += 1


@kernel
def count_person(market: np.record, what: int, persona: int, number: int) -> None:
    """Add to a count of today by persona."""
    market.people_by_month[market.month, what, persona] += number


@kernel
def schedule(
    market: np.record,
    customer: int,
    time: float,
    kind: int,
    channel: int,
    key: np.uint64,
    since: float,
    detail: int,
) -> None:
    """Let something happen later, to this customer or, from tomorrow on, to another."""
    n = market.events_out
    if n >= s.OUTBOX:
        market.failed = 1
        return
    market.event_time[n] = time
    market.event_since[n] = since
    market.event_key[n] = key
    market.event_customer[n] = customer
    market.event_kind[n] = kind
    market.event_channel[n] = channel
    market.event_detail[n] = detail
    market.events_out = n + 1


@kernel
def row(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    kind: int,
    theme: int,
    key: np.uint64,
    value: int,
    margin: int,
) -> None:
    """Write a touch or an outcome as the company sees it, on the identifier that showed.

    The low half of every key is luck that nothing else is drawn from: its place among the
    identifiers says which one shows, its place within that one whether a view is seen.
    """
    if person.visible == 0:
        return
    which = uniform(key & MASK) * person.identifiers
    number = int(which)
    if kind == row_kinds.IMPRESSION and which - number >= world.view_visibility:
        return
    shown = 0 if (person.linked >> number) & 1 else number + 1
    if (person.seen >> shown) & 1 == 0:
        meet_visitor(market, person, shown)
    if market.logging == 0:
        return
    n = market.rows_out
    if n >= s.OUTBOX:
        market.failed = 1
        return
    market.row_time[n] = t
    market.row_value[n] = value
    market.row_margin[n] = margin
    market.row_channel[n] = c
    market.row_kind[n] = kind
    market.row_theme[n] = theme
    market.row_identifier[n] = shown
    market.rows_out = n + 1


@kernel
def meet_visitor(market: np.record, person: np.record, shown: int) -> None:
    """Count a visitor id that is new; falsely new when the person has been seen under another."""
    count_person(market, person_counts.NEW_IDS, person.persona, 1)
    if person.seen != 0:
        count_person(market, person_counts.FALSE_IDS, person.persona, 1)
    person.seen |= 1 << shown


@kernel
def ask(
    world: np.record, market: np.record, person: np.record, t: float, kind: int, key: np.uint64
) -> None:
    """A request to the desk, which takes it up when the day is over."""
    if world.desk == 0:
        return
    n = market.asks
    if n >= s.ASKS:
        market.failed = 1
        return
    market.ask_time[n] = t
    market.ask_key[n] = key
    market.ask_customer[n] = person.index
    market.ask_kind[n] = kind
    market.asks = n + 1
    count_person(market, person_counts.REQUESTS, person.persona, 1)
