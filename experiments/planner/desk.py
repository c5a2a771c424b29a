"""A scenario with its curves, at which drafts are planned: each answer certified, fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.curves import check_plannable, measure_curves
from experiments.planner.draft import Draft
from experiments.planner.ways_out import WayOut, ways_out
from optimize import InfeasiblePlan, Plan, Replanner, ResponseCurves, forecast, read_curves
from scenarios import MediaPlan, Scenario, load_scenario
from sim import Workers
from tiermix.core.progress import Progress

KEPT = 40
"""Answers that are kept: going back to a draft takes no time."""


@dataclass(frozen=True)
class Question:
    """What a planner page is opened on; `settings` change the scenario by dotted path."""

    scenario: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    curves: str | None = None
    seed: int = 1
    customers: int | None = None
    replications: int | None = None
    workers: Workers = None

    def base(self, more: Mapping[str, Any] | None = None) -> Scenario:
        """The scenario, with further settings where something is assumed otherwise."""
        return load_scenario(self.scenario, {**self.settings, **(more or {})})


@dataclass(frozen=True)
class Answer:
    """A draft's plan with its certificate; or why there is none, and the ways out.

    `whole`: the plan is calm and round, with prices and intervals.
    """

    scenario: Scenario
    seconds: float
    plan: Plan | None = None
    refused: str = ""
    conflict: tuple[str, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    whole: bool = False


class Desk:
    """Drafts in, answers out; several pages may ask at once, one is planned after the other."""

    def __init__(self, base: Scenario, curves: ResponseCurves) -> None:
        self.base, self.curves = base, curves
        self._replanner, self._lock = Replanner(curves), threading.Lock()
        self._known: dict[tuple[str, bool], Answer] = {}

    @property
    def objectives(self) -> list[str]:
        """What can be made best on these curves."""
        kpis = list(dict.fromkeys(curve.kpi for curve in self.curves.curves))
        made = ["profit"] if "margin" in kpis and "profit" not in kpis else []
        return [*made, *kpis, "spend", "goals"]

    def answer(self, draft: Draft, *, whole: bool = False) -> Answer:
        """The certified best plan at once; with `whole` calm, round, with prices, which takes
        some seconds.

        Raises `TiermixError` for a draft that is no question.
        """
        scenario = draft.scenario(self.base)
        key = (scenario.hash, whole)
        with self._lock:
            if key not in self._known:
                self._known[key] = self._planned(draft, scenario, whole)
                while len(self._known) > KEPT:
                    self._known.pop(next(iter(self._known)))
            return self._known[key]

    def expected(self, media: MediaPlan, draft: Draft) -> dict[str, float]:
        """KPIs of any plan on these curves."""
        return forecast(draft.scenario(self.base), self.curves, media)

    def _planned(self, draft: Draft, scenario: Scenario, whole: bool) -> Answer:
        began = time.perf_counter()
        try:
            made = self._replanner.plan(scenario, calm=whole, explain=whole)
        except InfeasiblePlan as refused:
            ways, names = tuple(ways_out(draft, refused)), tuple(refused.conflict)
            taken = time.perf_counter() - began
            return Answer(scenario, taken, refused=str(refused), conflict=names, ways_out=ways)
        return Answer(scenario, time.perf_counter() - began, made, whole=whole)


class Desks:
    """Desks of this process by what they stand on: a reload or a second page finds its own."""

    def __init__(self) -> None:
        self._desks: dict[str, Desk] = {}
        self._curves: dict[str, ResponseCurves] = {}
        self._lock = threading.Lock()

    def known(self, base: Scenario) -> Desk | None:
        """The desk of a scenario, if it was opened."""
        return self._desks.get(base.hash)

    def desk(self, asked: Question, base: Scenario, progress: Progress | None = None) -> Desk:
        """The desk, opened if it is not; whoever asks meanwhile waits for it."""
        with self._lock:
            if base.hash not in self._desks:
                self._desks[base.hash] = Desk(base, self._curves_of(asked, base, progress))
            return self._desks[base.hash]

    def _curves_of(
        self, asked: Question, base: Scenario, progress: Progress | None
    ) -> ResponseCurves:
        """Curves of its market, which other rules and goals leave as they are."""
        check_plannable(base)
        market = base.market_hash
        if market not in self._curves:
            self._curves[market] = curves_of(asked, base, progress)
        return self._curves[market]


def curves_of(asked: Question, base: Scenario, progress: Progress | None = None) -> ResponseCurves:
    """From a file, or measured in the market."""
    if asked.curves is not None:
        return read_curves(Path(asked.curves), base)
    size: dict[str, Any] = {
        "seed": asked.seed,
        "customers": asked.customers,
        "workers": asked.workers,
    }
    measured: ResponseCurves = measure_curves(base, progress=progress, **size)
    return measured
