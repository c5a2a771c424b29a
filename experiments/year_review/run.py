"""year_review: a real year so far held against its plan, and the rest of it planned again."""

from __future__ import annotations

import numpy as np

from experiments.year_review.actuals import Actuals
from experiments.year_review.decisions import decisions
from experiments.year_review.expected import Expected, expected
from experiments.year_review.findings import Judgement, judge
from experiments.year_review.moved import moved_curves
from experiments.year_review.outlook import Year, forecasts, level_so_far
from experiments.year_review.result import Delivery, Money, Outcome, YearReview
from optimize import (
    InfeasiblePlan,
    ResponseCurves,
    channel_errors,
    months_drawn,
    replan,
)
from scenarios import KpiFloor, MediaPlan, Scenario
from tiermix.core.progress import Progress

STABILITY = 0.1
"""Of the objective for each unit of money moved: smaller gains are taken for noise."""
GAP = 1e-3  # the curves are not worth a finer one


def year_review(
    scenario: Scenario,
    curves: ResponseCurves,
    plan: MediaPlan,
    actuals: Actuals,
    *,
    stability: float = STABILITY,
    seed: int = 0,
    progress: Progress | None = None,
) -> YearReview:
    """Plan against actual, which channels deliver otherwise than expected, how the year will end,
    and the rest of it planned again.

    `curves` are those that the plan was made of. They are moved only by what differs more than a
    year that goes as expected would, by chance, one time in twenty. Raises `InfeasiblePlan`
    where no plan of the rest keeps the rules on money, `UndecidedPlan`, and `ReviewError`.
    """
    say = progress or (lambda what, done, total: None)
    plan = plan.monthly()  # actuals are held against months
    say("review", 0, 3)
    actual = actuals.spent(plan)
    seen = expected(scenario, curves, actual, actuals, actuals.kpi)
    found = judge(seen, actuals, seed)
    now = moved_curves(scenario, curves, found.findings)
    say("review", 1, 3)
    made, lost = replanned(scenario, now, plan, actual, actuals.passed, stability)
    say("review", 2, 3)
    told = decisions(scenario, now, actual, made, actuals.passed, found.findings)
    # The level is judged against curves that hold what was found, or it would count twice.
    again = expected(scenario, now, actual, actuals, actuals.kpi) if found.findings else seen
    year = Year(scenario, now, actuals, level_so_far(again), seen.season, seed)
    review = YearReview(
        scenario.name, scenario.hash, scenario.currency, scenario.objective,
        tuple(scenario.months), actuals.passed, actuals.source, curves.source, actuals.kpi,
        _money(plan, actual, actuals), _outcomes(scenario, curves, plan, actual, actuals, seen),
        _channels(scenario, curves, actual, actuals, seen, found), found, actual, made,
        forecasts(year, actual), forecasts(year, made), told, lost, actuals.remarks,
    )  # fmt: skip
    say("review", 3, 3)
    return review


def replanned(
    scenario: Scenario,
    curves: ResponseCurves,
    plan: MediaPlan,
    actual: MediaPlan,
    passed: int,
    stability: float = STABILITY,
) -> tuple[MediaPlan, tuple[str, ...]]:
    """The rest of the year planned again, and the rules that had to be given up for it.

    A year in which less happens than was planned for may be past keeping a rule on what money
    brings: such rules go, floors first, until a plan is left; rules on money stay. Raises
    `InfeasiblePlan` where those alone cannot hold together, and `UndecidedPlan`.
    """
    lost: list[str] = []
    while True:
        try:
            made = replan(
                scenario, curves, plan, actual,
                passed=passed, stability=stability, gap=GAP, explain=False,
            )  # fmt: skip
            return made.media, tuple(lost)
        except InfeasiblePlan as nothing:
            name = _can_be_given_up(scenario, nothing)
            if name is None:
                raise
            lost.append(name)
            scenario = _without(scenario, name)


def _can_be_given_up(scenario: Scenario, nothing: InfeasiblePlan) -> str | None:
    """A rule of the conflict that speaks of what money brings: a goal, else a floor, else any."""
    goals = [goal.name for goal in scenario.goals if goal.as_rule]
    rules = [rule for rule in scenario.rules if rule.on_outcomes]
    floors = [rule.name for rule in rules if isinstance(rule, KpiFloor)]
    order = [*goals, *floors, *(rule.name for rule in rules)]
    return next((name for name in order if name in nothing.conflict), None)


def _without(scenario: Scenario, name: str) -> Scenario:
    rules = tuple(rule for rule in scenario.rules if rule.name != name)
    goals = tuple(
        goal.model_copy(update={"as_rule": False}) if goal.name == name else goal
        for goal in scenario.goals
    )
    return scenario.model_copy(update={"rules": rules, "goals": goals})


def _money(plan: MediaPlan, actual: MediaPlan, actuals: Actuals) -> tuple[Money, ...]:
    return tuple(
        Money(month, name, float(plan.of(name)[m]), float(actual.of(name)[m]))
        for m, month in enumerate(actuals.months[: actuals.passed])
        for name in actuals.channels
    )


def _outcomes(
    scenario: Scenario,
    curves: ResponseCurves,
    plan: MediaPlan,
    actual: MediaPlan,
    actuals: Actuals,
    seen: Expected,
) -> tuple[Outcome, ...]:
    """Each KPI that was counted, by passed month."""
    rows = []
    for kpi in actuals.outcomes:
        if kpi not in curves.kpis:
            continue
        mine = seen if kpi == seen.kpi else expected(scenario, curves, actual, actuals, kpi)
        planned = months_drawn(scenario, curves, plan, kpi).mean(axis=0)
        due = mine.month.T @ mine.mean / actuals.covered
        error = np.sqrt((mine.month.T @ mine.covariance @ mine.month).diagonal()) / actuals.covered
        came = actuals.by_month(kpi)
        for m, month in enumerate(actuals.months[: actuals.passed]):
            figures = (planned[m], due[m], error[m], came[m])
            rows.append(Outcome(month, kpi, *(float(x) for x in figures)))
    return tuple(rows)


def _channels(
    scenario: Scenario,
    curves: ResponseCurves,
    actual: MediaPlan,
    actuals: Actuals,
    seen: Expected,
    found: Judgement,
) -> tuple[Delivery, ...]:
    """What each channel was to bring so far, and whether it did."""
    errors = channel_errors(scenario, curves, actual, seen.kpi)
    rows = []
    for c, name in enumerate(actuals.channels):
        due, one = float(seen.channels[0, c].sum()), found.of(name)
        way = "as expected" if one is None else "less" if one.change < 0 else "more"
        error = due * errors.get(name, np.nan)
        rows.append(Delivery(name, due, error, way, "" if one is None else one.words))
    return tuple(rows)
