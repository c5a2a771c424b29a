"""S-shaped curves and minimum spends: integers where they are needed, bounds that hold."""

import itertools

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import Curve, ResponseCurves
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from scenarios.parts import rules
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("family", ["hill", "logistic"])
def test_an_s_shaped_plan_is_not_beaten_beyond_its_gap(seed: int, family: str) -> None:
    scenario = make_scenario(3, 1, budget=300.0)
    curves = make_curves(scenario, seed=seed, shape=(2.0, 5.0), family=family, kpis=("margin",))
    plan = allocate(scenario, curves)
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    peer, _ = best_of(task, 12, seed)
    made = plan.objective
    assert made.gap <= 1e-3
    assert peer <= made.upper * (1 + 1e-6)
    assert peer <= made.value * (1 + 1.1e-3)


@pytest.mark.long
@pytest.mark.parametrize(("seed", "channels"), [(0, 5), (1, 8), (2, 12)])
def test_fifty_starts_of_a_peer_do_not_beat_an_s_shaped_plan(seed: int, channels: int) -> None:
    scenario = make_scenario(channels, 1, budget=100.0 * channels)
    curves = make_curves(scenario, seed=seed, shape=(1.5, 4.0), kpis=("margin",))
    made = allocate(scenario, curves).objective
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    peer, _ = best_of(task, 50, seed)
    assert made.gap <= 1e-3
    assert peer <= made.upper * (1 + 1e-6)
    assert peer <= made.value * (1 + 1.1 * made.gap)


def test_a_dense_grid_finds_nothing_better_on_two_s_shaped_channels() -> None:
    scenario = make_scenario(2, 1, budget=200.0)
    curves = make_curves(scenario, seed=7, shape=(3.0, 5.0), kpis=("margin",))
    response_model = ResponseModel(scenario, curves)
    grid = np.linspace(0, 200, 801)
    best = max(float(response_model.kpi("margin", np.array([[x], [200 - x]])).sum()) for x in grid)
    made = allocate(scenario, curves).objective
    assert best <= made.upper * (1 + 1e-9)
    assert made.value >= best * (1 - 1e-3)


def test_months_of_an_s_shaped_channel_are_pulsed_where_that_pays() -> None:
    scenario = make_scenario(1, 4, budget=100.0)
    curve = Curve("a", "margin", "hill", 100.0, 80.0, 4.0)
    plan = allocate(scenario, ResponseCurves((curve,), scenario.months))
    months = sorted(plan.media.by_month.values())
    assert months[0] == pytest.approx(0.0, abs=1e-6)
    assert plan.objective.value > 4 * float(curve.value(25.0)[0])


def test_a_minimum_to_work_is_kept_or_the_month_is_empty() -> None:
    rule = rules.MinimumToWork(name="least", amount=90.0)
    scenario = make_scenario(4, 2, budget=300.0).under(rule)
    curves = make_curves(scenario, kpis=("margin",))
    spend = allocate(scenario, curves).media.amounts
    assert ((spend < 1e-6) | (spend >= 90.0 * (1 - 1e-9))).all()
    assert (spend > 0).any()


def test_a_minimum_to_work_matches_trying_every_pattern() -> None:
    least = 90.0
    scenario = make_scenario(4, 1, budget=200.0)
    curves = make_curves(scenario, kpis=("margin",))
    best = 0.0
    for pattern in itertools.product([0, 1], repeat=4):
        running = [name for name, on in zip(scenario.plannable, pattern, strict=True) if on]
        idle = tuple(name for name in scenario.plannable if name not in running)
        if not running or least * len(running) > 200.0:
            continue
        tried = [
            rules.ChannelBounds(name="on", channels=tuple(running), least=least),
            rules.ChannelBounds(name="off", channels=idle, most=0.0),
        ]
        best = max(best, allocate(scenario.under(*tried), curves).objective.value)
    made = allocate(scenario.under(rules.MinimumToWork(name="m", amount=least)), curves).objective
    assert made.value == pytest.approx(best, rel=1e-3)
    assert best <= made.upper * (1 + 1e-6)


def test_prices_of_an_integer_plan_hold_the_integers_where_they_are() -> None:
    rule = rules.MinimumToWork(name="least", amount=90.0)
    scenario = make_scenario(4, 1, budget=300.0).under(rule)
    prices = {p.rule: p for p in allocate(scenario, make_curves(scenario)).shadow_prices}
    assert prices["budget"].price > 0
    assert prices["least"].price <= 1e-9
