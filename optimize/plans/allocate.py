"""allocate: scenario and curves in, the annual plan out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from optimize.curves.curves import UNUSED, ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.model.robust import Robust, worst
from optimize.plans.calm import Calm, Settled, settled
from optimize.plans.forecast import by_month, expected, interval
from optimize.plans.plan import Objective, Plan
from optimize.plans.ranges import ranges
from optimize.problem.checks import check_curves
from optimize.problem.goal_programming import goal_task
from optimize.problem.kept import broken_rules
from optimize.problem.task import GOALS, Task, made_robust, make_task
from optimize.solver import conflict
from optimize.solver.certificate import Certified, NothingFits, certify
from optimize.solver.integers import SECONDS, Limit, best_plan, polished, status_of
from optimize.solver.prices import Price, shadow_prices
from scenarios import plan_periods
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress

CONCAVE_GAP = 1e-4
INTEGER_GAP = 1e-3
ROBUST_GAP = 1e-3


def allocate(
    scenario: Planning,
    curves: ResponseCurves,
    *,
    budget: float | None = None,
    objective: str | Mapping[str, float] | None = None,
    gap: float | None = None,
    robust: Robust | bool | None = None,
    calm: Calm | bool = True,
    explain: bool = True,
    seconds: float = SECONDS,
    progress: Progress | None = None,
) -> Plan:
    """The best plan under the scenario's rules, with certificate and prices.

    Of all plans that are nearly as good (0.1 % of the objective; `Calm` says how far) it is the one
    that changes least from month to month, in round amounts; with `calm=False` the best one to the
    last digit. Certificate and prices are the best one's, and `objective.loss` says what calm cost.

    `budget` (money of the year) and `objective` replace the scenario's: a KPI, "spend" for least
    spend, "goals" for the least shortfall of the scenario's goals, or weights per KPI. `gap` is
    relative: 1e-4, or 1e-3 where integers are needed or the plan is to be `robust` over the
    curves' draws (True, or a `Robust` with weight and tail).
    Without `explain` prices, ranges and intervals are left out, where thousands of plans are made.
    Where integers are needed and the gap is not reached after so many `seconds`, the best plan so
    far is returned with its own gap and the status "time_limit"; `progress` hears the gap. Without
    integers it is the best that refinements found, with the status "feasible".
    Raises `InfeasiblePlan` with conflict and least relaxation, `UndecidedPlan` when there is no
    plan in time, `AllocationError` for what cannot be planned.
    """
    started = time.perf_counter()
    limit = Limit(seconds, progress)
    task = task_of(scenario, curves, budget=budget, objective=objective)
    return answer(
        task, gap=gap, robust=robust, calm=calm, explain=explain, started=started, limit=limit
    )


def task_of(
    scenario: Planning,
    curves: ResponseCurves,
    *,
    budget: float | None = None,
    objective: str | Mapping[str, float] | None = None,
) -> Task:
    """The question that a scenario asks of curves; raises `AllocationError` as `allocate` does."""
    task = make_task(ResponseModel(scenario, curves), budget=budget, objective=objective)
    check_curves(task)
    return goal_task(task) if task.name == GOALS else task


def answer(
    task: Task,
    *,
    gap: float | None,
    robust: Robust | bool | None,
    calm: Calm | bool,
    explain: bool,
    started: float,
    limit: Limit | None = None,
    search: Callable[[Task, float, Limit | None], Certified] = best_plan,
) -> Plan:
    """The plan that answers a task, as `search` finds it; raises as `allocate` does."""
    wanted = gap if gap is not None else (INTEGER_GAP if task.has_integers else CONCAVE_GAP)
    if robust:
        task = made_robust(task, robust if isinstance(robust, Robust) else Robust())
        wanted = gap if gap is not None else ROBUST_GAP
    try:
        found = search(task, wanted, limit)
        fine = polished(task, found) if explain else found
    except NothingFits as nothing:
        raise conflict.explain(task, nothing) from None
    prices = shadow_prices(task, fine) if explain else []
    # Pieces so fine that slopes are right can be finer than the solver's tolerance where a curve is
    # endlessly steep: prices may rest on them, a plan that breaks a rule by it may not.
    found = found if explain and broken_rules(task, fine.spend) else fine
    kept = Settled(found.spend, 0.0)
    if calm:
        kept = settled(task, found, calm if isinstance(calm, Calm) else Calm())
    made = _plan(task, found, kept, prices, started)
    if explain:
        made = _explained(made, task, found, kept)
    provenance = {**made.provenance, "gap_asked": wanted}
    seconds = time.perf_counter() - started
    status = status_of(task, found, wanted)
    return replace(made, status=status, provenance=provenance, seconds=seconds)


def _explained(made: Plan, task: Task, found: Certified, kept: Settled) -> Plan:
    """The plan with intervals, ranges, and what being robust costs and brings."""
    model = task.response_model
    average = replace(task, robust=None)
    against = certify(average, ROBUST_GAP).spend if task.robust else None
    return replace(
        made,
        intervals=interval(model, kept.spend),
        ranges=_ranges(task, found, kept.spend),
        unused=_unused(model, made),
        robustness=_robustness(task, kept.spend, against),
    )


def _ranges(task: Task, best: Certified, spend: Floats) -> dict[str, tuple[float, float]]:
    """How far each channel's year can move; not told of plans by week, whose programs are large."""
    model = task.response_model
    if plan_periods.unit_of(model.months) != "month":
        return {}
    moves = ranges(task, best, spend).tolist()
    return {name: (low, high) for name, (low, high) in zip(model.channels, moves, strict=True)}


def _unused(model: ResponseModel, made: Plan) -> dict[str, float]:
    """Money by channel that is not expected to be spent, where that is more than a trifle."""
    planned = made.monthly.by_channel
    left = {name: money - model.curves.spent_of(name, money) for name, money in planned.items()}
    return {name: money for name, money in left.items() if money > UNUSED * planned[name]}


def _robustness(task: Task, spend: Floats, against: Floats | None) -> dict[str, float]:
    """Mean and CVaR of the objective's outcomes under a robust plan and the one for the average."""
    if against is None or task.bundle is None or task.robust is None:
        return {}
    mine, other = (task.bundle.outcomes(task.parts, plan) for plan in (spend, against))
    tail = task.robust.tail
    return {
        "mean": float(mine.mean()),
        "cvar": worst(mine, tail),
        "average_plan_mean": float(other.mean()),
        "average_plan_cvar": worst(other, tail),
        "price": float(other.mean() - mine.mean()),
        "gain": worst(mine, tail) - worst(other, tail),
    }


def _plan(
    task: Task, certificate: Certified, kept: Settled, prices: list[Price], started: float
) -> Plan:
    model, spend = task.response_model, kept.spend
    media = model.plan_of(spend)
    value = task.value(spend)
    return Plan(
        media=media,
        objective=Objective(
            task.name,
            value,
            min(certificate.lower, value),
            max(certificate.upper, value),
            certificate.gap,
            task.after(spend),
            kept.loss,
        ),
        kpis=expected(model, spend),
        by_month=by_month(model, spend),
        intervals={},
        shadow_prices=tuple(prices),
        binding=tuple(dict.fromkeys(price.rule for price in prices if price.binds)),
        seconds=time.perf_counter() - started,
        step=kept.step,
        remarks=kept.remarks,
        prior_only=model.curves.prior_only,
        untried=model.curves.untried,
        provenance={
            "scenario": model.scenario.name,
            "plan_hash": media.hash,
            "curves": model.curves.source,
            "budget": task.budget,
            "passes": certificate.passes,
            "rules": [rule.model_dump(mode="json") for rule in task.rules],
        },
    )
