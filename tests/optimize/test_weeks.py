"""Plans by week: the same question, cut finer; what is said of months holds for sums of weeks."""

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import (
    AllocationError,
    Curve,
    InfeasiblePlan,
    ResponseCurves,
    anchored,
    forecast,
    frontier,
    replan,
    weekly,
)
from optimize.model.calendar import Calendar
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from scenarios import load_scenario
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of, slacks
from tiermix.core.arrays import Floats

DAILY: dict[str, Any] = {"carry_over": 0.9, "carry_per": "day"}


def seasonal(scenario: FakeScenario, **curve: Any) -> ResponseCurves:
    """Curves that differ by month."""
    curves = make_curves(scenario, **curve)
    luck = np.random.default_rng(5)
    each = [
        replace(c, month=month, ceiling=c.ceiling * luck.uniform(0.5, 1.5))
        for c in curves.curves
        for month in scenario.months
    ]
    return ResponseCurves(tuple(each), scenario.months)


def by_month(spend: Floats, months: tuple[str, ...]) -> Floats:
    """Sums [C, M] over the weeks of each month, written again without the module's own."""
    names = sorted({week[:7] for week in months})
    return np.array([[row[[w[:7] == m for w in months]].sum() for m in names] for row in spend])


@pytest.mark.parametrize("name", ["retail", "b2b", "education"])
def test_weeks_are_calendar_weeks_cut_at_the_ends_of_months(name: str) -> None:
    scenario = load_scenario(name)
    known = make_curves(FakeScenario(scenario.channels, scenario.last_year, 1e6, scenario.months))
    view, _ = weekly(scenario, known)
    first = dt.date.fromisoformat(f"{scenario.months[0]}-01")
    days = [first + dt.timedelta(n) for n in range(scenario.year_days)]
    assert len(view.months) == sum(day.weekday() == 3 for day in days)
    assert sum(view.days_in(week) for week in view.months) == len(days)
    for week in view.months:
        start, length = dt.date.fromisoformat(week), view.days_in(week)
        assert start.weekday() == 0 or start.day == 1
        assert 4 <= length <= 10
        assert (start + dt.timedelta(length - 1)).month == start.month
    assert [w[5:] for w in view.months] == [w[5:] for w in view.history_months]
    assert view.last_year.total == pytest.approx(scenario.last_year.total)
    assert view.reference_plan.monthly().amounts == pytest.approx(scenario.reference_plan.amounts)


@pytest.mark.parametrize("family", ["hill", "power", "logistic"])
def test_even_money_brings_in_weeks_what_it_brings_in_months(family: str) -> None:
    scenario = make_scenario(3, 4, prices={"2026-02": 1.3})
    curves = seasonal(scenario, family=family)
    tied = anchored(curves, scenario, {"margin": np.array([900.0, 700, 800, 950])})
    luck = np.random.default_rng(1)
    plan = replace_amounts(scenario, luck.uniform(20, 200, (3, 4)))
    for known in (curves, tied):
        assert forecast(*weekly(scenario, known), plan) == pytest.approx(
            forecast(scenario, known, plan)
        )


def replace_amounts(scenario: FakeScenario, amounts: Floats) -> Any:
    return type(scenario.last_year)(scenario.plannable, scenario.months, amounts)


def test_points_and_draws_are_cut_like_any_curve() -> None:
    scenario = make_scenario(1, 2)
    points = Curve("a", "margin", "points", 60.0, points=((0.0, 100.0, 300.0), (0.0, 40.0, 60.0)))
    curves = ResponseCurves((points,), scenario.months)
    plan = replace_amounts(scenario, np.array([[150.0, 40.0]]))
    assert forecast(*weekly(scenario, curves), plan)["margin"] == pytest.approx(45.0 + 16.0)
    draws = np.array([[100.0, 80.0, 1.0], [130.0, 60.0, 0.8]])
    drawn = Curve("a", "margin", "hill", 115.0, 70.0, 0.9, draws=draws)
    outlooks = [
        ResponseModel(*pair) for pair in both(scenario, ResponseCurves((drawn,), curves.months))
    ]
    year = [o.kpi_draws("margin", o.spend_of(plan), 2).sum(axis=1) for o in outlooks]
    assert year[1] == pytest.approx(year[0])


def both(scenario: FakeScenario, curves: ResponseCurves) -> list[Any]:
    return [(scenario, curves), weekly(scenario, curves)]


def test_without_memory_the_best_weekly_plan_is_the_best_monthly_one() -> None:
    """Jensen: Σ (d/n) f(x_w · n/d) ≤ f(Σ x_w) for concave f, so even weeks are best."""
    given = (
        rules.TierShare(name="tier", tier=1, least=0.4, period="quarter"),
        rules.Budget(name="spring", share=0.3, period="Q1"),
        rules.Ramp(name="ramp", channels=("a", "b"), up=0.2, down=0.3),
        rules.ChannelBounds(name="bounds", basis="last_year", least=-0.5, most=0.8),
        rules.Flight(kind="blackout", name="dark", channels=("c",), months=("2026-02",)),
        rules.Discount(name="npv", rate=0.1),
    )
    prices = {"2026-02": 1.3, "2026-05": 0.8}
    scenario = make_scenario(3, 6, budget=1800.0, prices=prices).under(*given)
    curves = seasonal(scenario)
    month, week = (allocate(*pair, gap=1e-6) for pair in both(scenario, curves))
    # Within a month a week's discount differs a little from its month's.
    assert week.objective.value == pytest.approx(month.objective.value, rel=1e-4)
    free = scenario.under(*given[:-1])
    month, week = (allocate(*pair, gap=1e-6) for pair in both(free, curves))
    assert week.objective.value == pytest.approx(month.objective.value, rel=3e-6)
    assert week.objective.upper >= month.objective.value * (1 - 1e-9)
    assert month.objective.upper >= week.objective.value * (1 - 1e-9)
    assert week.monthly.amounts == pytest.approx(month.media.amounts, abs=0.02 * 1800 / 18)
    # The first money of the dark month has no finite price: its curve is endlessly steep.
    prices_of = [
        {p.rule: p.price for p in plan.shadow_prices if p.rule != "dark"} for plan in (month, week)
    ]
    assert prices_of[1] == pytest.approx(prices_of[0], rel=0.02, abs=1e-6)


def test_equal_months_give_each_day_of_a_month_the_same_money() -> None:
    """M equal curves C · (x / h)^s share B equally: M · C · (B / (M h))^s in all."""
    scenario = make_scenario(1, 3, budget=300.0)
    curve = Curve("a", "margin", "power", 50.0, 80.0, 0.5)
    view, curves = weekly(scenario, ResponseCurves((curve,), scenario.months))
    plan = allocate(view, curves, gap=1e-7)
    assert plan.objective.value == pytest.approx(3 * 50 * (300 / 3 / 80) ** 0.5, rel=1e-6)
    days = np.array([view.days_in(week) / scenario.days_in(week[:7]) for week in view.months])
    assert plan.media.of("a") == pytest.approx(100 * days, rel=0.02)


def test_daily_stock_between_weeks_adds_up_to_that_between_months() -> None:
    scenario = make_scenario(1, 4)
    view, curves = weekly(scenario, make_curves(scenario, **DAILY))
    stock_key = curves.curves[0].stock_key
    coarse, fine = (Calendar(s, True).stock(stock_key) for s in (scenario, view))
    names = Calendar(view, True).names
    share = np.array([view.share[name] for name in names])
    months = [name[:7] for name in names]
    cells = np.cumsum([0, *(a != b for a, b in itertools.pairwise(months))])
    total = np.zeros(coarse.shape)
    for w, v in np.ndindex(fine.shape):
        total[cells[w], cells[v]] += fine[w, v] * share[v]
    assert total == pytest.approx(coarse, abs=2e-4)  # what is nearly forgotten is left out


@pytest.mark.parametrize("kernel", [{"lag": 0.4}, {"carry_over": 0.4}])
def test_a_monthly_retention_keeps_its_mean_delay(kernel: dict[str, float]) -> None:
    """Under steady spend ρ / (1 − ρ) months of it are on their way when the year ends."""
    scenario = make_scenario(1, 12, budget=1200.0)
    line = Curve("a", "margin", "points", 1.0, points=((0.0, 9e4), (0.0, 9e4)), **kernel)
    found = []
    for pair in both(scenario, ResponseCurves((line,), scenario.months)):
        response_model = ResponseModel(*pair)
        found.append(
            response_model.kpi("margin", response_model.spend_of(scenario.reference_plan))[-1]
        )
    assert found[0] == pytest.approx(100 * 0.4 / 0.6, rel=0.01)
    assert found[1] == pytest.approx(100 * 0.4 / 0.6, rel=0.03)


def test_the_anchor_stays_where_it_was() -> None:
    scenario = make_scenario(3, 4)
    level = {"margin": np.array([900.0, 700.0, 800.0, 950.0])}
    view, curves = weekly(scenario, anchored(make_curves(scenario, **DAILY), scenario, level))
    response_model = ResponseModel(view, curves)
    found = response_model.kpi("margin", response_model.spend_of(scenario.reference_plan))
    sums = by_month(found[None, :-1], view.months)[0]
    assert sums == pytest.approx(level["margin"])


def ruled() -> tuple[FakeScenario, ResponseCurves]:
    scenario = make_scenario(4, 6, budget=2400.0)
    curves = seasonal(scenario, **DAILY)
    response_model = ResponseModel(scenario, curves)
    usual = response_model.kpi("new_customers", response_model.spend_of(scenario.reference_plan))
    given: tuple[Rule, ...] = (
        rules.Budget(name="spring", share=0.4, period="Q1"),
        rules.Ramp(name="ramp", channels=("a", "b"), up=0.3, down=0.3, from_last_year=True),
        rules.Flight(kind="flight", name="flight", channels=("c",), months=("2026-02", "2026-03")),
        rules.Commitment(name="promised", channel="d", amounts={"2026-04": 150.0}),
        rules.KpiFloor(
            name="floor", kpi="new_customers", at_least=0.9 * usual[4], period="2026-05"
        ),
        rules.CacCap(name="cac", cap=2400 / usual[:-1].sum()),
        rules.MinimumToWork(name="least", channels=("d",), amount=70.0),
    )
    return scenario.under(*given), curves


@pytest.mark.long
def test_rules_by_month_and_quarter_hold_for_the_sums_of_weeks() -> None:
    scenario, curves = ruled()
    plan = allocate(*weekly(scenario, curves))
    assert plan.gap <= 1e-3
    spend = by_month(plan.media.amounts, plan.media.months)
    assert plan.monthly.months == scenario.months
    assert plan.monthly.amounts == pytest.approx(spend)
    a, b, c, d = spend
    assert spend[:, :3].sum() <= 0.4 * 2400 * (1 + 1e-9)
    for row in (a, b):
        path = np.array([100.0, *row])
        assert (path[1:] <= 1.3 * path[:-1] * (1 + 1e-9)).all()
        assert (path[1:] >= 0.7 * path[:-1] * (1 - 1e-9)).all()
    assert c[[0, 3, 4, 5]] == pytest.approx(0.0, abs=1e-9)
    assert d[3] == pytest.approx(150.0)
    assert ((d < 1e-6) | (d >= 70 * (1 - 1e-9))).all()
    assert plan.kpis["cac"] <= plan_cap(scenario) * (1 + 1e-9)
    response_model = ResponseModel(*weekly(scenario, curves))
    customers = response_model.kpi("new_customers", plan.media.amounts)[None, :-1]
    floor = next(r for r in scenario.rules if isinstance(r, rules.KpiFloor))
    assert by_month(customers, plan.media.months)[0][4] >= floor.at_least * (1 - 1e-9)


def plan_cap(scenario: FakeScenario) -> float:
    return next(r.cap for r in scenario.rules if isinstance(r, rules.CacCap))


@pytest.mark.parametrize("seed", range(2))
def test_no_peer_beats_the_upper_bound_of_a_weekly_plan(seed: int) -> None:
    scenario = make_scenario(2, 2, budget=600.0)
    curves = make_curves(scenario, seed=seed, **DAILY)
    response_model = ResponseModel(*weekly(scenario, curves))
    customers = response_model.kpi(
        "new_customers", response_model.spend_of(scenario.reference_plan)
    )[:-1].sum()
    given = (
        rules.CacCap(name="cac", cap=600 / customers),
        rules.TierShare(name="tier", tier=1, least=0.3, most=0.6),
    )
    pair = weekly(scenario.under(*given), curves)
    plan = allocate(*pair)
    response_model = ResponseModel(*pair)
    task = make_task(response_model, budget=None, objective=None)
    spend = response_model.spend_of(plan.media)
    peer, _ = best_of(task, 1, seed)
    assert plan.gap <= 1e-4
    assert plan.objective.value == pytest.approx(task.value(spend), rel=1e-9)
    assert peer <= plan.objective.upper * (1 + 1e-6)
    for rule in task.rules:
        for slack in slacks(task, rule):
            assert slack(spend) >= -1e-6 * 600, rule.name


def test_weekly_prices_are_finite_differences() -> None:
    scenario = make_scenario(3, 3)
    curves = make_curves(scenario, **DAILY)

    def held(most: float) -> Any:
        cap = rules.Budget(name="january", amount=most, period="2026-01")
        return weekly(scenario.under(cap), curves)

    (price,) = (p for p in allocate(*held(200.0)).shadow_prices if p.rule == "january")
    low, high = (allocate(*held(200.0 + s), gap=1e-7).objective.value for s in (-4.0, 4.0))
    assert price.price == pytest.approx((high - low) / 8, rel=0.01)


def test_a_weekly_conflict_names_its_rules_and_its_relaxation_helps() -> None:
    scenario = make_scenario(3, 3)
    curves = make_curves(scenario, **DAILY)
    floor = rules.Budget(name="much", amount=400.0, sense="at_least", period="2026-01")
    dark = rules.Flight(kind="blackout", name="dark", channels=("a", "b"), months=("2026-01",))
    most = rules.ChannelBounds(name="bounds", channels=("c",), most=250.0)
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(*weekly(scenario.under(floor, dark, most), curves))
    assert set(refused.value.conflict) == {"much", "dark", "bounds"}
    (step,) = refused.value.relaxation
    assert step["rule"] == "much"
    kept = floor.model_copy(update={"amount": 400.0 + step["by"]})
    assert allocate(*weekly(scenario.under(kept, dark, most), curves)).gap <= 1e-4


def test_a_weekly_frontier_has_the_plans_on_it() -> None:
    scenario = make_scenario(3, 2)
    pair = weekly(scenario, make_curves(scenario, **DAILY))
    for point in frontier(*pair, budgets=[700.0, 900.0]).points:
        alone = allocate(*pair, budget=point.budget)
        assert point.value == pytest.approx(alone.objective.value, rel=2e-4)
        assert alone.objective.value <= point.upper * (1 + 1e-9)


def test_the_rest_of_a_year_is_planned_again_by_week() -> None:
    scenario = make_scenario(2, 3)
    pair = weekly(scenario, make_curves(scenario, **DAILY))
    plan = allocate(*pair)
    again = replan(*pair, plan.media, plan.media, passed=3)
    assert again.objective.value == pytest.approx(plan.objective.value, rel=1e-4)
    spent = plan.monthly.scale(0.9)  # books by month are read as even weeks
    less = replan(*pair, plan.media, spent, passed=5)
    assert less.monthly.amounts[:, 0] == pytest.approx(spent.amounts[:, 0])
    with pytest.raises(AllocationError, match="weeks have passed"):
        replan(*pair, plan.media, plan.media, passed=14)


def test_a_weekly_plan_says_so_and_hands_months_to_the_market() -> None:
    scenario = make_scenario(2, 2)
    plan = allocate(*weekly(scenario, make_curves(scenario)))
    assert plan.unit == "week"
    assert list(plan.spend.columns) == list(plan.media.months)
    for text in (repr(plan), plan._repr_html_()):
        assert "2026-01-05" in text
    first = plan.to_dict()["spend"][1]
    assert (first["month"], first["week"]) == ("2026-01", "2026-01-05")
    assert plan.monthly.total == pytest.approx(plan.media.total)


def test_curves_and_plans_for_other_months_are_refused() -> None:
    scenario = make_scenario(2, 2)
    with pytest.raises(AllocationError, match="the curves are for"):
        weekly(scenario, make_curves(make_scenario(2, 3)))
    pair = weekly(scenario, make_curves(scenario))
    plan = allocate(*pair)
    with pytest.raises(AllocationError, match=r"plan\.monthly"):
        forecast(scenario, make_curves(scenario), plan.media)


def test_weekly_curves_survive_the_table() -> None:
    scenario = load_scenario("b2b")
    known = FakeScenario(scenario.channels, scenario.last_year, 1e6, scenario.months)
    level = {"margin": np.full(12, 1e5)}
    curves = anchored(make_curves(known, lag=0.3, carry_over=0.2), scenario, level)
    view, mine = weekly(scenario, curves)
    again = ResponseCurves.from_frame(mine.to_frame(), view.months)
    plan = scenario.reference_plan.scale(1.2)
    assert forecast(view, again, plan)["margin"] == pytest.approx(
        forecast(view, mine, plan)["margin"]
    )
