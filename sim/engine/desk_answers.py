"""What comes back from the desk: answers, sales, and the disappointment of those who gave up."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import add_goodwill
from sim.engine.counters import count_person, row, schedule
from sim.engine.counts import person_counts, row_kinds
from sim.engine.draws import ANSWERED, EXPIRE, child, draw, exponential
from sim.engine.jit import kernel
from sim.engine.needs import close_need, need_slot, threshold
from sim.engine.purchases import buy, utility
from sim.engine.visits import visit


@kernel
def answered(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    kind: int,
    served: int,
    key: np.uint64,
) -> None:
    """The desk's answer arrives, or the patience for it is over."""
    if served == 0:
        person.experience += world.experience_lost
        count_person(market, person_counts.REQUESTS_LOST, person.persona, 1)
        return
    c = world.desk_channel
    if c != s.NONE:
        row(
            world,
            market,
            person,
            t,
            c,
            row_kinds.CALL,
            s.NONE,
            child(market.seed, key, ANSWERED, 1),
            0,
            0,
        )
    add_goodwill(world, person, t, world.goodwill_answer)
    if kind == s.ASK_ISSUE:
        person.experience += world.experience_answer
    elif kind == s.ASK_LEAD and world.desk_sells == 1:
        qualify(world, market, person, t, key)
    else:
        visit(world, market, person, t, c, child(market.seed, key, ANSWERED, 0))


@kernel
def qualify(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> None:
    """A lead with an open need may qualify: the sale takes its time, then it is decided."""
    n = need_slot(person, key, t)
    fits, takes, _, _ = draw(market.seed, key, ANSWERED, 0)
    if n == s.NONE or fits >= world.qualify:
        return
    count_person(market, person_counts.OPPORTUNITIES, person.persona, 1)
    at = t + world.sales_days * exponential(takes)
    person.need_ends[n] = at + 1.0
    c = person.lead_channel if person.lead_channel != s.NONE else world.desk_channel
    schedule(market, person.index, at, s.DECIDE, c, key, t, 0)


@kernel
def decide(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """The sale is decided: an order here, or the need ends, perhaps with somebody else.

    It is booked on the channel that brought the lead, as a sales system books it.
    """
    if need_slot(person, key, t) == s.NONE:
        return
    if utility(world, market, person, t, c) >= threshold(market, key):
        buy(world, market, person, t, c, key)
        return
    close_need(person, key)
    if draw(market.seed, key, EXPIRE, 0)[0] < world.elsewhere:
        count_person(market, person_counts.ELSEWHERE, person.persona, 1)
