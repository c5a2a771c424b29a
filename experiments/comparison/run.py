"""compare: strategies in the same drawn worlds, with the same people and random streams.

Draws are numbered and keyed by their number, so a study of more draws has those of the smaller one
among them. A rule that stops where the estimated interval is narrow enough stops a little early:
fixed-width intervals cover somewhat less than they say at few draws (Chow and Robbins 1965), and
what they say in the limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

import pandas as pd

from experiments.comparison.feasible import (
    check_all_rules,
    check_estimates,
    check_money_rules,
)
from experiments.comparison.goals import goals_table
from experiments.comparison.last_year import figures_of, last_years, named_for_budget
from experiments.comparison.planning import Lived, choose, shared_errors
from experiments.comparison.result import Comparison, Study
from experiments.comparison.review import diary
from experiments.comparison.rules_kept import standings
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import USUAL
from experiments.comparison.strategy import Choice, Strategy
from experiments.comparison.tested import document_of_tests
from experiments.curves import check_plannable, measure_curves
from experiments.study import Clock, StudyError, draw_worlds, seeds_of_worlds
from optimize import ResponseCurves
from scenarios import Scenario
from sim import (
    Arm,
    MarketYear,
    RunError,
    Setting,
    WarmedUpMarket,
    Workers,
    checked_customers,
    checked_seed,
    measured_kpis,
    needs_of,
    run_here,
    settings_of,
    simulate_arms,
    simulate_histories,
    warm_up,
)
from tiermix.core.progress import Progress
from tiermix.core.seeds import MEASURED_CURVES, seed_of

MOST = 96
"""Draws after which a study ends, narrow or not, unless more are asked for at the start."""


def compare(
    scenario: Scenario,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    until: float | None = None,
    workers: Workers = None,
    known: ResponseCurves | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """What each strategy earns over drawn worlds; see `Comparison`.

    Strategies are names of the table, `module:name`, `plan:FILE` for a plan of your own, or
    `Strategy` objects; the usual ones unless given. Every world is one draw of what a planner
    cannot know: `replications` of them, each a market of `customers` (the scenario's numbers unless
    given). Its history is lived once; each strategy plans on what the company saw of it and is
    judged in that same world's next year. `known` curves are measured unless given. With `until`
    there are as many more draws, up to 96, as it takes until the 95 % interval of the best
    strategy's lead is no wider than that much of the objective either way. Raises `StrategyError`,
    `StudyError`, `RunError`, and `InfeasiblePlan` where no plan keeps the scenario's rules.
    """
    return study(
        scenario,
        strategies,
        replications=replications,
        seed=seed,
        customers=customers,
        until=until,
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
    until: float | None = None,
    workers: Workers = None,
    known: ResponseCurves | None = None,
    progress: Progress | None = None,
) -> Study:
    """The same with the plans and curves behind it."""
    tried = chosen(strategies or USUAL, scenario)
    check_until(until, len(tried))
    measuring = check(scenario, tried, known)
    count = checked_customers(scenario, customers)
    settings = _settings(scenario, seed, replications, count)
    clock = Clock(progress)
    warm_up(settings[0], clock.progress)
    clock.lap("compilation")
    if measuring:
        known = _measured(scenario, seed, count, workers, clock)
    check_all_rules(scenario, known)
    before: Lived | None = None
    while True:
        pasts = simulate_histories(
            settings, workers=workers, progress=clock.progress_of("last year")
        )
        clock.lap("history")
        found = judged(scenario, tried, pasts, known, seed, workers, clock, before=before)
        before, drawn = found.lived, found.comparison.replications
        more = further(found.comparison, until, drawn)
        if not more:
            return found
        settings = _settings(scenario, seed, drawn + more, count)[drawn:]


def judged(
    scenario: Scenario,
    tried: Sequence[Strategy],
    pasts: Sequence[WarmedUpMarket],
    known: ResponseCurves | None,
    seed: int,
    workers: Workers,
    clock: Clock,
    *,
    before: Lived | None = None,
) -> Study:
    """Each strategy plans on these pasts, and its plan is lived in the year after each of them.

    What was lived `before`, in draws of lower numbers, is judged with it.
    """
    names, said = [strategy.name for strategy in tried], clock.progress_of
    earlier = None if before is None else before.choices
    choices = choose(scenario, tried, pasts, known, workers, said("plans"), before=earlier)
    check_estimates(choices, known)
    clock.lap("plans")
    arms = [[Arm(choices[name][w].media) for name in names] for w in range(len(pasts))]
    years = simulate_arms(pasts, arms, workers=workers, progress=said("planned year"))
    clock.lap("planned year")
    shared = None
    if before is None:
        shared = shared_errors(scenario, tried, pasts[0], known, workers, said("measured curves"))
        clock.lap("error of measured curves")
    lived = Lived(list(pasts), choices, [list(mine) for mine in years], shared).after(before)
    comparison = _comparison(scenario, tried, seed, lived, workers)
    clock.lap("scorecards")
    return Study(replace(comparison, seconds=clock.seconds), lived.choices, known, lived)


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
    lived: Lived,
    workers: Workers,
) -> Comparison:
    names = [strategy.name for strategy in tried]
    pasts, choices, years = lived.pasts, lived.choices, lived.years
    goals = goals_table(scenario.goals, names, pasts, years, workers)
    return Comparison(
        scenario=scenario.name,
        seed=seed,
        customers=pasts[0].setting.customers,
        outcomes=outcomes_table(names, years, workers),
        plans=plans_table(choices),
        goals=goals,
        objective=scenario.objective,
        baseline="last_year" if "last_year" in names else names[0],
        currency=scenario.currency,
        scenario_hash=scenario.hash,
        tried=named_for_budget(tried, scenario),
        standings=standings(scenario, choices, years, goals, workers),
        notes=notes_of(choices),
        last_year=last_years(pasts, workers),
        shared=lived.shared,
        tests={name: document_of_tests(mine) for name, mine in choices.items()},
        diaries={name: diary([choice.diary for choice in mine]) for name, mine in choices.items()},
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


def outcomes_table(
    names: Sequence[str], years: Sequence[Sequence[MarketYear]], workers: Workers = None
) -> pd.DataFrame:
    """`strategy, world, scope, kpi, value, se` of every planned year."""
    found = run_here(lambda mine: [figures_of(year) for year in mine], years, workers=workers)
    frames = [
        figures.assign(strategy=name, world=world)
        for world, mine in enumerate(found)
        for name, figures in zip(names, mine, strict=True)
    ]
    columns = ["strategy", "world", "scope", "kpi", "value", "se"]
    return pd.concat(frames, ignore_index=True)[columns]


def plans_table(choices: dict[str, list[Choice]]) -> pd.DataFrame:
    """`strategy, world, channel, month, amount` of every plan, one by week summed up."""
    frames = [
        choice.media.monthly().to_frame().assign(strategy=name, world=world)
        for name, mine in choices.items()
        for world, choice in enumerate(mine)
    ]
    return pd.concat(frames, ignore_index=True)[["strategy", "world", "channel", "month", "amount"]]


class UntilDocument(TypedDict):
    """The half width asked for, the one reached, and of what."""

    asked: float
    half_width: float
    reached: bool
    lead: str


def lead_of(comparison: Comparison) -> tuple[str, float]:
    """Whose lead over whom decides, and the half width of its 95 % interval.

    That of the recommended strategy over the baseline; over its runner-up where it is the baseline.
    """
    best = comparison.recommended() or comparison.best()
    baseline = comparison.baseline
    if best.strategy != baseline and baseline in comparison.strategies:
        found = comparison.ahead(best.strategy, baseline)
        return f"{best.strategy} over {baseline}", (found.high - found.low) / 2
    if best.runner_up is None:
        return best.strategy, math.inf
    found = comparison.ahead(best.strategy, best.runner_up)
    return f"{best.strategy} over {best.runner_up}", (found.high - found.low) / 2


def check_until(until: float | None, strategies: int) -> None:
    """Raises `StudyError` for a width that nothing can have, or where nothing is compared."""
    if until is None:
        return
    if not (math.isfinite(until) and until > 0):
        raise StudyError(f"until: {until} is no width of an interval; give an amount above 0")
    if strategies < 2:
        raise StudyError("until: one strategy leads nobody; compare at least two")


def further(comparison: Comparison, until: float | None, drawn: int) -> int:
    """How many draws are still needed, at most as many as there are; 0 where it is enough.

    Widths fall with the root of the number. Half as many more at least, so that a study does not
    creep; twice as many at most, as the width is an estimate itself.
    """
    if until is None or drawn >= MOST:
        return 0
    _, half = lead_of(comparison)
    if half <= until:
        return 0
    needed = drawn * (half / until) ** 2 if math.isfinite(half) else 2 * drawn
    more = min(max(math.ceil(needed) - drawn, drawn // 2, 1), drawn)
    return min(more, MOST - drawn)


def told(comparison: Comparison, until: float) -> UntilDocument:
    """What was asked for and what was reached."""
    lead, half = lead_of(comparison)
    return {"asked": until, "half_width": half, "reached": half <= until, "lead": lead}
