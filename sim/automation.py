"""Rules of marketing automation: an event, a wait, a message."""

from __future__ import annotations

import numpy as np

from sim import state as s
from sim.books import schedule
from sim.kernel import kernel
from sim.luck import MAIL, child


@kernel
def trigger(
    world: np.record, market: np.record, person: np.record, t: float, what: int, key: np.uint64
) -> None:
    """Let the rules answer an event, for people who are registered and recognised."""
    if person.signed == 0 or person.linked == 0:
        return
    for r in range(world.rules):
        if world.rule_when[r] == what:
            at = t + world.rule_wait[r]
            luck = child(market.seed, key, MAIL, r)
            schedule(market, person.index, at, s.MESSAGE, world.rule_channel[r], luck, t, r)
