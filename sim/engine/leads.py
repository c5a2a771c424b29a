"""Signing up, downloads and leads: how interest gets a name."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.automation import trigger
from sim.engine.counters import ask, count, count_person, row
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.engine.draws import CALL_UP, child
from sim.engine.jit import kernel
from sim.engine.needs import oldest_need


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
    count_person(market, person_counts.SIGNUPS, person.persona, 1)
    if c != s.NONE:
        count(market, channel_counts.SIGNUPS, c, 1)
    row(world, market, person, t, c, row_kinds.SIGNUP, s.NONE, key, 0, 0)
    add_points(world, market, person, t, row_kinds.SIGNUP, c, key)
    trigger(world, market, person, t, row_kinds.SIGNUP, key)


@kernel
def download(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """Take a piece of content along."""
    person.last_download = t
    count_person(market, person_counts.DOWNLOADS, person.persona, 1)
    if c != s.NONE:
        count(market, channel_counts.DOWNLOADS, c, 1)
        row(world, market, person, t, c, row_kinds.DOWNLOAD, s.NONE, key, 0, 0)
    add_points(world, market, person, t, row_kinds.DOWNLOAD, c, key)
    trigger(world, market, person, t, row_kinds.DOWNLOAD, key)


@kernel
def add_points(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    what: int,
    c: int,
    key: np.uint64,
) -> None:
    """Score an event; whose score reaches the threshold is handed over as a lead.

    Only who is registered and recognised can be scored.
    """
    points = world.points[what]
    if points == 0.0 or person.signed == 0 or person.linked == 0:
        return
    kept = person.score * math.exp(-world.score_rate * (t - person.score_at))
    person.score, person.score_at = kept + points, t
    if world.lead_score > 0.0 and person.score >= world.lead_score and person.lead == 0:
        become_lead(world, market, person, t, c, key)


@kernel
def become_lead(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """A lead: counted, written down, and handed to the desk with the need that it is about."""
    about = child(market.seed, key, CALL_UP, 0)
    n = oldest_need(person, t)
    if n != s.NONE:
        about = person.need_key[n]
        person.need_asked[n] = 1
    person.lead, person.lead_channel = max(person.lead, 1), c
    count_person(market, person_counts.LEADS, person.persona, 1)
    if c != s.NONE:
        count(market, channel_counts.LEADS, c, 1)
    row(world, market, person, t, c, row_kinds.LEAD, s.NONE, key, 0, 0)
    ask(world, market, person, t, s.ASK_LEAD, about)


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
    count_person(market, person_counts.CARTS, person.persona, 1)
    if c != s.NONE:
        row(world, market, person, t, c, row_kinds.CART, s.NONE, key, 0, 0)
    if person.signed == 1 and person.lead == 0 and world.cart_leads == 1:
        become_lead(world, market, person, t, c, key)
    add_points(world, market, person, t, row_kinds.CART, c, key)
    trigger(world, market, person, t, row_kinds.CART, key)
