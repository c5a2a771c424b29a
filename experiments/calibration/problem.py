"""The problem of a calibration: a history, a base, what may move, and the seeds that all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from experiments.calibration.history import History, LiftMoment
from experiments.calibration.history_file import HistoryError
from experiments.calibration.kept import KeptMarkets, key_of
from experiments.calibration.market import as_history, simulate_weeks
from experiments.calibration.parameters import Parameter, applied
from experiments.calibration.tested import share_without
from experiments.calibration.years import levelled
from scenarios import Scenario
from sim import WeeklyCounts, Workers
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress

STEP, WIDE_STEP = 0.2, 0.5
WIDE = ("needs", "repeat", "season", "effect")
"""What shows in conversions alone, small beside their noise: wide differences to both sides."""
HALVINGS = 6
"""Of a step to a market that no scenario may have, before it is not taken at all."""
CONTROL_STEP = 0.25
"""A control has weeks that are several units away: a shorter step, to both sides too."""


@dataclass(frozen=True)
class Slope:
    """The market a step above and a step below one parameter, `gap` apart."""

    above: History
    below: History
    gap: float


@dataclass(frozen=True)
class Problem:
    """What is asked: θ [K] on the parameters' scales, 0 being the base.

    `kept` has the markets of an earlier try that was cut off.
    """

    base: Scenario
    history: History
    parameters: tuple[Parameter, ...]
    seeds: tuple[int, ...]
    customers: int
    workers: Workers = None
    progress: Progress | None = None
    kept: KeptMarkets = field(default_factory=KeptMarkets)

    @property
    def widths(self) -> Floats:
        """Prior standard deviations [K]."""
        return np.array([p.width for p in self.parameters])

    def grown(self, by: Floats) -> Floats:
        """Factors on slopes [K] that were measured so far from here.

        What needs, seasons and effects do is in proportion to them: so are their slopes.
        """
        kinds = [p.own[0] in ("needs", "season", "effect") for p in self.parameters]
        return np.where(kinds, np.exp(np.clip(by, -1.5, 1.5)), 1.0)

    def seen(
        self, places: Sequence[Floats], what: str, without: LiftMoment | None = None
    ) -> list[list[WeeklyCounts]]:
        """The market at each place, once for each seed: the same random streams at every place."""
        scenarios = [applied(self.base, self.parameters, place) for place in places]
        asked = (scenarios, self.seeds, self.customers, self.history)
        how: dict[str, Any] = {"workers": self.workers, "progress": self.progress, "what": what}
        return simulate_weeks(*asked, without=without, **how)

    def answers(self, places: Sequence[Floats], what: str) -> list[History]:
        """The mean of these markets at each place, as a history, and what its tests would find."""
        keys = [self.key(place) if self.kept.folder else "" for place in places]
        read = {n: self.kept.read(key, self.history) for n, key in enumerate(keys)}
        found = {n: answer for n, answer in read.items() if answer is not None}
        todo = [n for n in range(len(places)) if n not in found]
        for part in self.kept.parts(todo):
            progress = _of_all(self.progress, len(found), len(part), len(places))
            for n, answer in zip(part, self._simulated(part, places, what, progress), strict=True):
                self.kept.write(keys[n], answer)
                found[n] = answer
        return [found[n] for n in range(len(places))]

    def key(self, place: Floats) -> str:
        """What the market at a place is kept by."""
        return key_of(
            self.base, self.history, self.parameters, self.seeds, self.customers, place
        )  # fmt: skip

    def _simulated(
        self, part: Sequence[int], places: Sequence[Floats], what: str, progress: Progress | None
    ) -> list[History]:
        """The answers at some of the places."""
        mine, told = [places[n] for n in part], replace(self, progress=progress)
        found = told.seen(mine, what)
        lifts: list[list[LiftMoment]] = [[] for _ in mine]
        for one in self.history.lifts:
            named = f"{what}, without {one.channel}"
            for moments, markets, lacking in zip(
                lifts, found, told.seen(mine, named, one), strict=True
            ):
                moments.append(share_without(one, markets, lacking, self.history.own_first))
        seen = [as_history(markets, self.history, self.base) for markets in found]
        return [
            replace(levelled(market, self.history), lifts=tuple(moments))
            for market, moments in zip(seen, lifts, strict=True)
        ]

    def slopes(self, place: Floats, what: str) -> list[Slope]:
        """Differences by parameter; where they are wide to both sides, so that bends cancel."""
        kinds = [p.own[0] for p in self.parameters]
        moves = np.diag([_step(kind) for kind in kinds])
        pairs = [self._sides(place, move, kind) for move, kind in zip(moves, kinds, strict=True)]
        wanted = {tuple(side): side for pair in pairs for side in pair}
        found = dict(zip(wanted, self.answers([*wanted.values()], what), strict=True))
        return [
            Slope(found[tuple(above)], found[tuple(below)], float((above - below).sum()))
            for above, below in pairs
        ]

    def _sides(self, place: Floats, move: Floats, kind: str) -> tuple[Floats, Floats]:
        """Where the market is seen above and below a parameter."""
        above = self.towards(place, place + move)
        wide = kind in (*WIDE, "control") or not (above - place).any()
        below = self.towards(place, place - move) if wide else place
        if not (above - below).any():
            applied(self.base, self.parameters, place + move)  # says why it cannot be
        return above, below

    def towards(self, origin: Floats, place: Floats) -> Floats:
        """The place, or how near to it halved steps from the origin come to a market that may be.

        The origin where none of them may.
        """
        step = place - origin
        for _ in range(HALVINGS):
            if self._may_be(origin + step):
                return origin + step
            step = step / 2.0
        return origin

    def _may_be(self, place: Floats) -> bool:
        try:
            applied(self.base, self.parameters, place)
        except HistoryError:
            return False
        return True


def _step(kind: str) -> float:
    """How far a parameter of a kind is moved to see what follows."""
    return CONTROL_STEP if kind == "control" else WIDE_STEP if kind in WIDE else STEP


def _of_all(progress: Progress | None, before: int, part: int, whole: int) -> Progress | None:
    """Progress of some places as that of all, of which `before` are done."""
    if progress is None or part == whole:
        return progress
    report = progress

    def told(what: str, done: int, total: int | None) -> None:
        each = (total or 0) // part
        report(what, before * each + done, whole * each if total is not None else None)

    return told
