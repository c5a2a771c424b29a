"""The sales and service desk of one community: requests wait for agents, and some give up.

A desk keeps nothing but its list of open requests. Each time it is settled, a SimPy environment is
set up from that list and run, in office time, to the next midnight. So a desk that was restored
from a snapshot does what an unbroken one does, and takes the same steps to do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.desk.queue import serve
from sim.desk.terms import DAY, DeskTerms
from sim.desk.waiting_line import WAITING, serve_line
from tiermix.core.arrays import Bools, Floats, Ints, Records

ANSWERED, LOST = range(2)
LINES = {"batch": serve_line, "individual": serve}
"""Two engines around one rule: compiled code, and a SimPy resource with priorities."""

# What settles the order of requests that are alike in all else, the last first.
TIES = ("customer", "kind", "key")

REQUEST = np.dtype([("time", "f8"), ("customer", "i4"), ("kind", "i4"), ("key", "u8")])
"""What someone asks of the desk; `time` in days, `key` that of its luck."""

ANSWER = np.dtype([*REQUEST.descr, ("outcome", "i4"), ("waited", "f8")])
"""`time` of the answer or of giving up; `waited` calendar days until service began, or was lost."""

OPEN = np.dtype(
    [
        *(("customer", "i4"), ("kind", "i4"), ("key", "u8")),
        *(("came", "i8"), ("gives_up", "i8")),
        *(("enters", "i8"), ("leaves", "i8"), ("work", "i8"), ("began", "i8")),
    ]
)
"""An open request: came and gives up in calendar time; the same, work and began in office time."""

COUNTS = np.dtype([("served", "i8"), ("lost", "i8"), ("waited", "i8"), ("busy", "i8")])


class Tally(NamedTuple):
    """What a desk did since its start, each [kinds].

    Requests `served` and `lost`; `waited` days that those served waited in all, in calendar time;
    `busy` agent-days of work done so far, also on requests still in service.
    """

    served: Ints
    lost: Ints
    waited: Floats
    busy: Floats


@dataclass(frozen=True)
class DeskState:
    """A desk at a midnight: all that it takes to go on."""

    day: int
    open: Records
    counts: Records


class Desk:
    """The desk of a community, alive from midnight to midnight.

    Service time and patience are luck of (seed, community, key of the request), so markets which
    share requests share these. Raises ValueError for a day that is over and a kind unknown.
    """

    def __init__(
        self,
        terms: DeskTerms,
        seed: int,
        community: int,
        start: int = 0,
        *,
        engine: Literal["batch", "individual"] = "batch",
    ) -> None:
        self.terms, self.seed, self.community = terms, seed, community
        self._serve = LINES[engine]
        self.day = start
        self._open: Records = np.zeros(0, OPEN)
        self._counts: Records = np.zeros(terms.kinds, COUNTS)

    def settle(self, requests: Records, until: int) -> Records:
        """Live until the midnight that begins day `until`.

        `requests` [n] of REQUEST, in any order: all that came since the last midnight settled.
        Returns answers [m] of ANSWER before `until`, in order of time, then key.
        """
        if len(requests):
            self._admit(requests, until)
        first, self.day = self.day, until
        if not len(self._open):
            return np.zeros(0, ANSWER)
        if self.terms.agents:
            self._work(first, until)
        return self._close(until * DAY)

    def state(self) -> DeskState:
        """The desk at this midnight, for `restore`."""
        return DeskState(self.day, self._open.copy(), self._counts.copy())

    def restore(self, state: DeskState) -> None:
        """Go on from a state, of this desk or of one with other terms or luck."""
        self.day, self._open, self._counts = state.day, state.open.copy(), state.counts.copy()

    @property
    def pending(self) -> bool:
        """Whether there is anything to do on the coming days."""
        return len(self._open) > 0

    @property
    def waiting(self) -> int:
        """Requests that nobody has begun to answer."""
        return int((self._open["began"] == WAITING).sum())

    @property
    def tally(self) -> Tally:
        """Counts since the start, up to this midnight."""
        counts, begun = self._counts.copy(), self._open[self._open["began"] != WAITING]
        progress = self.terms.hours.midnight(self.day) - begun["began"]
        np.add.at(counts["busy"], begun["kind"], progress)
        return Tally(counts["served"], counts["lost"], counts["waited"] / DAY, counts["busy"] / DAY)

    def staffed(self, first: int, until: int) -> float:
        """Agent-days that are paid from midnight `first` to midnight `until`."""
        midnight = self.terms.hours.midnight
        return self.terms.agents * (midnight(until) - midnight(first)) / DAY

    def _admit(self, requests: Records, until: int) -> None:
        """Write requests into the list of open ones, with the luck of their keys."""
        self._check(requests, until)
        new = np.empty(len(requests), OPEN)
        for name in TIES:
            new[name] = requests[name]
        stream = (self.seed, self.community, new["key"], new["kind"])
        new["came"] = np.rint(requests["time"] * DAY)
        new["gives_up"] = new["came"] + self.terms.patience(*stream)
        both = np.array([new["came"], new["gives_up"]])
        new["enters"], new["leaves"] = self.terms.hours.office(both)
        new["work"] = self.terms.service(*stream)
        new["began"] = WAITING
        self._open = np.concatenate([self._open, new], dtype=OPEN) if len(self._open) else new

    def _check(self, requests: Records, until: int) -> None:
        time, kind = requests["time"], requests["kind"]
        if not (time.min() >= self.day and time.max() < until):
            raise ValueError(
                f"requests come from day {time.min()} to {time.max()}; the desk is settled from "
                f"midnight {self.day} to {until}: give each request with the day it came on"
            )
        if kind.min() < 0 or kind.max() >= self.terms.kinds:
            raise ValueError(
                f"kinds of requests run from {kind.min()} to {kind.max()}; this desk has terms "
                f"for 0 to {self.terms.kinds - 1}"
            )

    def _work(self, first: int, until: int) -> None:
        """Find out who is served when, in office time."""
        now, end = (self.terms.hours.midnight(day) for day in (first, until))
        if end == now:
            return
        begun = self._open[self._open["began"] != WAITING]
        order, line = self._line(now, end)
        engaged = begun["began"] + begun["work"]
        began = self._serve(self.terms.agents, now, end, engaged, *line)
        served = began != WAITING
        self._open["began"][order[line[0][served]]] = began[served]

    def _line(self, now: int, end: int) -> tuple[Ints, tuple[Ints, ...]]:
        """Positions of open requests by place; place, coming, leaving and work of the line."""
        rank = np.array(self.terms.priority)[self._open["kind"]]
        order = np.lexsort((*(self._open[name] for name in TIES), self._open["came"], rank))
        mine = self._open[order]
        enters, leaves = np.maximum(mine["enters"], now - 1), mine["leaves"]
        alive = (mine["began"] == WAITING) & (leaves > np.maximum(enters, now)) & (enters < end)
        places = np.flatnonzero(alive)
        places = places[np.argsort(enters[places], kind="stable")]
        return order, (places, enters[places], leaves[places], mine["work"][places])

    def _close(self, midnight: int) -> Records:
        """Take from the list who was answered or gave up before midnight, and count them."""
        mine, hours = self._open, self.terms.hours
        begun = mine["began"] != WAITING
        time = np.where(begun, hours.ends(mine["began"] + mine["work"]), mine["gives_up"])
        over = time < midnight
        if not over.any():
            return np.zeros(0, ANSWER)
        done, served, time = mine[over], begun[over], time[over]
        since = np.where(served, hours.begins(done["began"]), done["gives_up"])
        self._open = mine[~over]
        self._count(done, served, since - done["came"])
        return _answers(done, time, served, since - done["came"])

    def _count(self, done: Records, served: Bools, waited: Ints) -> None:
        for name, rows, amount in (
            ("served", served, 1),
            ("lost", ~served, 1),
            ("waited", served, waited[served]),
            ("busy", served, done["work"][served]),
        ):
            np.add.at(self._counts[name], done["kind"][rows], amount)


def _answers(done: Records, time: Ints, served: Bools, waited: Ints) -> Records:
    """Rows of ANSWER, sorted."""
    answers = np.empty(len(done), ANSWER)
    for name in TIES:
        answers[name] = done[name]
    answers["time"] = time / DAY
    answers["outcome"] = np.where(served, ANSWERED, LOST)
    answers["waited"] = waited / DAY
    order = np.lexsort((*(done[name] for name in TIES), time))
    return answers[order]
