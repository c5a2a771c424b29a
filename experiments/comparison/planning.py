"""What each strategy chooses in each drawn world, and the error that measured curves bring in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pandas as pd

from experiments.comparison.paired import SharedErrors
from experiments.comparison.selection import choice_of
from experiments.comparison.strategies import last_click_revenue
from experiments.comparison.strategy import Choice, Knowledge, Strategy
from experiments.curves import estimated
from optimize import ResponseCurves, forecast
from scenarios import Scenario
from sim import MarketYear, Setting, WarmedUpMarket, Workers, aggregates_frame, run_tasks
from tiermix.core.progress import Progress
from tiermix.core.seeds import ESTIMATED_CURVES, seed_of

CURVE_DRAWS = 8
"""Draws of measured curves that are planned on: their spread is known to a quarter."""


@dataclass(frozen=True)
class Lived:
    """What was lived so far: last years and planned years by draw, choices by strategy and draw.

    `shared` are the errors that all draws have in common, told once.
    """

    pasts: list[WarmedUpMarket]
    choices: dict[str, list[Choice]]
    years: list[list[MarketYear]]
    shared: SharedErrors | None

    def after(self, before: Lived | None) -> Lived:
        """The same behind what was lived before."""
        if before is None:
            return self
        choices = {name: [*before.choices[name], *mine] for name, mine in self.choices.items()}
        years = [*before.years, *self.years]
        return Lived([*before.pasts, *self.pasts], choices, years, before.shared)


@dataclass(frozen=True)
class _PlanTask:
    """One world's planning; the program runs in the worker."""

    strategies: tuple[Strategy, ...]
    scenario: Scenario
    year: MarketYear
    known: ResponseCurves | None
    explain: bool
    seed: int
    drawn: Setting | None = None
    gap: float | None = None
    calm: bool = True


def choose(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    pasts: Sequence[WarmedUpMarket],
    known: ResponseCurves | None,
    workers: Workers = None,
    progress: Progress | None = None,
    *,
    before: Mapping[str, list[Choice]] | None = None,
) -> dict[str, list[Choice]]:
    """Each strategy's choice in each world; the planner knows the scenario, not the world.

    `before` are the choices in worlds that came earlier: what is the same in every world is not
    planned again, and prices are told of the first world alone.
    """
    same = tuple(s for s in strategies if s.same_in_every_world)
    differ = tuple(s for s in strategies if not s.same_in_every_world)
    lent = known if any(s.needs_curves for s in differ) else None
    tasks = [
        _PlanTask(differ, scenario, p.year, lent, w == 0 and not before, p.setting.seed, p.setting)
        for w, p in enumerate(pasts)
    ]
    first = pasts[0]
    once = _PlanTask(same, scenario, first.year, known, True, first.setting.seed)
    planned = run_tasks(
        _plan, tasks if before else [once, *tasks], workers=workers, progress=progress
    )
    known_before = [{s.name: before[s.name][0] for s in same}] if before else []
    everywhere, *by_world = [*known_before, *planned]
    return {
        s.name: [everywhere[s.name]] * len(pasts)
        if s.same_in_every_world
        else [choices[s.name] for choices in by_world]
        for s in strategies
    }


def shared_errors(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    past: WarmedUpMarket,
    known: ResponseCurves | None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> SharedErrors | None:
    """What measuring the curves once adds to the error of plans on them, in all worlds alike.

    Curves are drawn from the error of their measurement, each draw is planned on, and its plan is
    judged on the curves as measured: the spread of what these plans bring is how far another
    measurement would have moved the figures. None where no strategy plans on measured curves, or
    these tell no error.
    """
    mine = tuple(s for s in strategies if s.needs_curves and s.same_in_every_world)
    if known is None or not mine or not known.draws:
        return None
    count, seed = min(CURVE_DRAWS, known.draws), past.setting.seed
    tasks = [
        _PlanTask(mine, scenario, past.year, known.draw(d), False, seed, gap=1e-3, calm=False)
        for d in range(count)
    ]
    drawn = run_tasks(_plan, tasks, workers=workers, progress=progress)
    forecasts: dict[tuple[str, str], tuple[float, ...]] = {}
    for strategy in mine:
        told = [forecast(scenario, known, choices[strategy.name].media) for choices in drawn]
        table = pd.DataFrame(told)
        forecasts |= {(strategy.name, str(k)): tuple(map(float, table[k])) for k in table}
    errors = {key: float(np.std(values, ddof=1)) for key, values in forecasts.items()}
    return SharedErrors(errors, count, forecasts)


@dataclass(frozen=True)
class _BudgetTask:
    """One world's planning for several budgets: the same estimates, asked once."""

    task: _PlanTask
    scenarios: tuple[Scenario, ...]


def choose_at(
    scenario: Scenario,
    scenarios: Sequence[Scenario],
    strategy: Strategy,
    pasts: Sequence[WarmedUpMarket],
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[list[Choice]]:
    """A strategy's choice in each world for each of these scenarios, `scenario` at other budgets.

    By world, then by scenario. Programs give the best plan itself, not the calmest that is nearly
    as good: so plans differ by the money that they have, and by nothing that is rounded.
    """
    tasks = [
        _BudgetTask(
            _PlanTask((strategy,), scenario, p.year, None, False, p.setting.seed, calm=False),
            tuple(scenarios),
        )
        for p in pasts
    ]
    return run_tasks(_plan_at, tasks, workers=workers, progress=progress)


def _plan_at(asked: _BudgetTask) -> list[Choice]:
    knows, (strategy,) = _knowledge(asked.task), asked.task.strategies
    return [choice_of(strategy, replace(knows, scenario=one)) for one in asked.scenarios]


def _plan(task: _PlanTask) -> dict[str, Choice]:
    knows = _knowledge(task)
    return {strategy.name: choice_of(strategy, knows) for strategy in task.strategies}


def _knowledge(task: _PlanTask) -> Knowledge:
    seen = replace(task.year, scenario=task.scenario)
    aggregates = aggregates_frame(seen)
    learned = partial(estimated, seen, aggregates, seed=seed_of(ESTIMATED_CURVES, task.seed))
    return Knowledge(
        task.scenario,
        last_click_revenue(aggregates),
        cache(learned),
        task.known,
        task.explain,
        task.drawn,
        task.gap,
        lambda tests: learned(lift=tests),
        task.calm,
    )
