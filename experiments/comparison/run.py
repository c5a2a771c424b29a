"""compare: strategies in the same drawn worlds, with the same people and random streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pandas as pd

from experiments.comparison.feasible import (
    check_all_rules,
    check_estimates,
    check_money_rules,
)
from experiments.comparison.goals import goals_table
from experiments.comparison.last_year import last_years, named_for_budget
from experiments.comparison.paired import SharedErrors
from experiments.comparison.result import Comparison, Study
from experiments.comparison.rules_kept import standings
from experiments.comparison.selection import choice_of, chosen
from experiments.comparison.strategies import USUAL, last_click_revenue
from experiments.comparison.strategy import Choice, Knowledge, Strategy
from experiments.comparison.tested import document_of_tests
from experiments.curves import check_plannable, estimated, measure_curves
from experiments.study import Clock, draw_worlds, seeds_of_worlds
from optimize import ResponseCurves, forecast
from scenarios import Scenario
from sim import (
    Arm,
    MarketYear,
    RunError,
    Scorecard,
    Setting,
    WarmedUpMarket,
    Workers,
    aggregates_frame,
    checked_customers,
    checked_seed,
    measured_kpis,
    needs_of,
    run_tasks,
    settings_of,
    simulate_arms,
    simulate_histories,
    warm_up,
)
from tiermix.core.progress import Progress
from tiermix.core.seeds import ESTIMATED_CURVES, MEASURED_CURVES, seed_of

CURVE_DRAWS = 8
"""Draws of measured curves that are planned on: their spread is known to a quarter."""
COMPARED = ("all", "tier", "channel")
"""Scopes that are kept of every strategy and world; a run's own scorecard has them all."""


def compare(
    scenario: Scenario,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    known: ResponseCurves | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """What each strategy earns over drawn worlds; see `Comparison`.

    Strategies are names of the table, `module:name`, `plan:FILE` for a plan of your own, or
    `Strategy` objects; the usual ones unless given. Every world is one draw of what a planner
    cannot know: `replications` of them, each a market of `customers` (the scenario's numbers unless
    given). Its history is lived once; each strategy plans on what the company saw of it and is
    judged in that same world's next year. `known` curves are measured unless given. Raises
    `StrategyError`, `RunError`, and `InfeasiblePlan` where no plan keeps the scenario's rules.
    """
    return study(
        scenario,
        strategies,
        replications=replications,
        seed=seed,
        customers=customers,
        workers=workers,
        known=known,
        progress=progress,
    ).comparison


def study(
    scenario: Scenario,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    known: ResponseCurves | None = None,
    progress: Progress | None = None,
) -> Study:
    """The same with the plans and curves behind it."""
    tried = chosen(strategies or USUAL, scenario)
    measuring = check(scenario, tried, known)
    count = checked_customers(scenario, customers)
    settings = _settings(scenario, seed, replications, count)
    clock = Clock(progress)
    warm_up(settings[0], clock.progress)
    clock.lap("compilation")
    if measuring:
        known = _measured(scenario, seed, count, workers, clock)
    check_all_rules(scenario, known)
    pasts = simulate_histories(settings, workers=workers, progress=clock.progress_of("last year"))
    clock.lap("history")
    return judged(scenario, tried, pasts, known, seed, workers, clock)


def judged(
    scenario: Scenario,
    tried: Sequence[Strategy],
    pasts: Sequence[WarmedUpMarket],
    known: ResponseCurves | None,
    seed: int,
    workers: Workers,
    clock: Clock,
) -> Study:
    """Each strategy plans on these pasts, and its plan is lived in the year after each of them."""
    names, count = [strategy.name for strategy in tried], pasts[0].setting.customers
    choices = choose(scenario, tried, pasts, known, workers, clock.progress_of("plans"))
    check_estimates(choices, known)
    clock.lap("plans")
    shared = shared_errors(
        scenario, tried, pasts[0], known, workers, clock.progress_of("measured curves")
    )
    clock.lap("error of measured curves")
    arms = [[Arm(choices[name][w].media) for name in names] for w in range(len(pasts))]
    planned_progress = clock.progress_of("planned year")
    years = simulate_arms(pasts, arms, workers=workers, progress=planned_progress)
    clock.lap("planned year")
    comparison = _comparison(scenario, tried, seed, count, pasts, choices, years)
    comparison = replace(comparison, shared=shared)
    clock.lap("scorecards")
    return Study(replace(comparison, seconds=clock.seconds), choices, known)


def check(scenario: Scenario, tried: Sequence[Strategy], known: ResponseCurves | None) -> bool:
    """Refuse what cannot be compared, before anything is paid for; whether curves are measured."""
    check_measured(scenario)
    measuring = known is None and any(strategy.needs_curves for strategy in tried)
    if measuring:
        check_plannable(scenario)
    check_money_rules(scenario)
    return measuring


def _measured(
    scenario: Scenario, seed: int, customers: int, workers: Workers, clock: Clock
) -> ResponseCurves:
    """The scenario's own curves."""
    mine = seed_of(MEASURED_CURVES, checked_seed(seed))
    found = measure_curves(
        scenario, seed=mine, customers=customers, workers=workers, progress=clock.progress
    )
    clock.lap("curves")
    return found


def _settings(
    scenario: Scenario, seed: int, replications: int | None, customers: int
) -> list[Setting]:
    """Every drawn world, each with its own random streams."""
    worlds = draw_worlds(scenario, seed, replications)
    return settings_of(worlds, customers, seeds_of_worlds(seed, len(worlds)))


def _comparison(
    scenario: Scenario,
    tried: Sequence[Strategy],
    seed: int,
    customers: int,
    pasts: Sequence[WarmedUpMarket],
    choices: dict[str, list[Choice]],
    years: Sequence[Sequence[MarketYear]],
) -> Comparison:
    names = [strategy.name for strategy in tried]
    goals = goals_table(scenario.goals, names, pasts, years)
    return Comparison(
        scenario=scenario.name,
        seed=seed,
        customers=customers,
        outcomes=outcomes_table(names, years),
        plans=plans_table(choices),
        goals=goals,
        objective=scenario.objective,
        baseline="last_year" if "last_year" in names else names[0],
        currency=scenario.currency,
        scenario_hash=scenario.hash,
        tried=named_for_budget(tried, scenario),
        standings=standings(scenario, choices, years, goals),
        notes=notes_of(choices),
        last_year=last_years(pasts),
        tests={name: document_of_tests(mine) for name, mine in choices.items()},
    )


def notes_of(choices: Mapping[str, Sequence[Choice]]) -> dict[str, str]:
    """What strategies had to say about their plans, such as that they found none."""
    said = {name: [c.note for c in mine if c.note] for name, mine in choices.items()}
    return {
        name: f"in {len(lines)} of {len(choices[name])} worlds: {lines[0]}"
        for name, lines in said.items()
        if lines
    }


def check_measured(scenario: Scenario) -> None:
    """Refuse an objective or a goal on a KPI that the simulator does not measure."""
    measured = measured_kpis(scenario)
    if scenario.objective not in measured:
        raise RunError(
            f"objective: this market does not measure '{scenario.objective}'"
            f"{needs_of(scenario.objective)}; use one of {', '.join(sorted(measured))}"
        )
    for goal in scenario.goals:
        known = measured if goal.tier is None else measured_kpis(scenario, f"tier:{goal.tier}")
        known = known if goal.period == "year" else known & measured_kpis(scenario, "quarter")
        if goal.kpi not in known or (goal.tier is not None and goal.period != "year"):
            raise RunError(
                f"goals.{goal.name}: this market does not measure '{goal.kpi}' "
                f"{f'for tier {goal.tier}' if goal.tier else 'over ' + goal.period}"
                f"{'' if goal.kpi in measured else needs_of(goal.kpi)}; use one of "
                f"{', '.join(sorted(known))}{', over the year' if goal.tier else ''}"
            )


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
) -> dict[str, list[Choice]]:
    """Each strategy's choice in each world; the planner knows the scenario, not the world."""
    same = tuple(s for s in strategies if s.same_in_every_world)
    differ = tuple(s for s in strategies if not s.same_in_every_world)
    lent = known if any(s.needs_curves for s in differ) else None
    tasks = [
        _PlanTask(differ, scenario, p.year, lent, w == 0, p.setting.seed, p.setting)
        for w, p in enumerate(pasts)
    ]
    first = pasts[0]
    tasks.insert(0, _PlanTask(same, scenario, first.year, known, True, first.setting.seed))
    everywhere, *by_world = run_tasks(_plan, tasks, workers=workers, progress=progress)
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


def _plan(task: _PlanTask) -> dict[str, Choice]:
    seen = replace(task.year, scenario=task.scenario)
    aggregates = aggregates_frame(seen)
    learned = partial(estimated, seen, aggregates, seed=seed_of(ESTIMATED_CURVES, task.seed))
    knows = Knowledge(
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
    return {strategy.name: choice_of(strategy, knows) for strategy in task.strategies}


def outcomes_table(names: Sequence[str], years: Sequence[Sequence[MarketYear]]) -> pd.DataFrame:
    """`strategy, world, scope, kpi, value, se` of every planned year."""
    frames = []
    for world, mine in enumerate(years):
        for name, year in zip(names, mine, strict=True):
            card = Scorecard(year)
            scopes = [x for x in card.scopes() if x.partition(":")[0] in COMPARED]
            frames.append(card.table(scopes).assign(strategy=name, world=world))
    columns = ["strategy", "world", "scope", "kpi", "value", "se"]
    return pd.concat(frames, ignore_index=True)[columns]


def plans_table(choices: dict[str, list[Choice]]) -> pd.DataFrame:
    """`strategy, world, channel, month, amount` of every plan."""
    frames = [
        choice.media.to_frame().assign(strategy=name, world=world)
        for name, mine in choices.items()
        for world, choice in enumerate(mine)
    ]
    return pd.concat(frames, ignore_index=True)[["strategy", "world", "channel", "month", "amount"]]
