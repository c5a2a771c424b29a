"""Never a silent wrong answer: each of these is an error that says what to do."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, Curve, ResponseCurves
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from optimize.solver import certificate
from optimize.solver.highs import Solver
from optimize.solver.standard import Standard
from scenarios.parts import rules
from tests.optimize.exact import allocate

SCENARIO = make_scenario(4, 3)


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e4])
def test_curves_in_another_unit_of_money_are_refused(factor: float) -> None:
    curves = make_curves(make_scenario(4, 3, budget=900.0 * factor))
    with pytest.raises(AllocationError, match="another unit than CNY"):
        allocate(SCENARIO, curves)


def test_curves_whose_unit_is_known_may_bend_anywhere() -> None:
    curves = make_curves(make_scenario(4, 3, budget=900.0 * 1e3))
    assert allocate(SCENARIO, replace(curves, unit_known=True)).gap <= 1e-4


@pytest.mark.parametrize("factor", [0.05, 1.0, 20.0])
def test_curves_that_bend_within_reason_are_not(factor: float) -> None:
    curves = make_curves(make_scenario(4, 3, budget=900.0 * factor))
    assert allocate(SCENARIO, curves).gap <= 1e-4


def test_points_in_another_unit_are_refused() -> None:
    points = ((0.0, 0.075, 0.3), (0.0, 50.0, 100.0))
    curves = tuple(Curve(c, "margin", "points", 1.0, points=points) for c in SCENARIO.plannable)
    with pytest.raises(AllocationError, match="another unit"):
        allocate(SCENARIO, ResponseCurves(curves, SCENARIO.months))


def test_curves_of_which_none_rises_are_refused() -> None:
    flat = tuple(Curve(c, "margin", "hill", 0.0, 80.0, 1.0) for c in SCENARIO.plannable)
    with pytest.raises(AllocationError, match="every plan is worth the same"):
        allocate(SCENARIO, ResponseCurves(flat, SCENARIO.months))


def test_one_channel_without_effect_is_no_error_and_gets_no_more_than_it_must() -> None:
    first, *rest = make_curves(SCENARIO, kpis=("margin",)).curves
    flat = Curve(first.channel, "margin", "hill", 0.0, 80.0, 1.0)
    plan = allocate(SCENARIO, ResponseCurves((flat, *rest), SCENARIO.months))
    assert plan.media.of(first.channel).sum() == pytest.approx(0.0, abs=1e-6)


def test_an_unmoved_start_is_never_the_answer() -> None:
    """Scaled badly, optimisers return the equal split as a success; here its gap would tell."""
    for money in (1e-3, 1.0, 1e9):
        scenario = make_scenario(4, 3, budget=money)
        curves = make_curves(scenario, seed=1)
        plan = allocate(scenario, curves)
        response_model = ResponseModel(scenario, curves)
        even = make_task(response_model, budget=None, objective=None).value(
            np.full((4, 3), money / 12)
        )
        assert plan.objective.value > even * (1 + 10 * plan.gap)
        assert (plan.objective.upper - even) / plan.objective.upper > 10 * plan.gap


def test_months_without_a_curve_are_named() -> None:
    given = make_curves(SCENARIO, kpis=("margin",)).curves
    only = Curve("a", "margin", "hill", 500.0, 80.0, 1.0, month=SCENARIO.months[0])
    curves = ResponseCurves((only, *given[1:]), SCENARIO.months)
    with pytest.raises(AllocationError, match=f"none for {SCENARIO.months[1]}; add that month"):
        allocate(SCENARIO, curves)


def test_a_limit_of_the_solver_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(form: Standard, **options: Any) -> Solver:
        solver = Solver(form, **options)
        solver.highs.setOptionValue("presolve", "off")
        solver.highs.setOptionValue("simplex_iteration_limit", 0)
        return solver

    monkeypatch.setattr(certificate, "Solver", hasty)
    words = "iteration_limit; allow it more time, or ask for a wider"
    with pytest.raises(AllocationError, match=words):
        allocate(SCENARIO, make_curves(SCENARIO))


def test_what_grows_without_end_asks_for_a_budget() -> None:
    free = rules.Budget(name="free", share=1.0, sense="at_least")
    curves = make_curves(SCENARIO, kpis=("margin",), family="power", shape=(1.0, 1.0))
    with pytest.raises(AllocationError, match="give the plan a budget"):
        allocate(SCENARIO.under(free), curves)
