"""Carry-over counts whole: values against a day-by-day evaluation, bounds against a peer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import ResponseCurves, anchored
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from scenarios.parts import rules
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of
from tests.optimize.plain_response import PlainYear

LONG: tuple[dict[str, Any], ...] = (
    {"carry_over": 0.5, "carry_per": "day"},
    {"carry_over": 0.8, "carry_per": "day"},
    {"carry_over": 0.93, "carry_per": "day"},
    {"carry_over": 0.985, "carry_per": "day"},
    {"carry_over": 0.2},
    {"carry_over": 0.6},
    {"lag": 0.3},
    {"lag": 0.9, "carry_per": "day"},
    {"carry_over": 0.9, "lag": 0.95, "carry_per": "day"},
    {"carry_over": 0.3, "lag": 0.2},
)


def instance(seed: int) -> tuple[FakeScenario, ResponseCurves]:
    """A small year whose effects last; every other one is tied to last year's level."""
    luck = np.random.default_rng([31, seed])
    channels, months = int(luck.integers(1, 4)), int(luck.integers(2, 13))
    bare = make_scenario(channels, months, 1000.0 * 10.0 ** luck.integers(0, 4))
    prices = dict(zip(bare.months, luck.uniform(0.7, 1.5, months).tolist(), strict=True))
    scenario = make_scenario(channels, months, bare.budget, prices=prices)
    shape = ((0.4, 1.0), (0.8, 1.0))[seed % 2]
    curves = make_curves(scenario, seed=seed, shape=shape, **LONG[seed % len(LONG)])
    if luck.random() < 0.5:
        level = {
            k: luck.uniform(1, 3, months) * scenario.budget / months / d
            for k, d in (("margin", 1), ("new_customers", 50))
        }
        curves = anchored(curves, scenario, level)
    model = ResponseModel(scenario, curves)
    usual = model.spend_of(scenario.reference_plan)
    customers = float(model.kpi("new_customers", usual)[:-1].sum())
    floor = rules.KpiFloor(name="floor", kpi="new_customers", at_least=0.98 * customers)
    return scenario.under(floor), curves


def check(seed: int, starts: int) -> None:
    scenario, curves = instance(seed)
    made = allocate(scenario, curves, gap=1e-6, explain=False)
    model = ResponseModel(scenario, curves)
    plain, spend = PlainYear(scenario, curves), model.spend_of(made.media)
    money = dict(zip(model.channels, spend, strict=True))
    value = float(plain.outcome("margin", money).sum())
    assert made.objective.value == pytest.approx(value, rel=1e-10)
    assert made.objective.lower <= value * (1 + 1e-9)
    year = plain.outcome("new_customers", money)[:-1].sum()
    assert made.kpis["new_customers"] == pytest.approx(year, rel=1e-10)
    for rule in scenario.rules:
        assert year >= rule.at_least * (1 - 1e-8)  # type: ignore[union-attr]
    task = make_task(model, budget=None, objective=None)
    _, other = best_of(task, starts, seed)
    best = plain.outcome("margin", dict(zip(model.channels, other, strict=True))).sum()
    assert best <= made.objective.upper * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(len(LONG)))
def test_values_are_of_the_whole_kernel_and_no_plan_is_above_the_bound(seed: int) -> None:
    check(seed, starts=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 200))
def test_many_bounds_hold_although_programs_cut_kernels_short(seed: int) -> None:
    check(seed, starts=6)
