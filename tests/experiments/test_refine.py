"""The market in the loop: steps are accepted only when the market says so; regret is paired."""

import pytest

from experiments.comparison.refine import Refined, clairvoyant, refine, regret
from experiments.curves import measure_curves
from optimize import allocate
from scenarios import MediaPlan, Scenario, load_scenario
from scenarios.parts.rules import KpiFloor
from sim import Setting, draw_world
from sim.market.arms import simulate_histories

FEW = {"workers": 1, "customers": 400}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail")


@pytest.fixture(scope="module")
def lopsided(scenario: Scenario) -> MediaPlan:
    """Last year's money, most of it where it brings least."""
    plan = scenario.reference_plan.scaled_to(0.25 * scenario.budget)
    return plan.with_channel("forums", plan.of("forums") * 20)


@pytest.fixture(scope="module")
def found(scenario: Scenario, lopsided: MediaPlan) -> Refined:
    free = scenario.model_copy(
        update={"rules": scenario.rules[:1], "goals": (), "objective": "revenue"}
    )
    return refine(free, lopsided, steps=2, **FEW)


def test_a_step_is_taken_exactly_when_it_earns_more_than_its_error(found: Refined) -> None:
    assert found.steps
    for step in found.steps:
        assert step.accepted == (step.gain > step.se)
        assert step.predicted > 0
    assert found.gain >= 0
    assert found.label == "the best found"
    assert found.note


def test_the_plan_moves_only_when_a_step_was_taken(found: Refined, lopsided: MediaPlan) -> None:
    moved = any(step.accepted for step in found.steps)
    assert (found.media != lopsided) == moved
    assert found.media.total <= load_scenario("retail").budget * (1 + 1e-9)


def test_regret_against_itself_is_nothing_and_less_money_is_regretted(
    scenario: Scenario, found: Refined
) -> None:
    scenario = scenario.model_copy(update={"objective": "margin"})
    past = simulate_histories([Setting(scenario, 400, 99)], workers=1)[0]
    table = regret(
        past, found.media, {"same": found.media, "none": found.media.scale(0.0)}, workers=1
    )
    by = table.set_index("strategy")
    assert by.loc["same", "regret"] == 0.0
    assert by.loc["none", "regret"] > 2 * by.loc["none", "se"]


def test_rules_on_outcomes_that_no_step_keeps_are_told(
    scenario: Scenario, lopsided: MediaPlan
) -> None:
    floor = KpiFloor(name="floor", kpi="conversions", at_least=1e9)
    hopeless = scenario.model_copy(update={"rules": (scenario.rules[0], floor), "goals": ()})
    told = refine(hopeless, lopsided, steps=1, **FEW)
    assert "rules on outcomes were left out" in told.note


def test_nothing_is_told_of_rules_where_all_were_kept(found: Refined) -> None:
    assert "left out" not in found.note


@pytest.mark.long
def test_a_refined_plan_does_not_earn_significantly_less_than_the_program_s() -> None:
    """Retail, in worlds and with luck that neither was made with; paired, 95 %."""
    scenario = load_scenario("retail")
    curves = measure_curves(scenario, customers=2000, seed=77)
    start = allocate(scenario, curves, gap=1e-3, explain=False).media
    best = refine(scenario, start, customers=2000)
    past = simulate_histories([Setting(scenario, 4000, 4242)])[0]
    row = regret(past, best.media, {"lp": start}).iloc[0]
    assert row["regret"] >= -1.96 * row["se"]


@pytest.mark.long
def test_the_clairvoyant_plan_is_refined_in_the_drawn_world() -> None:
    scenario = load_scenario("retail")
    world = draw_world(scenario, 5)
    start = scenario.reference_plan.scaled_to(scenario.budget)
    best = clairvoyant(scenario, world, start, customers=1500, steps=3)
    past = simulate_histories([Setting(world, 3000, 4243)])[0]
    row = regret(past, best.media, {"last_year": start}).iloc[0]
    assert row["regret"] >= -1.96 * row["se"]
