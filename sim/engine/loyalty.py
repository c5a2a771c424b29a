"""After an order: satisfaction, the NPS question, staying or leaving, and telling others."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.counters import count_person, row, schedule
from sim.engine.counts import person_counts, row_kinds
from sim.engine.draws import AFTER_ORDER, SURVEY, TELL, child, draw, normal, poisson
from sim.engine.jit import kernel

PROMOTER, DETRACTOR = 9, 6
"""NPS answers from which one promotes, and up to which one detracts (Reichheld 2003)."""
MOST_LISTENERS = 40


@kernel
def after_order(
    world: np.record, market: np.record, person: np.record, t: float, key: np.uint64
) -> None:
    """Orders make customers and loyal ones, leave an experience, and may end the relation."""
    leaves, _, _, _ = draw(market.seed, key, AFTER_ORDER, 0)
    satisfied = satisfaction(world, market, person, key)
    person.orders += 1
    person.year_orders += 1
    person.last_order = t
    person.experience += world.experience_order
    person.offer_until = s.LONG_AGO
    person.dropped = 1 if leaves < leaving_chance(world, person, satisfied) else 0
    person.lead = 2 if person.lead > 0 else 0
    person.stage = s.LOYAL if person.orders >= world.loyal_orders else s.CUSTOMER
    talk(world, market, person, t, key, satisfied)


@kernel
def satisfaction(world: np.record, market: np.record, person: np.record, key: np.uint64) -> float:
    """Satisfaction with an order, 0 to 10: the usual, what experience adds, and a spread."""
    u, v, _, _ = draw(market.seed, key, SURVEY, 0)
    level = world.satisfaction + world.satisfaction_gain * person.experience
    return float(min(max(level + world.satisfaction_spread * normal(u, v), 0.0), 10.0))


@kernel
def leaving_chance(world: np.record, person: np.record, satisfied: float) -> float:
    """The person's own chance to leave, its log odds shifted by satisfaction and membership."""
    shift = world.dropout_gain * (satisfied - world.satisfaction)
    if person.signed == 1:
        shift += world.programme
    if shift == 0.0 or person.dropout <= 0.0:
        return float(person.dropout)
    odds = person.dropout / (1.0 - person.dropout) * math.exp(-shift)
    return float(odds / (1.0 + odds))


@kernel
def talk(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
    satisfied: float,
) -> None:
    """Answer the NPS question when asked; promoters mention us to others, detractors complain."""
    answers, mentions, told, _ = draw(market.seed, key, SURVEY, 1)
    answer = int(satisfied + 0.5)
    if answers < world.answers:
        count_person(market, person_counts.ANSWERS, person.persona, 1)
        count_person(market, person_counts.SATISFACTION, person.persona, int(100.0 * satisfied))
        if answer >= PROMOTER:
            count_person(market, person_counts.PROMOTERS, person.persona, 1)
        elif answer <= DETRACTOR:
            count_person(market, person_counts.DETRACTORS, person.persona, 1)
    if world.earned == s.NONE:
        return
    if answer >= PROMOTER and mentions < world.mentions:
        if person.stage == s.LOYAL:
            person.stage = s.ADVOCATE
        count_person(market, person_counts.MENTIONS, person.persona, 1)
        row(world, market, person, t, world.earned, row_kinds.MENTION, s.NONE, key, 0, 0)
        tell(world, market, person, t, key, s.HEAR, poisson(told, world.referrals))
    elif answer <= DETRACTOR and world.complaints > 0.0:
        tell(world, market, person, t, key, s.COMPLAINT, poisson(told, world.complaints))


@kernel
def tell(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    key: np.uint64,
    what: int,
    listeners: int,
) -> None:
    """So many others of the community hear of it in the course of the next day."""
    if market.people < 2:
        return
    for n in range(min(listeners, MOST_LISTENERS)):
        who, when, _, _ = draw(market.seed, key, TELL, n)
        other = int(who * (market.people - 1))
        other += 1 if other >= person.index else 0
        at = int(t) + 1.0 + when
        schedule(market, other, at, what, world.earned, child(market.seed, key, TELL, n), t, 0)
