"""Two engines around one behaviour: a SimPy process a customer, or compiled days.

Both drive the same records through the same rules. The individual engine sleeps until each
customer's own next event; the batch engine lives all customers of a stretch of days at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Literal

import numpy as np
import simpy

from sim.engine import state as s
from sim.engine.entry_points import close_day, live_next, open_day, run_days
from sim.market.living import Living

Engine = Literal["batch", "individual"]
Process = Generator[simpy.Event, Any, None]
FIRST, LAST = 0, 2
"""Midnight settles the day before all else of its moment, and opens the next one after all else."""


def _midnight(env: simpy.Environment, day: float, priority: int) -> simpy.Event:
    """The midnight that begins a day: a SimPy timeout with a priority of its own."""
    event = env.event()
    event._ok, event._value = True, None
    env.schedule(event, priority, day - env.now)
    return event


def batch(simulation: Living, until: int) -> Process:
    """One process for the community: lives whole stretches of days in compiled code."""
    yield _midnight(simulation.env, simulation.env.now, LAST)
    while simulation.market["day"] < until:
        stretch = min(until, simulation.next_shared_moment())
        simulation.make_room()
        run_days(*simulation.records, stretch)
        simulation.check()
        simulation.consult()
        yield _midnight(simulation.env, simulation.market["day"], LAST)


def individual(simulation: Living, until: int) -> Process:
    """A process for each customer, and one that opens and settles every trading day."""
    env, market, agenda = simulation.env, simulation.market, simulation.population["agenda"]
    bells = [env.event() for _ in range(market.people)]
    for i in range(market.people):
        env.process(_customer(simulation, i, bells))
    yield _midnight(env, env.now, LAST)
    while market["day"] < until:
        simulation.make_room()
        open_day(*simulation.records[:4])
        for i in np.flatnonzero(agenda != s.NONE).tolist():
            bell, bells[i] = bells[i], env.event()
            bell.succeed()
        yield _midnight(env, market["day"] + 1, FIRST)
        _drain(simulation)
        close_day(*simulation.records[:3])
        simulation.check()
        simulation.consult()
        yield _midnight(env, market["day"], LAST)


def _customer(simulation: Living, i: int, bells: list[simpy.Event]) -> Process:
    """Wait for a day with something in it; sleep until each event; live it."""
    env, agenda = simulation.env, simulation.population["agenda"]
    while True:
        yield bells[i]
        records, times = simulation.records, simulation.pool["time"]
        while agenda[i] != s.NONE:
            yield env.timeout(max(times[agenda[i]] - env.now, 0.0))
            if agenda[i] != s.NONE:
                live_next(*records, i)


def _drain(simulation: Living) -> None:
    """Live what rounding of the clock left for the very last moment of a day."""
    agenda = simulation.population["agenda"]
    for i in np.flatnonzero(agenda != s.NONE).tolist():
        while agenda[i] != s.NONE:
            live_next(*simulation.records, i)


ENGINES: dict[str, Callable[[Living, int], Process]] = {"batch": batch, "individual": individual}
