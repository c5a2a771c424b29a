"""CommunitySimulation: one community alive: its records, its SimPy environment, its years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from sim.desk.bridge import answer_events, take_requests
from sim.desk.shared import SharedDesk
from sim.engine import state as s
from sim.engine.entry_points import begin, fill_buckets, pool_fits, read_buckets, rows_fit
from sim.engine.event_queue import empty_pool, larger_pool
from sim.market.engines import ENGINES, Engine
from sim.market.living import Attachment
from sim.output.row_sort import joined
from sim.output.year import counted
from sim.setup.communities import Community, first_needs, first_replaced
from tiermix.core.arrays import Records

ROOM = 16


class SimulationError(RuntimeError):
    """A fault of ours inside the market; please report it with the scenario and the seed."""


@dataclass(frozen=True)
class Snapshot:
    """A community at a midnight: enough to go on from there, any number of times."""

    community: Community
    seed: int
    population: Records
    events: Records
    carried: dict[str, Any]
    desk: Any = None


class CommunitySimulation:
    """One community in its own SimPy environment.

    `world` is shared and never changed; `money` [CHANNELS, days] per head from day 0; `logging`
    says whether touches are written. `attachments` are factories of processes of one's own, called
    with the environment and this community; what they change holds from the next midnight.
    """

    def __init__(
        self,
        world: np.record,
        community: Community,
        seed: int,
        population: Records,
        *,
        engine: Engine = "batch",
        logging: bool = True,
        attachments: tuple[Attachment, ...] = (),
        start: int = 0,
        desk: SharedDesk | None = None,
    ) -> None:
        self.world, self.community, self.seed, self.engine = world, community, seed, engine
        self.population = population
        self.market = _market(community, seed, logging, start)
        self.pool = empty_pool(2 * ROOM * len(population) + 8192, s.EVENT)
        self.rows = np.empty(256 * len(population) + 32_768 if logging else 1, s.ROW)
        self.market["free"] = 0
        self.env = simpy.Environment(initial_time=start)
        self.attachments = attachments
        self.kept_off: frozenset[int] = frozenset()
        self.desk = desk
        for factory in attachments:
            self.env.process(factory(self.env, self))

    @classmethod
    def born(
        cls, world: np.record, community: Community, seed: int, population: Records, **options: Any
    ) -> CommunitySimulation:
        """A community at the start of the history year, its streams of needs set going."""
        simulation = cls(world, community, seed, population, **options)
        needs = first_needs(population, community, seed, float(world["need_bound"]))
        turns = first_replaced(population, community, seed, float(world["turnover"]))
        events = np.zeros(2 * len(population), s.EVENT)
        events["time"] = np.concatenate([needs, turns])
        events["customer"] = np.tile(np.arange(len(population)), 2)
        events["kind"] = np.repeat([s.NEED_COMES, s.REPLACED], len(population))
        events["channel"] = s.NONE
        simulation._fill(events)
        begin(*simulation.records[:4])
        return simulation

    @classmethod
    def restored(cls, world: np.record, snapshot: Snapshot, **options: Any) -> CommunitySimulation:
        """The community of a snapshot, ready to go on."""
        day = int(snapshot.carried["day"])
        population = snapshot.population.copy()
        simulation = cls(world, snapshot.community, snapshot.seed, population, start=day, **options)
        for name, value in snapshot.carried.items():
            simulation.market[name] = value
        if simulation.desk and snapshot.desk is not None:
            simulation.desk.restore(snapshot.desk)
        simulation._fill(snapshot.events)
        return simulation

    @property
    def records(self) -> tuple[Records, Records, Records, Records, Records]:
        """What the engines' kernels work on: world [1], market [1], population, pool, rows."""
        return (
            s.array_of(self.world),
            s.array_of(self.market),
            self.population,
            self.pool,
            self.rows,
        )

    def advance(self, until: int) -> None:
        """Let time pass until the midnight that begins day `until`."""
        if until > self.market["day"]:
            done = self.env.process(ENGINES[self.engine](self, until))
            self.env.run(until=done)

    def snapshot(self) -> Snapshot:
        """The state at this midnight."""
        carried = {name: np.copy(self.market[name]) for name in s.CARRIED}
        desk = self.desk.state() if self.desk else None
        return Snapshot(
            self.community, self.seed, self.population.copy(), self._pending(), carried, desk
        )

    def next_shared_moment(self) -> int:
        """The next day on which something outside the compiled days may happen."""
        if self.desk and self.desk.pending:
            return int(self.market["day"]) + 1
        moment = self.env.peek() if self.attachments else np.inf
        return int(max(np.ceil(moment), self.market["day"] + 1)) if np.isfinite(moment) else s.DAYS

    def consult(self) -> None:
        """Midnight at the desk: today's requests are taken up, answers come in the morning."""
        if self.desk and (self.market["asks"] or self.desk.pending):
            answers = self.desk.settle(take_requests(self.market), int(self.market["day"]))
            self._fill(answer_events(answers, int(self.market["day"])))

    def counted(self, what: str) -> int:
        """Of all people together since the year began: `orders`, `signups`, `revenue`, …"""
        return counted(self.market["people_by_month"], what)

    def spent(self, channel: int, first: int, last: int) -> float:
        """What a channel was charged here from the midnight of day `first` to that of `last`."""
        return float(self.market["ledger"][channel, first:last].sum())

    def make_room(self) -> None:
        """Enlarge the pool or the log when another day might not fit."""
        world, market, *_ = self.records
        while not pool_fits(world, market, self.pool):
            self.pool = larger_pool(self.market, self.pool)
        while not rows_fit(world, market, self.rows):
            self.rows = joined([self.rows, np.empty_like(self.rows)])

    def check(self) -> None:
        """Refuse to go on when an event or a row found no place."""
        if self.market["failed"]:
            raise SimulationError(
                f"community {self.community.number}, day {self.market['day']}: an event or a row "
                "found no place; please report this with the scenario and the seed"
            )

    def take_rows(self) -> Records:
        """The log so far as it happened, day by day and customer by customer; it is emptied."""
        rows = self.rows[: self.market["rows"]]
        self.rows = np.empty_like(self.rows)
        self.market["rows"] = 0
        return rows

    def _fill(self, events: Records) -> None:
        """Put pending events into the buckets of their days."""
        count = len(events)
        while count + ROOM * len(self.population) > len(self.pool):
            self.pool = larger_pool(self.market, self.pool)
        if not count:
            return
        events = events[events["time"] < s.DAYS]
        order = np.argsort(events["time"], kind="stable")
        fill_buckets(s.array_of(self.market), self.pool, events, order)

    def _pending(self) -> Records:
        """All events to come, bucket by bucket."""
        events = np.zeros(int(self.market["used"]), s.EVENT)
        read_buckets(s.array_of(self.market), self.pool, events)
        return events


def _market(community: Community, seed: int, logging: bool, start: int) -> np.record:
    market: np.record = np.zeros(1, s.MARKET)[0]
    market["seed"] = seed
    market["community"] = community.number
    market["people"] = community.people
    market["day"] = start
    market["logging"] = int(logging)
    market["bucket"][:] = market["engaged"] = s.NONE
    return market
