"""Plans asked for again and again, as somebody moves rules: each starts where the last one ended.

What takes time is finding where the curves have to be cut finely. Another budget or bound moves a
plan a little, so the pieces of the last program mostly do: one pass in place of two or three. The
certificate is worked out anew each time, whatever pieces it started from.
"""

from __future__ import annotations

import time
from dataclasses import replace

from optimize.curves.curves import ResponseCurves
from optimize.model.linearisation import Pieces
from optimize.model.protocols import Planning
from optimize.plans.allocate import answer, task_of
from optimize.plans.calm import Calm
from optimize.plans.plan import Plan
from optimize.problem.task import Task
from optimize.solver.certificate import Certified, NothingFits, certify
from optimize.solver.integers import Limit, best_plan

AHEAD = 1.5  # times the money asked for: pieces reach so far, for the next question
GROWN = 1.5  # times the knots of the first plan: more of them cost more than they save
NEAR = 1e-3
"""The gap that is near enough while somebody tries one thing after another."""


class Replanner:
    """The best plans of one set of curves, one after the other.

    Not to be shared between threads: hold a lock around it.
    """

    def __init__(self, curves: ResponseCurves, *, seconds: float = 10.0) -> None:
        self.curves, self.seconds = curves, seconds
        self._pieces: Pieces | None = None
        self._first = 0

    def plan(self, scenario: Planning, *, calm: Calm | bool = False, explain: bool = False) -> Plan:
        """The best plan under the scenario's rules; `calm` and `explain` as in `allocate`.

        It is within `NEAR` of the best possible, a calm one as near as usual; the certificate says
        how near. Raises as `allocate` does.
        """
        return answer(
            task_of(scenario, self.curves), gap=None if calm else NEAR, robust=None, calm=calm,
            explain=explain, started=time.perf_counter(), limit=Limit(self.seconds),
            search=self._search,
        )  # fmt: skip

    def _search(self, task: Task, gap: float, limit: Limit | None) -> Certified:
        if task.has_integers or task.minimise:  # its splits and ranges are for one question alone
            return best_plan(task, gap, limit)
        try:
            found = certify(task, gap, self._start(task))
        except NothingFits:
            found = certify(task, gap)  # a conflict is found faster among few pieces
        self._keep(found.pieces)
        return found

    def _start(self, task: Task) -> Pieces:
        """The last pieces where they fit, which those of less money do not."""
        new = Pieces.start(task.response_model, AHEAD * task.most)
        kept = self._pieces
        if kept is None or kept.knots.keys() != new.knots.keys() or kept.most < task.most:
            return new
        return replace(kept, response_model=task.response_model)

    def _keep(self, pieces: Pieces) -> None:
        size = sum(map(len, pieces.knots.values()))
        if self._pieces is None or self._pieces.most != pieces.most:
            self._first = size
        self._pieces = pieces if size <= GROWN * self._first else None
