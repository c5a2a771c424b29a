"""A company's desk as one community meets it: the requests of all others keep its agents busy too.

A community has a part of the desk, for so few simulated people often less than one agent. One slow
agent is not a part of a dozen: who comes while he is busy waits for all of his work, where in the
company one of twelve would soon be free. So a community's few requests are served at a desk of
several whole agents, beside requests of others that come as often as the agents are more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import pdtrik

from sim.desk.desk import REQUEST, Desk, DeskState
from sim.engine.draws import OTHERS, uniforms
from sim.engine.pressure import MEMORY, PRIOR, QUIET, settled_mean
from tiermix.core.arrays import Floats, Ints, Keys, Records

NONE: Records = np.zeros(0, REQUEST)
NOBODY = -1
"""The customer of others' requests: nobody in this community hears of their answers."""


@dataclass(frozen=True)
class SharedState:
    """A shared desk at a midnight: the desk, and what it has learned to expect."""

    desk: DeskState
    usual: Floats
    mass: Floats
    weight: float


class SharedDesk:
    """A desk of whole agents at which a community's requests are one in `others` + 1.

    `season` [days] is the need of each day, `usual` [kinds] how many requests of its own the
    community may expect a day, less season, as the market's pilot tells; 0 until that is known.
    """

    def __init__(self, desk: Desk, others: float, season: Floats) -> None:
        self.desk, self.others, self.season = desk, others, season
        self.usual = np.zeros(desk.terms.kinds)
        self._mass, self._weight = np.zeros(desk.terms.kinds), 0.0

    @property
    def pending(self) -> bool:
        """Others come every day."""
        return self.desk.pending or (self.others > 0.0 and bool(self.usual.any()))

    @property
    def own(self) -> Floats:
        """The community's own requests of an average day so far [kinds]."""
        return np.asarray(self._mass / max(self._weight, 1e-9))

    def settle(self, requests: Records, until: int) -> Records:
        """Live until the midnight that begins day `until`; the community's own answers."""
        first, asked = self.desk.day, [requests]
        if self.others > 0.0:
            expected = self._expected()
            asked += [self._others(expected, day) for day in range(first, until)]
        self._learn(requests, range(first, until))
        # Named, since NumPy takes longer to find the common type of records than to join them.
        answers = self.desk.settle(np.concatenate(asked, dtype=REQUEST), until)
        return answers[answers["customer"] != NOBODY] if len(answers) else answers

    def state(self) -> SharedState:
        """The desk at this midnight, for `restore`."""
        return SharedState(self.desk.state(), self.usual, self._mass.copy(), self._weight)

    def restore(self, state: SharedState) -> None:
        """Go on from a state."""
        self.desk.restore(state.desk)
        self.usual, self._mass, self._weight = state.usual, state.mass.copy(), state.weight

    def _expected(self) -> Floats:
        """Own requests of an average day [kinds]: own ones so far, beside what is usual."""
        pairs = zip(self._mass.tolist(), self.usual.tolist(), strict=True)
        return np.array([settled_mean(m, self._weight, u, PRIOR, 1.0) for m, u in pairs])

    def _others(self, expected: Floats, day: int) -> Records:
        """Requests of others on a day: Poisson, at times and with draws of their own."""
        kinds = np.arange(len(expected))
        uniform = uniforms(self.desk.seed, _key(day, kinds, 0), OTHERS, self.desk.community)[:, 0]
        mean = self.others * expected * self.season[day]
        number = np.where(mean > 0.0, np.ceil(pdtrik(uniform, np.maximum(mean, 1e-12))), 0.0)
        kind = np.repeat(kinds, np.maximum(number, 0.0).astype(int))
        if not len(kind):
            return NONE
        found = np.zeros(len(kind), REQUEST)
        found["kind"], found["customer"] = kind, NOBODY
        found["key"] = _key(day, kind, 1 + np.arange(len(kind)))
        when = uniforms(self.desk.seed, found["key"], OTHERS, self.desk.community)[:, 1]
        found["time"] = np.minimum(day + when, np.nextafter(day + 1.0, 0.0))
        return found

    def _learn(self, requests: Records, days: range) -> None:
        """Take in own requests of these days, and how many average days they were."""
        day = requests["time"].astype(int)
        for d in days:
            self._mass = MEMORY * self._mass
            if len(day):
                self._mass += np.bincount(requests["kind"][day == d], minlength=len(self._mass))
            self._weight = MEMORY * self._weight + max(float(self.season[d]), QUIET)


def _key(day: int, kind: Ints, number: Ints | int) -> Keys:
    """Keys that no customer's requests have: the topmost bit, then day, kind and number."""
    place = (day << 36) + (kind << 32) + number
    return np.asarray(np.uint64(1 << 63) | place.astype(np.uint64))
