"""The problem of a calibration: a history, a base, what may move, and the seeds that all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.calibration.history import History, LiftMoment
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
    """What is asked: θ [K] on the parameters' scales, 0 being the base."""

    base: Scenario
    history: History
    parameters: tuple[Parameter, ...]
    seeds: tuple[int, ...]
    customers: int
    workers: Workers = None
    progress: Progress | None = None

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
        found = self.seen(places, what)
        lifts: list[list[LiftMoment]] = [[] for _ in places]
        for one in self.history.lifts:
            named = f"{what}, without {one.channel}"
            for mine, markets, lacking in zip(
                lifts, found, self.seen(places, named, one), strict=True
            ):
                mine.append(share_without(one, markets, lacking, self.history.own_first))
        seen = [as_history(markets, self.history, self.base) for markets in found]
        return [
            replace(levelled(market, self.history), lifts=tuple(mine))
            for market, mine in zip(seen, lifts, strict=True)
        ]

    def slopes(self, place: Floats, what: str) -> list[Slope]:
        """Differences by parameter; where they are wide to both sides, so that bends cancel."""
        kinds = [p.own[0] for p in self.parameters]
        wide = np.array([kind in (*WIDE, "control") for kind in kinds])
        moves = np.diag([_step(kind) for kind in kinds])
        here, *found = self.answers([place, *(place + moves), *(place - moves[wide])], what)
        below = dict(zip(np.flatnonzero(wide).tolist(), found[len(moves) :], strict=True))
        return [
            Slope(found[k], below.get(k, here), float(moves[k, k]) * (1 + (k in below)))
            for k in range(len(moves))
        ]


def _step(kind: str) -> float:
    """How far a parameter of a kind is moved to see what follows."""
    return CONTROL_STEP if kind == "control" else WIDE_STEP if kind in WIDE else STEP
