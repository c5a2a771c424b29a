"""KPIs that do not add up: reach over total exposure, markets that are finite, caps, ratios."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from benchmarks.fakes import MONTHS, FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Curve, InfeasiblePlan, ResponseCurves, Robust
from optimize.model.response_model import ResponseModel
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tiermix.core.arrays import Floats

SCENARIO = make_scenario(3, 2)
PEOPLE = 2000.0


def exposed(
    scenario: FakeScenario = SCENARIO, people: float = PEOPLE, seed: int = 0
) -> ResponseCurves:
    """Margin adds up; reach comes from exposures that overlap on `people`."""
    curves = make_curves(scenario, seed=seed, kpis=("margin", "reach"))
    mine = [replace(c, ceiling=50 * c.ceiling) if c.kpi == "reach" else c for c in curves.curves]
    return ResponseCurves(tuple(mine), scenario.months, people={"reach": people})


def by_hand(curves: ResponseCurves, spend: Floats, people: float) -> float:
    """Reach of the year from its definition, without carry-over."""
    exposures = sum(
        float(curve.value(spend[i, m])[0])
        for i, channel in enumerate(SCENARIO.plannable)
        for m, month in enumerate(SCENARIO.months)
        for curve in [curves.get(channel, "reach", month)]
        if curve is not None
    )
    return people * (1 - np.exp(-exposures / people))


def test_sixty_small_exposures_reach_almost_everybody_once() -> None:
    scenario = make_scenario(5, 12, budget=60.0)
    cell = tuple(
        Curve(c, "reach", "points", 1.0, points=((0.0, 2.0), (0.0, 0.2)))
        for c in scenario.plannable
    )
    curves = ResponseCurves(cell, scenario.months, people={"reach": 1.0})
    plan = allocate(scenario, curves, objective="reach")
    assert plan.kpis["reach"] == pytest.approx(1 - np.exp(-6), rel=1e-6)
    assert plan.objective.upper <= 1.0


def test_reach_is_certified_against_its_definition_and_a_peer() -> None:
    curves = exposed()
    plan = allocate(SCENARIO, curves, objective="reach")
    made, spend = plan.objective, plan.media.amounts
    assert made.value == pytest.approx(by_hand(curves, spend, PEOPLE))
    assert made.gap <= 1e-4
    assert made.lower <= made.value * (1 + 1e-9)
    peer = minimize(
        lambda x: -by_hand(curves, x.reshape(3, 2) * 150, PEOPLE) / PEOPLE,
        np.ones(6), method="SLSQP", bounds=[(0, None)] * 6,
        constraints={"type": "ineq", "fun": lambda x: 6 - x.sum()}, options={"ftol": 1e-12},
    )  # fmt: skip
    assert -peer.fun * PEOPLE <= made.upper * (1 + 1e-6)
    assert made.value >= -peer.fun * PEOPLE * (1 - 1.1e-4)


def test_a_floor_on_reach_is_kept_on_people_and_has_its_price() -> None:
    curves = exposed()
    most = allocate(SCENARIO, curves, objective="reach").objective.value
    best = allocate(SCENARIO, curves)

    def floored(level: float) -> Rule:
        return rules.KpiFloor(name="reach", kpi="reach", at_least=level)

    level = 0.5 * (most + best.kpis["reach"])
    plan = allocate(SCENARIO.under(floored(level)), curves)
    assert by_hand(curves, plan.media.amounts, PEOPLE) >= level * (1 - 1e-6)
    (price,) = (p for p in plan.shadow_prices if p.rule == "reach")
    step = 0.05 * (most - level)
    values = [
        allocate(SCENARIO.under(floored(level + s)), curves, gap=1e-7).objective.value
        for s in (-step, step)
    ]
    assert price.price == pytest.approx((values[1] - values[0]) / (2 * step), rel=0.01)
    with pytest.raises(InfeasiblePlan):
        allocate(SCENARIO.under(floored(PEOPLE + 1)), curves)


def by_persona(scenario: FakeScenario = SCENARIO) -> ResponseCurves:
    """Two personas, of whom each channel exposes another mix."""
    young, old = (exposed(scenario, seed=seed).curves for seed in (1, 2))
    reach = [
        replace(curve, kpi=f"reach:{name}", ceiling=curve.ceiling * share)
        for name, curves, shares in (("young", young, (1, 0.1, 0.5)), ("old", old, (0.1, 1, 0.5)))
        for curve, share in zip([c for c in curves if c.kpi == "reach"], shares, strict=True)
    ]
    margin = [c for c in young if c.kpi == "margin"]
    people = {"reach:young": 700.0, "reach:old": 1300.0}
    return ResponseCurves((*margin, *reach), scenario.months, people=people)


def reach_of_both(curves: ResponseCurves, spend: Floats) -> float:
    """Σ over personas of N · (1 − exp(−exposures / N)), without carry-over."""
    total = 0.0
    for kpi, people in curves.people.items():
        mine = {c.channel: c for c in curves.curves if c.kpi == kpi}
        exposures = sum(
            float(mine[name].value(spend[i, m])[0])
            for i, name in enumerate(SCENARIO.plannable)
            for m in range(len(SCENARIO.months))
        )
        total += people * (1 - np.exp(-exposures / people))
    return float(total)


def test_reach_by_persona_is_certified_against_its_definition_and_a_peer() -> None:
    curves = by_persona()
    plan = allocate(SCENARIO, curves, objective="reach")
    made, spend = plan.objective, plan.media.amounts
    assert made.value == pytest.approx(reach_of_both(curves, spend))
    assert made.gap <= 1e-4
    assert plan.kpis["reach"] == pytest.approx(plan.kpis["reach:young"] + plan.kpis["reach:old"])
    peer = minimize(
        lambda x: -reach_of_both(curves, x.reshape(3, 2) * 150) / PEOPLE,
        np.ones(6), method="SLSQP", bounds=[(0, None)] * 6,
        constraints={"type": "ineq", "fun": lambda x: 6 - x.sum()}, options={"ftol": 1e-12},
    )  # fmt: skip
    assert -peer.fun * PEOPLE <= made.upper * (1 + 1e-6)
    assert made.value >= -peer.fun * PEOPLE * (1 - 1.1e-4)
    again = ResponseCurves.from_frame(curves.to_frame(), SCENARIO.months)
    assert allocate(SCENARIO, again, objective="reach").objective.value == pytest.approx(made.value)


def test_a_floor_on_reach_by_persona_is_kept_and_one_persona_is_reach_as_a_whole() -> None:
    curves = by_persona()
    most = allocate(SCENARIO, curves, objective="reach").objective.value
    usual = allocate(SCENARIO, curves).kpis["reach"]
    level = 0.5 * (most + usual)
    floor = rules.KpiFloor(name="reach", kpi="reach", at_least=level)
    plan = allocate(SCENARIO.under(floor), curves)
    assert reach_of_both(curves, plan.media.amounts) >= level * (1 - 1e-6)
    assert "reach" in plan.binding
    whole = exposed()
    renamed = tuple(replace(c, kpi="reach:all") if c.kpi == "reach" else c for c in whole.curves)
    one = replace(whole, curves=renamed, people={"reach:all": PEOPLE})
    alone, sole = (allocate(SCENARIO, c, objective="reach").objective for c in (whole, one))
    assert sole.value == pytest.approx(alone.value)


def test_reach_by_persona_is_refused_where_it_cannot_be_carried() -> None:
    curves = by_persona()
    npv = rules.Discount(name="npv", rate=0.1)
    with pytest.raises(AllocationError, match="cannot be discounted"):
        allocate(SCENARIO.under(npv), curves, objective="reach")
    with pytest.raises(AllocationError, match="the same people are reached again"):
        allocate(SCENARIO, replace(curves, people={"reach:old": 1300.0}))
    both = (*curves.curves, *(c for c in exposed().curves if c.kpi == "reach"))
    with pytest.raises(AllocationError, match="as a whole and by persona"):
        allocate(SCENARIO, replace(curves, curves=both, people={**curves.people, "reach": 9.0}))


def test_new_customers_cannot_outgrow_the_market() -> None:
    curves = make_curves(SCENARIO)
    free = allocate(SCENARIO, curves).kpis["new_customers"]
    market = 1.2 * free
    bounded = replace(curves, people={"new_customers": market})
    plan = allocate(SCENARIO, bounded)
    raw = ResponseModel(SCENARIO, curves).kpi("new_customers", plan.media.amounts)[:-1].sum()
    assert plan.kpis["new_customers"] == pytest.approx(market * (1 - np.exp(-raw / market)))
    assert plan.kpis["new_customers"] < 0.8 * free
    floor = rules.KpiFloor(name="floor", kpi="new_customers", at_least=0.95 * free)
    with pytest.raises(InfeasiblePlan):
        allocate(SCENARIO.under(floor), bounded)


def test_people_survive_the_table() -> None:
    curves = exposed()
    again = ResponseCurves.from_frame(curves.to_frame(), SCENARIO.months)
    assert again.people == curves.people
    spend = np.full((3, 2), 120.0)
    year = np.array([1.0, 1.0, 0.0])
    before, after = (
        ResponseModel(SCENARIO, c).total("reach", spend, year) for c in (curves, again)
    )
    assert after == pytest.approx(before)


def test_reach_without_people_and_ratios_with_curves_of_their_own_are_refused() -> None:
    bare = replace(exposed(), people={})
    with pytest.raises(AllocationError, match="the same people are reached again"):
        allocate(SCENARIO, bare)
    rate = make_curves(SCENARIO, kpis=("margin", "engagement_rate"))
    with pytest.raises(AllocationError, match="engagement_rate, which does not add up"):
        allocate(SCENARIO, rate)
    with pytest.raises(AllocationError, match="no number of people"):
        ResponseCurves((), MONTHS, people={"reach": -1.0})


def test_people_are_not_mixed_with_what_cannot_carry_them() -> None:
    npv = rules.Discount(name="npv", rate=0.1)
    with pytest.raises(AllocationError, match="cannot be discounted"):
        allocate(SCENARIO.under(npv), exposed(), objective="reach")
    with pytest.raises(AllocationError, match="robust planning cannot carry reach"):
        allocate(SCENARIO, exposed(), objective="reach", robust=Robust())


def capped(level: float) -> tuple[FakeScenario, ResponseCurves]:
    scenario = make_scenario(2, 2, budget=400.0)
    cap = rules.Capacity(name="desk", kpi="leads", at_most=level)
    return scenario.under(cap), make_curves(scenario, seed=3, kpis=("margin", "leads"))


def test_a_capacity_is_kept_on_the_true_curves_and_no_grid_point_is_better() -> None:
    free, curves = capped(1e9)
    response_model = ResponseModel(free, curves)
    usual = response_model.kpi("leads", allocate(free, curves).media.amounts)[:-1].max()
    scenario, _ = capped(0.9 * usual)
    plan = allocate(scenario, curves)
    assert (response_model.kpi("leads", plan.media.amounts)[:-1] <= 0.9 * usual * (1 + 1e-6)).all()
    assert plan.gap <= 1e-3
    assert "desk" in plan.binding
    grid = np.linspace(0, 200, 41)
    allowed = [
        (x, y)
        for x in grid
        for y in grid
        if response_model.kpi("leads", np.array([[x, 0], [y, 0]]))[0] <= 0.9 * usual
    ]
    best = max(
        float(response_model.kpi("margin", np.array([[a[0], b[0]], [a[1], b[1]]]))[:-1].sum())
        for a in allowed[::7]
        for b in allowed[::7]
        if sum(a) + sum(b) <= 400
    )
    assert best <= plan.objective.upper * (1 + 1e-9)


def test_a_ratio_is_held_through_its_surplus() -> None:
    scenario = make_scenario(2, 1, budget=200.0)
    curves = make_curves(scenario, seed=1, kpis=("margin", "conversions", "visits"))
    response_model, year = ResponseModel(scenario, curves), np.array([1.0, 0.0])

    def rate(spend: Floats) -> float:
        done, seen = (response_model.total(kpi, spend, year) for kpi in ("conversions", "visits"))
        return done / seen

    usual = rate(allocate(scenario, curves).media.amounts)
    floor = rules.KpiFloor(name="rate", kpi="conversion_rate", at_least=1.02 * usual)
    plan = allocate(scenario.under(floor), curves)
    assert rate(plan.media.amounts) >= 1.02 * usual * (1 - 1e-6)
    assert plan.kpis["conversion_rate"] == pytest.approx(rate(plan.media.amounts))
    split = [
        np.array([[x], [y]]) for x in np.linspace(0, 200, 101) for y in np.linspace(0, 200 - x, 51)
    ]
    kept = [s for s in split[1:] if s.sum() > 0 and rate(s) >= 1.02 * usual]
    best = max(response_model.total("margin", s, year) for s in kept)
    assert best <= plan.objective.upper * (1 + 1e-9)
    assert plan.objective.value >= best * (1 - 1.1e-3)
    hard = rules.KpiFloor(name="hard", kpi="engagement_rate", at_least=0.1)
    with pytest.raises(AllocationError, match="hard: engagement_rate is a ratio"):
        allocate(scenario.under(hard), curves)


def test_a_kpi_with_a_negative_weight_is_counted_in_full() -> None:
    scenario = make_scenario(2, 1, budget=200.0)
    curves = make_curves(scenario, seed=1, kpis=("margin", "visits"))
    response_model, year = ResponseModel(scenario, curves), np.array([1.0, 1.0])
    plan = allocate(scenario, curves, objective={"margin": 1.0, "visits": -20.0})
    worth = [
        response_model.total("margin", s, year) - 20 * response_model.total("visits", s, year)
        for x in np.linspace(0, 200, 81)
        for y in np.linspace(0, 200 - x, 41)
        for s in [np.array([[x], [y]])]
    ]
    assert max(worth) <= plan.objective.upper * (1 + 1e-9)
    assert plan.objective.value >= max(worth) * (1 - 1.1e-3)


def test_the_objective_ltv_counts_new_customers_with_their_value() -> None:
    curves = make_curves(SCENARIO)
    plan = allocate(SCENARIO, replace(curves, last_year={"ltv": 300.0}), objective="ltv")
    assert plan.objective.value == pytest.approx(300 * plan.kpis["new_customers"])
    with pytest.raises(AllocationError, match="not known to the curves"):
        allocate(SCENARIO, curves, objective="ltv")
