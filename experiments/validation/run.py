"""validate: which attribution model can be trusted, in which market, and what it costs if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.curves import measure_curves
from experiments.study import Clock, StudyError, draw_worlds
from experiments.validation.credit_regret import MEASURED, bare
from experiments.validation.estimands import check_estimand
from experiments.validation.result import Validation
from experiments.validation.sweeps import CUSTOMERS, LOOKBACK, Dial, dial_of
from experiments.validation.world import Case, Findings, Models, examine, named_models
from optimize import allocate
from scenarios import MediaPlan, Scenario
from sim import (
    Setting,
    Workers,
    checked_customers,
    checked_seed,
    default_workers,
    run_tasks,
    warm_up,
)
from tiermix.core.progress import Progress
from tiermix.core.seeds import VALIDATED_CURVES, VALIDATED_WORLDS

"""Luck of the worlds and of the measured curves, far from each other and from other studies'."""
MOST_BATCHES = 10
"""An interval that has not come after so many times the replications does not come cheaply."""


def validate(
    scenario: Scenario,
    models: Sequence[Any] | Mapping[str, Any] | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    estimand: str = "removal",
    dial: str | None = None,
    values: Sequence[float] | None = None,
    until: float | None = None,
    bootstrap: int = 0,
    progress: Progress | None = None,
) -> Validation:
    """Models against the truth in `replications` drawn worlds, the same people and luck for all.

    `models`: names, objects with `fit(log)`, or a mapping of names to either; all of the library if
    left out. Every model reads what the company saw of the planned year under last year's plan; the
    truth is `estimand` in that market. Plans made from each credit are judged in the same world
    with fresh luck. With a `dial` (see `DIALS`, or a dotted path with `values`) errors are told at
    each of its values, and no plans are judged. `until`: worlds are added until every model's
    interval of `misplaced` reaches no further than this from its mean (at most ten times
    `replications`). `bootstrap`: draws for each model's own intervals, whose coverage is then
    told. Raises `StudyError`, `RunError`.
    """
    chosen, count = named_models(models), checked_customers(scenario, customers)
    check_estimand(estimand, scenario.plannable)
    turned = None if dial is None else dial_of(dial, values)
    if until is not None and not until > 0:
        raise StudyError(f"until: {until!r} is no half-width; give one above 0, such as 0.05")
    clock = Clock(progress)
    warm_up(Setting(scenario, count, seed, logging=True), progress)
    clock.lap("compilation")
    plans: Mapping[str, MediaPlan] | None = None
    if turned is None:
        plans = {MEASURED: _measured_plan(scenario, checked_seed(seed), count, workers, progress)}
        clock.lap("curves")
    batch = len(draw_worlds(scenario, seed, replications))
    study = _Study(scenario, chosen, count, seed, estimand, turned, plans, bootstrap, workers)
    findings: list[Findings] = []
    for turn in range(MOST_BATCHES):
        findings += study.worlds(turn * batch, (turn + 1) * batch, clock)
        clock.lap("worlds" if turn == 0 else f"worlds, batch {turn + 1}")
        found = study.concluded(findings, until, clock.seconds)
        if until is None or found.half_width <= until:
            break
    return found


class _Study:
    """What stays the same over the worlds of a validation."""

    def __init__(
        self,
        scenario: Scenario,
        models: Models,
        customers: int,
        seed: int,
        estimand: str,
        dial: Dial | None,
        plans: Mapping[str, MediaPlan] | None,
        draws: int,
        workers: Workers,
    ) -> None:
        self.scenario, self.models, self.customers, self.seed = scenario, models, customers, seed
        self.estimand, self.dial, self.plans, self.draws = estimand, dial, plans, draws
        self.workers = workers or default_workers()

    def worlds(self, first: int, last: int, clock: Clock) -> list[Findings]:
        """Findings of worlds `first` to `last`, at every value of the dial."""
        drawn = draw_worlds(self.scenario, self.seed, last)[first:]
        cases = [case for n, world in enumerate(drawn, first) for case in self._cases(n, world)]
        return run_tasks(examine, cases, workers=self.workers, progress=clock.of("worlds"))

    def _cases(self, number: int, world: Scenario) -> list[Case]:
        """The cases of one world: one, or one for each value that changes its market."""
        if self.dial is None or self.dial.name == LOOKBACK:
            return [self._case(number, world, np.nan, self.customers)]
        dial = self.dial
        return [
            self._case(
                number, dial.turned(world, value), value, dial.customers(self.customers, value)
            )
            for value in dial.values
        ]

    def _case(self, number: int, world: Scenario, at: float, customers: int) -> Case:
        back: tuple[float | None, ...] = (None,)
        if self.dial is not None and self.dial.name == LOOKBACK:
            back = self.dial.values
        return Case(
            number=number,
            scenario=self.scenario,
            world=world,
            customers=customers,
            seed=VALIDATED_WORLDS + self.seed + number,
            models=self.models,
            estimand=self.estimand,
            at=float(customers) if self.dial and self.dial.name == CUSTOMERS else at,
            lookbacks=back,
            plans=self.plans,
            draws=self.draws,
        )

    def concluded(
        self, findings: Sequence[Findings], until: float | None, seconds: dict[str, float]
    ) -> Validation:
        """What the findings so far come to."""
        return Validation(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.hash,
            seed=self.seed,
            customers=self.customers,
            models=tuple(self.models),
            estimand=self.estimand,
            findings=tuple(findings),
            dial=self.dial.name if self.dial else None,
            currency=self.scenario.currency,
            until=until,
            seconds=seconds,
        )


def _measured_plan(
    scenario: Scenario, seed: int, customers: int, workers: Workers, progress: Progress | None
) -> MediaPlan:
    """The plan on curves measured in the scenario as written: a candidate for the best found."""
    curves = measure_curves(
        scenario,
        seed=seed + VALIDATED_CURVES,
        customers=customers,
        kpis=("margin",),
        workers=workers,
        progress=progress,
    )
    return allocate(bare(scenario), curves).media
