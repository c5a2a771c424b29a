"""S-shaped curves under rules: bounds that hold, rules that are kept, and a time limit."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Plan, ResponseCurves, UndecidedPlan, dial, frontier
from optimize.model.linearisation import Pieces, Side
from optimize.model.response_model import ResponseModel
from optimize.problem.task import Task, make_task
from optimize.solver import integers
from optimize.solver.certificate import built, linearisation_points
from optimize.solver.highs import Solver
from scenarios.parts import rules
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of

HARD = 5


def small(seed: int) -> tuple[FakeScenario, ResponseCurves]:
    """Six to twelve cells under a floor of another KPI, a band, a ramp and bounds."""
    scenario = make_scenario(3, 2 + seed % 3, 1000.0)
    kernel = ({}, {"carry_over": 0.3}, {"carry_over": 0.95, "carry_per": "day"})[(seed // 3) % 3]
    family = ("hill", "logistic")[seed % 2]
    curves = make_curves(scenario, seed=seed, shape=(1.5, 4.0), family=family, **kernel)
    model = ResponseModel(scenario, curves)
    usual = model.spend_of(scenario.reference_plan)
    customers = float(model.kpi("new_customers", usual)[:-1].sum())
    given = (
        rules.KpiFloor(name="floor", kpi="new_customers", at_least=0.97 * customers),
        rules.TierShare(name="tier", tier=1, least=0.2, most=0.6),
        rules.Ramp(name="ramp", up=1.5, step=50.0),
    )
    return scenario.under(*given), curves


def kept(task: Task, plan: Plan) -> None:
    """Every row of every rule holds on the true curves."""
    spend = task.response_model.spend_of(plan.media)
    for row, value in task.judge(spend):
        size = 1e-6 * max(abs(row.lower or 0.0), abs(row.upper or 0.0), 1e-3 * task.budget)
        assert row.lower is None or value >= row.lower - size, row.rule
        assert row.upper is None or value <= row.upper + size, row.rule


# Of each way to carry over and of each family; the long test has many more.
@pytest.mark.parametrize("seed", [2, 3, 6])
def test_no_peer_beats_the_bound_and_rules_hold_on_the_true_curves(seed: int) -> None:
    scenario, curves = small(seed)
    plan = allocate(scenario, curves)
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    made, (peer, _) = plan.objective, best_of(task, 4, seed)
    assert plan.status == "optimal"
    assert made.gap <= 1e-3
    assert made.lower <= made.value * (1 + 1e-9)
    assert made.value <= made.upper * (1 + 1e-9)
    assert peer <= made.upper * (1 + 1e-6)
    kept(task, plan)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 124))
def test_many_bounds_hold_and_many_plans_keep_their_rules(seed: int) -> None:
    scenario, curves = small(seed)
    plan = allocate(scenario, curves)
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    peer, _ = best_of(task, 25, seed)
    assert peer <= plan.objective.upper * (1 + 1e-6)
    assert peer <= plan.objective.value * (1 + 1.1 * plan.objective.gap + 1e-6)
    kept(task, plan)


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_programs_promise_less_and_more_than_the_truth_however_fine_their_pieces(
    seed: int,
) -> None:
    """Pieces narrower than the solver's tolerance once counted as full where they were empty."""
    scenario, curves = small(seed)
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    model, luck = task.response_model, np.random.default_rng(seed)
    spend = model.spend_of(scenario.reference_plan)
    pieces = Pieces.start(model, task.most)
    for _ in range(4):
        near = spend * luck.uniform(1 - 1e-5, 1 + 1e-5, spend.shape)
        pieces = pieces.around(linearisation_points(model, pieces, near))
    promise: dict[Side, float] = {}
    for side in ("low", "high"):
        program, form = built(task, pieces, side)  # type: ignore[arg-type]
        columns = {id(v): i for i, v in enumerate(form.columns)}
        where = np.array([columns[id(v)] for v in program.model.spend.values()])
        solver = Solver(form, gap=1e-7)
        solver.with_columns(where, spend.ravel() / program.money, spend.ravel() / program.money)
        rows = np.array([form.names.index(r.name) for r in program.model.rules.values()])
        solver.with_rows(rows, np.full(len(rows), -np.inf), np.full(len(rows), np.inf))
        promise[side] = solver.solve().objective  # type: ignore[index]
    true = task.value(spend)
    assert promise["low"] <= true * (1 + 1e-6)
    assert true <= promise["high"] * (1 + 1e-6)


def test_when_time_is_over_the_best_plan_says_what_its_gap_is() -> None:
    scenario, curves = small(HARD)
    heard: list[str] = []
    plan = allocate(
        scenario, curves, seconds=1.0, progress=lambda what, _, __: heard.append(what), gap=1e-5
    )
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    made = plan.objective
    assert plan.status == "time_limit"
    assert made.gap > 1e-5
    assert made.gap == pytest.approx((made.upper - made.value) / made.upper, rel=1e-6)
    assert best_of(task, 2)[0] <= made.upper * (1 + 1e-6)
    assert "time was over" in repr(plan)
    assert any("gap" in what for what in heard)
    kept(task, plan)


def test_points_whose_time_was_over_are_not_called_optimal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A frontier once called the best so far optimal, and left its gap out of its own."""
    scenario, curves = small(HARD)
    monkeypatch.setattr("optimize.plans.frontier.INTEGER_GAP", 1e-9)  # which takes forever
    heard: list[int] = []
    asked: dict[str, Any] = {"seconds": 1.0, "progress": lambda _, done, __: heard.append(done)}
    found = frontier(scenario, curves, budgets=[1000.0, 1100.0], **asked)
    assert {p.status for p in found.points} == {"time_limit"}
    turned = dial(scenario, curves, "tier", [0.6], number="most", **asked)
    assert [p.status for p in turned.points] == ["time_limit"]
    assert found.gap == max((p.upper - p.value) / p.upper for p in found.points) > 0.0
    assert heard == [0, 1, 0]
    with pytest.raises(AllocationError, match="no time to plan"):
        frontier(scenario, curves, budgets=2, seconds=0.0)


def test_without_a_plan_in_time_the_error_asks_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, curves = small(HARD)
    monkeypatch.setattr(integers, "held", lambda *_: None)
    monkeypatch.setattr(integers._Search, "_from_below", lambda _: None)
    with pytest.raises(UndecidedPlan, match="allow more `seconds`"):
        allocate(scenario, curves, seconds=1e-3)
    with pytest.raises(AllocationError, match="no time to plan"):
        allocate(scenario, curves, seconds=0.0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
def test_ctrl_c_is_heard_while_the_solver_runs() -> None:
    scenario, curves = small(HARD)

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 3.0)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            allocate(scenario, curves, gap=1e-7)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 15.0
