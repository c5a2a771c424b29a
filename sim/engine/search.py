"""Looking after a need: coming directly, or one result page and one choice on it."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import goodwill, held_out, left_out
from sim.engine.counters import count, count_person, row, schedule
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.engine.draws import LOOK, PAGE, SLOT, child, draw, gumbel
from sim.engine.engagement import engage
from sim.engine.jit import kernel
from sim.engine.leads import add_points
from sim.engine.needs import need_slot, next_look, oldest_need
from sim.engine.visits import visit

COMPETITOR, NOBODY = -2, -3


@kernel
def look(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
    number: int,
) -> None:
    """Look after a need: come directly, or search; one's own search or, unselected, anyone's.

    Those whom nothing reaches come directly or not at all.
    """
    if need_slot(person, key, t) == s.NONE:
        return
    count_person(market, person_counts.LOOKS, person.persona, 1)
    direct, again, own, who = draw(market.seed, key, LOOK, number)
    next_look(world, market, person, t, key, number + 1, again)
    cause = child(market.seed, key, LOOK, number)
    if direct < direct_chance(world, person, t):
        visit(world, market, person, t, world.direct, cause)
    elif person.unreached == 1:
        return
    elif own < world.search_selection:
        result_page(world, market, person, t, cause)
    else:
        other = int(who * market.people)
        schedule(market, other, t + 1.0, s.PAGE, s.NONE, cause, t, 0)


@kernel
def direct_chance(world: np.record, person: np.record, t: float) -> float:
    """Who knows us may come directly, the more so with goodwill and with past orders."""
    if person.stage == s.UNAWARE:
        return 0.0
    logit = world.direct_base + world.direct_gain * goodwill(world, person, t)
    if person.orders > 0:
        logit += world.direct_customer
    return 1.0 / (1.0 + math.exp(-logit))


@kernel
def result_page(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> None:
    """One search, one page, one choice (logit): our slots, a competitor, nobody.

    Each slot's appeal carries a Gumbel draw keyed by the slot's name, so that a slot which is off
    gives way to the next best. A paid slot counts as eligible when it would win if it were shown.
    """
    count_person(market, person_counts.SEARCHES, person.persona, 1)
    rival, nobody, sold, _ = draw(market.seed, key, PAGE, 0)
    best = world.nobody_utility + gumbel(nobody)
    winner = NOBODY
    competitor = world.competitor_utility + market.rival_search + gumbel(rival)
    if competitor > best:
        best, winner = competitor, COMPETITOR
    brand = 0.0 if person.stage == s.UNAWARE else world.brand_gain * goodwill(world, person, t)
    for c in range(world.channels):
        if not world.on_result_page[c]:
            continue
        shown, taste, _, _ = draw(market.seed, key ^ world.key[c], SLOT, 0)
        market.appeal[c] = world.slot_utility[c] + brand + gumbel(taste)
        market.shown[c] = 1 if shown < market.pressure[c] else 0
        if held_out(world, person, c) or left_out(person, key ^ world.key[c]):
            market.shown[c] = 0
        if market.shown[c] == 1 and market.appeal[c] > best:
            best, winner = market.appeal[c], c
    book_slots(world, market, person, t, key, best, winner)
    if winner == COMPETITOR:
        buy_elsewhere(world, market, person, t, sold)
    elif winner != NOBODY:
        click_slot(world, market, person, t, winner, key)


@kernel
def book_slots(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
    best: float,
    winner: int,
) -> None:
    """Count what our slots showed, and how often the paid ones could have been clicked."""
    for c in range(world.channels):
        if not world.on_result_page[c]:
            continue
        if winner == c or (market.shown[c] == 0 and market.appeal[c] > best):
            market.eligible[c] += 1.0
        if market.shown[c] == 1:
            person.reached |= 1 << c
            count(market, channel_counts.IMPRESSIONS, c, 1)
            count(market, channel_counts.NOTICED, c, 1)
            row(world, market, person, t, c, row_kinds.IMPRESSION, s.NONE, key, 0, 0)


@kernel
def click_slot(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """A click on one of our slots; a paid one is billed."""
    if world.capped[c]:
        market.billed_events[c] += 1
        count(market, channel_counts.BILLED, c, 1)
    person.ad_key, person.ad_channel = key ^ world.key[c], c
    add_points(world, market, person, t, row_kinds.CLICK, c, key)
    row(world, market, person, t, c, row_kinds.CLICK, s.NONE, key, 0, 0)
    count(market, channel_counts.CLICKS, c, 1)
    engage(world, market, person, t, c, key, 1.0)


@kernel
def buy_elsewhere(
    world: np.record, market: np.record, person: np.record, t: float, u: float
) -> None:
    """A visit to a competitor may end the need there."""
    n = oldest_need(person, t)
    if n != s.NONE and u < world.competitor_sale:
        person.need_ends[n] = s.LONG_AGO
        count_person(market, person_counts.ELSEWHERE, person.persona, 1)
