"""Plans: certified, within the rules on the true curves, never beaten beyond their bound."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Curve, InfeasiblePlan, ResponseCurves, anchored
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from scenarios.parts import rules
from scenarios.parts.goals import Goal
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of, slacks

KERNELS: tuple[dict[str, Any], ...] = (
    {},
    {"carry_over": 0.9, "carry_per": "day"},
    {"carry_over": 0.3},
    {"lag": 0.4},
    {"carry_over": 0.2, "lag": 0.3},
)


def random_rules(
    luck: np.random.Generator, scenario: FakeScenario, curves: ResponseCurves
) -> list[Rule]:
    """Rules that the even split keeps, some of them tight."""
    response_model = ResponseModel(scenario, curves)
    even = np.full((len(response_model.channels), len(response_model.months)), scenario.budget)
    even /= even.size
    customers = response_model.kpi("new_customers", even)[:-1].sum()
    share = sum(response_model.tiers[c] == 1 for c in response_model.channels) / len(
        response_model.channels
    )
    pool: list[Rule] = [
        rules.TierShare(name="tier", tier=1, least=0.9 * share, most=min(1.0, 1.1 * share)),
        rules.CacCap(name="cac", cap=float(scenario.budget / customers * luck.uniform(0.97, 1.1))),
        rules.KpiFloor(
            name="floor", kpi="new_customers", at_least=float(customers * luck.uniform(0.9, 1.0))
        ),
        rules.TestFund(name="tests", share=float(luck.uniform(0, 0.05))),
        rules.Ramp(name="ramp", up=float(luck.uniform(0.1, 1))),
    ]
    return [rule for rule in pool if luck.random() < 0.5]


def random_instance(
    seed: int, most: int = 12, size: tuple[int, int] | None = None
) -> tuple[FakeScenario, ResponseCurves]:
    """Channels by months as in `size`, or up to `most` by three."""
    luck = np.random.default_rng(seed)
    drawn = int(luck.integers(1, 4)), int(luck.integers(3, most))
    channels, months = size or (drawn[1], drawn[0])
    scenario = make_scenario(channels, months, 1000.0 * 10 ** luck.integers(0, 5))
    curves = make_curves(scenario, seed=seed, **KERNELS[seed % len(KERNELS)])
    if seed % 2:
        level = {
            k: np.full(months, 3 * scenario.budget / months / d)
            for k, d in (("margin", 1), ("new_customers", 50))
        }
        curves = anchored(curves, scenario, level)
    return scenario.under(*random_rules(luck, scenario, curves)), curves


def check_against_peer(
    seed: int, most: int, starts: int, size: tuple[int, int] | None = None
) -> None:
    scenario, curves = random_instance(seed, most, size)
    try:
        plan = allocate(scenario, curves)
    except InfeasiblePlan:
        task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
        assert best_of(task, starts)[0] == -np.inf
        return
    response_model = ResponseModel(scenario, curves)
    task = make_task(response_model, budget=None, objective=None)
    peer, _ = best_of(task, starts)
    made, spend = plan.objective, response_model.spend_of(plan.media)
    scale = abs(made.upper)
    assert made.gap <= 1e-4
    assert made.value == pytest.approx(task.value(spend), rel=1e-9)
    assert made.lower <= made.value + 1e-9 * scale
    assert peer <= made.upper + 1e-6 * scale
    for rule in task.rules:
        for slack in slacks(task, rule):
            assert slack(spend) >= -1e-6 * scenario.budget, rule.name


@pytest.mark.parametrize("seed", range(6))
def test_no_peer_beats_the_upper_bound_and_every_rule_holds(seed: int) -> None:
    check_against_peer(seed, most=7, starts=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 300))
def test_no_peer_beats_the_upper_bound_on_many_instances(seed: int) -> None:
    check_against_peer(seed, most=12, starts=2)


@pytest.mark.long
@pytest.mark.parametrize(("seed", "size"), [(300, (40, 1)), (301, (20, 3)), (302, (5, 12))])
def test_no_peer_beats_the_upper_bound_on_large_instances(seed: int, size: tuple[int, int]) -> None:
    check_against_peer(seed, most=12, starts=1, size=size)


@pytest.mark.long
def test_forty_channels_over_twelve_months_keep_their_rules_and_reach_their_gap() -> None:
    """Too large for the peer: here a better plan is looked for around the one that was found."""
    scenario, curves = random_instance(303, size=(40, 12))
    plan = allocate(scenario, curves, explain=False)
    response_model = ResponseModel(scenario, curves)
    task = make_task(response_model, budget=None, objective=None)
    spend, luck = response_model.spend_of(plan.media), np.random.default_rng(0)
    assert plan.gap <= 1e-4
    for _ in range(50):
        other = spend * np.exp(0.05 * luck.normal(size=spend.shape))
        other *= spend.sum() / other.sum()
        if all(slack(other) >= 0 for rule in task.rules for slack in slacks(task, rule)):
            assert task.value(other) <= plan.objective.upper * (1 + 1e-9)
    for rule in task.rules:
        for slack in slacks(task, rule):
            assert slack(spend) >= -1e-6 * scenario.budget, rule.name


def test_a_finer_gap_can_be_asked_for_and_is_reached() -> None:
    scenario = make_scenario(5, 4)
    assert allocate(scenario, make_curves(scenario), gap=1e-7).gap <= 1e-7


def test_equal_channels_get_equal_money() -> None:
    scenario = make_scenario(4, 3)
    same = tuple(Curve(c, "margin", "hill", 500.0, 80.0, 1.0) for c in scenario.plannable)
    plan = allocate(scenario, ResponseCurves(same, scenario.months))
    assert plan.media.amounts == pytest.approx(np.full((4, 3), 75.0), rel=0.02)


def test_one_channel_whose_margin_is_known_stops_where_a_unit_brings_a_unit() -> None:
    scenario = make_scenario(1, 1, budget=1000.0)
    curve = ResponseCurves((Curve("a", "margin", "hill", 400.0, 100.0, 1.0),), scenario.months)
    plan = allocate(scenario, curve, objective="profit")
    # ceiling · half / (half + x)² = 1
    assert plan.media.total == pytest.approx(100.0, rel=1e-2)
    assert plan.kpis["profit"] == pytest.approx(100.0, rel=1e-3)


def test_least_spend_for_a_target_is_the_spend_that_just_reaches_it() -> None:
    scenario = make_scenario(1, 1, budget=1000.0)
    curve = ResponseCurves((Curve("a", "margin", "hill", 400.0, 100.0, 1.0),), scenario.months)
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=300.0)
    plan = allocate(scenario.under(floor), curve, objective="spend")
    assert plan.objective.lower <= 300.0 <= plan.objective.value * (1 + 1e-9)
    assert plan.objective.value == pytest.approx(300.0, rel=2e-4)


def test_prices_move_money_to_cheap_months() -> None:
    scenario = make_scenario(2, 3, prices={"2026-02": 2.0})
    month = allocate(scenario, make_curves(scenario, shape=(0.5, 0.5))).by_month["margin"]
    assert month[1] < min(month[0], month[2])


def test_discounting_moves_money_to_early_months() -> None:
    scenario = make_scenario(2, 3)
    curves = make_curves(scenario)
    late = scenario.under(rules.Discount(name="npv", rate=5.0))
    first, *_, last = allocate(late, curves).media.by_month.values()
    assert first > 1.1 * last


def test_weights_make_an_objective_of_several_kpis() -> None:
    scenario = make_scenario(3, 2)
    curves = make_curves(scenario)
    plan = allocate(scenario, curves, objective={"margin": 1.0, "new_customers": 20.0})
    value = plan.kpis["margin"] + 20 * plan.kpis["new_customers"]
    assert plan.objective.value == pytest.approx(value)


def test_goals_that_are_rules_are_kept_relative_to_last_year() -> None:
    scenario = make_scenario(3, 2)
    curves = make_curves(scenario)
    response_model = ResponseModel(scenario, curves)
    before = float(
        response_model.kpi("new_customers", response_model.spend_of(scenario.reference_plan)).sum()
    )
    curves = ResponseCurves(
        curves.curves, curves.months, last_year={"new_customers": before, "cac": 900 / before}
    )
    best = allocate(scenario, curves).kpis["new_customers"]
    change = (best / before - 1) + 0.005
    goal = Goal(name="more", kpi="new_customers", change=change, as_rule=True)
    plan = allocate(scenario.under(goals=(goal,)), curves)
    assert plan.kpis["new_customers"] >= before * (1 + change) * (1 - 1e-6)
    assert "more" in plan.binding
    visits = Goal(name="v", kpi="visits", change=0.1, as_rule=True)
    with pytest.raises(AllocationError, match="last year's visits is not known"):
        allocate(scenario.under(goals=(visits,)), curves)


def test_goals_that_can_be_met_are_met_and_others_are_missed_by_the_least() -> None:
    scenario = make_scenario(3, 2)
    curves = make_curves(scenario)
    best = allocate(scenario, curves).kpis
    easy = Goal(name="easy", kpi="margin", level=0.9 * best["margin"])
    score = Goal(name="liked", kpi="nps", level=50)
    met = allocate(scenario.under(goals=(easy, score)), curves, objective="goals")
    assert met.objective.value == pytest.approx(0.0, abs=1e-6)
    assert met.kpis["margin"] >= easy.target() * (1 - 1e-6)
    assert "liked" in met.objective.name
    hard = Goal(name="hard", kpi="margin", level=1.1 * best["margin"])
    missed = allocate(scenario.under(goals=(hard,)), curves, objective="goals").objective
    assert missed.value == pytest.approx(0.1 / 1.1, rel=1e-3)
    assert missed.lower <= missed.value * (1 + 1e-9)


def test_goals_on_cost_weigh_against_goals_on_volume() -> None:
    scenario = make_scenario(3, 2)
    curves = make_curves(scenario)
    best = allocate(scenario, curves).kpis
    volume = Goal(name="volume", kpi="new_customers", level=best["new_customers"])
    cost = Goal(name="cost", kpi="cac", level=0.8 * best["cac"], weight=3.0)
    cheap = allocate(scenario.under(goals=(volume, cost)), curves, objective="goals")
    assert cheap.kpis["cac"] < 0.9 * best["cac"]
    assert cheap.kpis["spend"] < 900.0


def test_money_of_channels_that_are_not_planned_stays_and_counts() -> None:
    scenario = make_scenario(3, 2)
    fixed = FakeScenario(
        channels=(*scenario.channels[:2], type(scenario.channels[2])("c", 3, plannable=False)),
        last_year=scenario.last_year, budget=900.0, months=scenario.months,
    )  # fmt: skip
    plan = allocate(fixed, make_curves(fixed))
    assert plan.media.of("c").tolist() == [150.0, 150.0]
    assert plan.media.total == pytest.approx(900.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"budget": -1.0}, "no amount above 0"),
        ({"budget": np.nan}, "no amount above 0"),
        ({"objective": "nps"}, "not a KPI that adds up"),
        ({"objective": "visits"}, "no curve"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(options: dict[str, Any], words: str) -> None:
    scenario = make_scenario()
    with pytest.raises(AllocationError, match=words):
        allocate(scenario, make_curves(scenario), **options)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (rules.KpiFloor(name="x", kpi="click_rate", at_least=0.1), "ratio"),
        (rules.Budget(name="x", period="2031-01"), "does not lie in the planned months"),
        (rules.Commitment(name="x", channel="zz", amounts={"2026-01": 1.0}), "zz"),
    ],
)
def test_rules_that_cannot_be_carried_are_refused_by_name(rule: Rule, words: str) -> None:
    scenario = make_scenario()
    with pytest.raises(AllocationError, match=words):
        allocate(scenario.under(rule), make_curves(scenario))


def test_two_rules_of_one_name_are_refused() -> None:
    scenario = make_scenario()
    twice = [rules.TestFund(name="x", share=0.1)] * 2
    with pytest.raises(AllocationError, match="two rules are called 'x'"):
        allocate(scenario.under(*twice), make_curves(scenario))


def test_channels_or_months_without_curves_are_refused() -> None:
    scenario = make_scenario()
    curves = make_curves(scenario)
    with pytest.raises(AllocationError, match="c: no curve"):
        allocate(scenario, ResponseCurves(curves.curves[:4], curves.months))
    with pytest.raises(AllocationError, match="the curves are for"):
        allocate(scenario, ResponseCurves(curves.curves, ("2030-01",)))


def test_the_json_has_the_keys_of_the_contract() -> None:
    scenario = make_scenario()
    made = allocate(scenario, make_curves(scenario)).to_dict()
    keys = {"status", "objective", "spend", "kpis", "shadow_prices", "binding", "seconds"}
    assert keys <= set(made)
    assert set(made["objective"]) >= {"name", "value", "lower", "upper", "gap"}
    assert sum(row["amount"] for row in made["spend"]) == pytest.approx(900.0)
    assert all({"rule", "price", "words"} <= set(row) for row in made["shadow_prices"])


def test_a_plan_reads_as_a_table_with_prices() -> None:
    scenario = make_scenario()
    plan = allocate(scenario, make_curves(scenario))
    for text in (repr(plan), plan._repr_html_()):
        assert "margin" in text
        assert "Raising the budget by ¥1 adds ¥" in text
    assert plan.spend.to_numpy().sum() == pytest.approx(900.0)


def test_an_ensemble_gives_intervals_that_hold_the_expectation() -> None:
    scenario = make_scenario()
    luck = np.random.default_rng(0)
    noisy = []
    for curve in make_curves(scenario).curves:
        ceilings = curve.ceiling * luck.normal(1, 0.1, 30)
        draws = np.column_stack([ceilings, np.full(30, curve.half), np.full(30, curve.shape)])
        noisy.append(replace(curve, draws=draws))
    plan = allocate(scenario, ResponseCurves(tuple(noisy), scenario.months))
    low, high = plan.intervals["margin"]
    assert low < plan.kpis["margin"] < high


def steep() -> tuple[FakeScenario, ResponseCurves]:
    """Effects that last and start endlessly steep, of two KPIs whose bends lie side by side."""
    floor = rules.KpiFloor(name="floor", kpi="new_customers", at_least=1.0)
    scenario = make_scenario(4, 12, 1e6).under(floor)
    lasting: dict[str, Any] = {"carry_over": 0.9, "carry_per": "day"}
    return scenario, make_curves(scenario, seed=1, shape=(0.2, 0.5), **lasting)


def test_bends_side_by_side_where_curves_are_steep_do_not_keep_plan_and_bound_apart() -> None:
    """Two of three seeds of a library scenario ended undecided at 2e-4: a line was moved whole."""
    plan = allocate(*steep())
    assert plan.status == "optimal"
    assert plan.objective.gap <= 1e-4


def test_a_plan_whose_gap_is_not_reached_is_given_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimize.solver.certificate.PASSES", 1)
    plan = allocate(*steep())
    made = plan.objective
    assert plan.status == "feasible"
    assert made.gap == pytest.approx((made.upper - made.value) / made.upper, rel=1e-6)
    assert made.gap > plan.provenance["gap_asked"] == 1e-4
    assert "not the 1e-04 asked for: finer pieces come no nearer" in repr(plan)


def test_refinements_that_move_nothing_end_before_all_are_made() -> None:
    plan = allocate(*steep(), gap=1e-15)
    assert plan.status == "feasible"
    assert plan.provenance["passes"] < 14
