"""Rules of marketing automation: an event, a wait, a message."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.counters import schedule
from sim.engine.counts import row_kinds
from sim.engine.draws import DATED, MAIL, child
from sim.engine.jit import kernel

MORNING = 10.0 / 24.0
OWN_THEME = -2
"""A rule whose messages carry the theme of their channel."""


@kernel
def trigger(
    world: np.record, market: np.record, person: np.record, t: float, what: int, key: np.uint64
) -> None:
    """Let the rules answer an event, for people who are registered and recognised."""
    running = world.automated[int(t)]
    if person.signed == 0 or person.linked == 0 or running == 0:
        return
    for r in range(world.rules):
        if (running >> r) & 1 == 0:
            continue
        if world.rule_when[r] == what or (
            world.rule_when[r] == s.LAPSE
            and person.orders > 0
            and what in (row_kinds.VISIT, row_kinds.ORDER)
        ):
            send_later(
                world, market, person, t, r, child(market.seed, key, MAIL, world.rule_key[r])
            )


@kernel
def send_later(
    world: np.record, market: np.record, person: np.record, t: float, r: int, key: np.uint64
) -> None:
    """Let a rule's message fall due after its wait; a lapse begins when silence has lasted."""
    at = t + world.rule_wait[r]
    if world.rule_when[r] == s.LAPSE:
        at += world.lapse_days
    for v in range(world.variants):
        if (person.variants >> v) & 1 == 1 and world.variant_rule[v] == r:
            at += world.variant_wait[v]
    c = world.rule_channel[r]
    schedule(market, person.index, max(at, t), s.MESSAGE, c, key, t, r)


@kernel
def keep_dates(world: np.record, market: np.record, person: np.record, r: int) -> None:
    """The day of a rule has come: its message falls due in the morning, for who can be reached."""
    running = (world.automated[market.day] >> r) & 1 == 1
    if person.signed == 1 and person.linked != 0 and running:
        own = np.uint64(market.community) << np.uint64(32) | np.uint64(person.index)
        day = child(market.seed, own, DATED, market.day)
        key = child(market.seed, day, MAIL, world.rule_key[r])
        send_later(world, market, person, market.day + MORNING, r, key)
