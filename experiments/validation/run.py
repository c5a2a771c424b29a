"""validate: which attribution model can be trusted, in which market, and what it costs if not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.curves import measure_curves
from experiments.study import Clock, StudyError, draw_worlds
from experiments.validation.credit_regret import MEASURED, bare
from experiments.validation.estimands import check_estimand
from experiments.validation.failures import failures, without
from experiments.validation.oracle import oracle_tasks, truth_alone, with_oracle
from experiments.validation.result import Validation
from experiments.validation.sweeps import CUSTOMERS, LOOKBACK, Sweep, sweep_of
from experiments.validation.world import DrawResult, DrawTask, Models, examine, named_models
from optimize import allocate
from scenarios import MediaPlan, Scenario
from sim import Attachment, Setting, Workers, checked_customers, checked_seed, run_tasks, warm_up
from tiermix.core.progress import Progress, named
from tiermix.core.seeds import VALIDATED_CURVES, VALIDATED_WORLDS, seed_of

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
    sweep: str | None = None,
    values: Sequence[float] | None = None,
    until: float | None = None,
    bootstrap: int = 0,
    dial: str | None = None,
    attachments: tuple[Attachment, ...] = (),
    progress: Progress | None = None,
) -> Validation:
    """Models against the truth in drawn worlds, the same people and random streams for all.

    models: names, objects with `fit(log)`, or a mapping of names to either; the whole library if
    left out. Every model reads what the company saw of the planned year under last year's plan, on
    every touch; the truth is `estimand` (see `ESTIMANDS`) in that market. Plans made from each
    credit are judged in the same world with random streams of their own. Rows of reference
    (`REFERENCES`) stand beside the models. A model that raises, or credits what is no credit, costs
    its own row: `failed` says what happened; with every model it is an error.
    replications: worlds drawn from the scenario's uncertainty. customers: simulated in each.
    workers: a number of processes, all cores if None, or the address of a Dask scheduler.
    sweep, values: one of `SWEEPS`, or a dotted path with `values`; errors are given at each value,
    and no plans are judged. `dial` is its old name.
    until: half-width of the intervals of `misplaced` at which no more worlds are added, at most
    ten times `replications`. bootstrap: resamples for each model's own intervals, whose coverage
    is given then. attachments: processes of one's own that live in every market, as in `simulate`.
    Raises `StudyError` and `RunError`.
    """
    if dial is not None:
        warnings.warn("validate(dial=…) is now sweep=…", DeprecationWarning, stacklevel=2)
        sweep = dial
    chosen, count = named_models(models), checked_customers(scenario, customers)
    check_estimand(estimand, scenario.plannable)
    swept = None if sweep is None else sweep_of(sweep, values)
    if until is not None and not until > 0:
        raise StudyError(f"until: {until!r} is no half-width; give one above 0, such as 0.05")
    clock = Clock(progress)
    warm_up(Setting(scenario, count, seed, logging=True), progress)
    clock.lap("compilation")
    plans: Mapping[str, MediaPlan] | None = None
    if swept is None:
        plans = {
            MEASURED: _measured_plan(
                scenario, checked_seed(seed), count, attachments, workers, progress
            )
        }
        clock.lap("curves")
    study = _Study(
        scenario, chosen, count, seed, estimand, swept, plans, bootstrap, workers, attachments
    )
    return study.validation(len(draw_worlds(scenario, seed, replications)), until, clock)


class _Study:
    """What stays the same over the worlds of a validation."""

    def __init__(
        self,
        scenario: Scenario,
        models: Models,
        customers: int,
        seed: int,
        estimand: str,
        sweep: Sweep | None,
        plans: Mapping[str, MediaPlan] | None,
        draws: int,
        workers: Workers,
        attachments: tuple[Attachment, ...],
    ) -> None:
        self.scenario, self.models, self.customers, self.seed = scenario, models, customers, seed
        self.estimand, self.sweep, self.plans, self.draws = estimand, sweep, plans, draws
        self.workers, self.attachments = workers, attachments

    def validation(self, batch: int, until: float | None, clock: Clock) -> Validation:
        """A batch of worlds, and more of them until the intervals are narrow enough."""
        results: list[DrawResult] = []
        for turn in range(MOST_BATCHES):
            results += self.worlds(turn * batch, (turn + 1) * batch, clock, results)
            clock.lap("worlds" if turn == 0 else f"worlds, batch {turn + 1}")
            found = self.concluded(results, until, clock.seconds)
            if until is None or found.half_width <= until:
                break
        return found

    def worlds(
        self, first: int, last: int, clock: Clock, before: Sequence[DrawResult] = ()
    ) -> list[DrawResult]:
        """Results of worlds `first` to `last`, at every value of the sweep.

        `before` are those of earlier worlds, which the oracle knows as well. A single world has no
        other to know: the truth of one more is measured for it.
        """
        drawn = draw_worlds(self.scenario, self.seed, max(last, 2))[first:]
        tasks = [
            task for n, world in enumerate(drawn[: last - first], first)
            for task in self._tasks(n, world)
        ]  # fmt: skip
        work: dict[str, Any] = {"workers": self.workers}
        work["progress"] = named(clock.progress, "worlds")
        results = run_tasks(examine, tasks, **work)
        known = [one.truth for one in (*before, *results)]
        if last == 1:
            known += run_tasks(truth_alone, self._tasks(1, drawn[1]), **work)
        return run_tasks(with_oracle, oracle_tasks(tasks, results, known), **work)

    def _tasks(self, number: int, world: Scenario) -> list[DrawTask]:
        """The tasks of one world: one, or one for each value that changes its market."""
        if self.sweep is None or self.sweep.name == LOOKBACK:
            return [self._task(number, world, np.nan, self.customers)]
        sweep = self.sweep
        return [
            self._task(
                number, sweep.at(world, value), value, sweep.customers(self.customers, value)
            )
            for value in sweep.values
        ]

    def _task(self, number: int, world: Scenario, at: float, customers: int) -> DrawTask:
        back: tuple[float | None, ...] = (None,)
        if self.sweep is not None and self.sweep.name == LOOKBACK:
            back = self.sweep.values
        return DrawTask(
            number=number,
            scenario=self.scenario,
            world=world,
            customers=customers,
            seed=seed_of(VALIDATED_WORLDS, self.seed, number),
            models=self.models,
            estimand=self.estimand,
            at=float(customers) if self.sweep and self.sweep.name == CUSTOMERS else at,
            lookbacks=back,
            plans=self.plans,
            draws=self.draws,
            attachments=self.attachments,
        )

    def concluded(
        self, results: Sequence[DrawResult], until: float | None, seconds: dict[str, float]
    ) -> Validation:
        """What the results so far come to; raises `StudyError` where every model failed."""
        failed = failures(results)
        if len(failed) == len(self.models):
            raise StudyError(next(iter(failed.values())))
        return Validation(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.hash,
            seed=self.seed,
            customers=self.customers,
            models=tuple(name for name in self.models if name not in failed),
            estimand=self.estimand,
            draws=tuple(without(result, failed) for result in results),
            failed=failed,
            sweep=self.sweep.name if self.sweep else None,
            currency=self.scenario.currency,
            until=until,
            seconds=seconds,
        )


def _measured_plan(
    scenario: Scenario,
    seed: int,
    customers: int,
    attachments: tuple[Attachment, ...],
    workers: Workers,
    progress: Progress | None,
) -> MediaPlan:
    """The plan on curves measured in the scenario as written: a candidate for the best found."""
    curves = measure_curves(
        scenario,
        seed=seed_of(VALIDATED_CURVES, seed),
        customers=customers,
        kpis=("margin",),
        attachments=attachments,
        workers=workers,
        progress=progress,
    )
    return allocate(bare(scenario), curves, calm=False, explain=False).media
