"""The waiting line of a desk in compiled code: what `sim.desk.queue` does with SimPy, faster."""

from __future__ import annotations

import numpy as np

from sim.engine.jit import entry
from tiermix.core.arrays import Ints

NEVER = 2**62
WAITING = -1


@entry
def serve_line(
    agents: int,
    now: int,
    until: int,
    engaged: Ints,
    place: Ints,
    enters: Ints,
    leaves: Ints,
    work: Ints,
) -> Ints:
    """When service begins of whoever stands in line or comes before `until` [n], -1 if it does not.

    The line is sorted by `enters`, then `place`; the lowest place is served first. At one instant
    who gives up goes, then agents who finish take whoever is next, then new requests come.
    """
    began = np.full(len(place), WAITING)
    ends = np.full(max(agents, len(engaged)), now)
    ends[: len(engaged)] = engaged
    ends = np.sort(ends)[len(ends) - agents :]
    come = 0
    while True:
        first = np.argmin(ends)
        waits = next_in_line(place, leaves, began, come, ends[first])
        comes = enters[come] if come < len(place) else NEVER
        finishes = max(ends[first], now) if waits >= 0 else NEVER
        if min(comes, finishes) >= until:
            return began
        if finishes <= comes:
            began[waits] = finishes
            ends[first] = finishes + work[waits]
        else:
            if ends[first] <= max(comes, now):
                began[come] = max(comes, now)
                ends[first] = began[come] + work[come]
            come += 1


@entry
def next_in_line(place: Ints, leaves: Ints, began: Ints, come: int, at: int) -> int:
    """Of those who have come and have not given up by then, the one with the lowest place."""
    best = -1
    for n in range(come):
        if began[n] == WAITING and leaves[n] > at and (best < 0 or place[n] < place[best]):
            best = n
    return best
