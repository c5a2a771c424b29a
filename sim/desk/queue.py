"""The waiting line of a desk: a SimPy resource with priorities, from which people walk away.

SimPy's clock shows *beats*, three to each microsecond of office time, so that it is settled what
comes first when several things happen at the same instant: who gives up goes, then agents who
finish take whoever is next, then new requests come.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Generator, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import simpy

from sim.desk.waiting_line import WAITING
from tiermix.core.arrays import Ints

GIVE_UP, FINISH, COME = range(3)
BEATS = 3
ENGAGED = -1
_KEY = attrgetter("key")


class Turn(NamedTuple):
    """A request that stands in line, times in office time; the lowest `place` is served first."""

    place: int
    enters: int
    gives_up: int
    work: int


class _Line(list[Any]):
    """A queue kept in order by bisection; SimPy's own sorts all of it for every request."""

    def __init__(self, maxlen: int | None = None) -> None:
        super().__init__()

    def append(self, request: Any) -> None:
        insort(self, request, key=_KEY)


class _Agents(simpy.PriorityResource):  # type: ignore[misc]  # SimPy has no types for mypy
    PutQueue = _Line


def serve(
    agents: int,
    now: int,
    until: int,
    engaged: Ints,
    place: Ints,
    enters: Ints,
    leaves: Ints,
    work: Ints,
) -> Ints:
    """Let at least one agent work from `now` up to, not including, `until`.

    `engaged`: when agents who are busy will be done, each after `now`. Then, sorted by `enters`,
    then `place`, who stands in line or comes before `until`; whoever `enters` before `now` has
    stood in line already. Returns when service began [n], -1 for those whose did not.
    """
    env = simpy.Environment(initial_time=BEATS * now)
    desk = _Agents(env, agents)
    began: dict[int, int] = {}
    for ends in engaged.tolist():
        _finish(env, desk, desk.request(ENGAGED), ends)
    line = [Turn(*row) for row in np.stack([place, enters, leaves, work], axis=1).tolist()]
    env.process(_come(env, desk, BEATS * until, line, began))
    env.run(until=BEATS * until)
    return np.array([began.get(int(n), WAITING) for n in place], dtype=np.int64)


def _come(
    env: Any, desk: Any, until: int, line: Iterable[Turn], began: dict[int, int]
) -> Generator[Any, Any, None]:
    """Each in turn comes and asks for an agent, and walks away when patience ends before that."""
    for turn in line:
        comes = BEATS * turn.enters + COME
        if comes > env.now:
            yield env.timeout(comes - env.now)
        request = desk.request(turn.place)
        request.turn, request.began = turn, began
        request.callbacks.append(_begin)
        gives_up = BEATS * turn.gives_up + GIVE_UP
        if gives_up < until and not request.triggered:
            env.timeout(gives_up - env.now, request).callbacks.append(_give_up)


def _begin(request: Any) -> None:
    turn, now = request.turn, request.env.now // BEATS
    request.began[turn.place] = now
    _finish(request.env, request.resource, request, now + turn.work)


def _finish(env: Any, desk: Any, request: Any, ends: int) -> None:
    done = env.timeout(BEATS * ends + FINISH - env.now)
    done.callbacks.append(lambda _: desk.release(request))


def _give_up(timer: Any) -> None:
    """Leave the line; SimPy ignores it when service has begun."""
    timer.value.cancel()
