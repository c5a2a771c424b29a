"""Random instances of each kind of rule: are certificates kept, are prices what a step changes?

    uv run python -m benchmarks.rule_prices
    uv run python -m benchmarks.rule_prices --instances 200

Each instance is a year of four channels and three months with random concave curves, planned under
its budget and one rule whose number makes it bind (as far as a random number does). Counted are
plans whose value is above the bound or whose gap is wider than asked, plans that break a rule on
the true curves, and prices that are said to be unique and differ by more than 1 % from the central
difference of the whole optimisation, solved again at two numbers.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import Plan, ResponseCurves, UndecidedPlan, allocate, rules_broken
from scenarios.parts import rules
from scenarios.parts.rules import Rule

GAP, FINE = 1e-6, 1e-8
CLOSE = 0.01
SEEN = 1e-6
"""Of the objective: a price of less, times its step, drowns in the solver's last digits."""


class Case(NamedTuple):
    """A rule by its number, the number where it is tried, and one step of it.

    Programs with integers are solved less exactly: `rough` ones are tried ten times as far away.
    """

    make: Callable[[float], Rule]
    number: float
    step: float
    rough: bool = False


def cases(best: Plan, scenario: FakeScenario, luck: np.random.Generator) -> dict[str, Case]:
    """One rule of each kind, its number a random part of what the best plan has."""
    money, budget = best.media.by_channel, scenario.budget
    less, more = luck.uniform(0.6, 0.95), luck.uniform(1.05, 1.6)
    pair, even = money["a"] + money["c"], budget / 12
    return {
        "budget": Case(lambda x: rules.Budget(name="r", amount=x), less * budget, 1.0),
        "channel_bounds": Case(
            lambda x: rules.ChannelBounds(name="r", channels=("a",), most=x), less * money["a"], 1.0
        ),
        "group_bounds, money": Case(
            lambda x: rules.GroupBounds(name="r", channels=("a", "c"), most=x), less * pair, 1.0
        ),
        "group_bounds, share": Case(
            lambda x: rules.GroupBounds(name="r", channels=("a", "c"), basis="share", least=x),
            min(more * pair / budget, 0.95), 0.01,
        ),
        "tier_share": Case(
            lambda x: rules.TierShare(name="r", tier=1, most=x),
            less * (money["a"] + money["d"]) / budget, 0.01,
        ),
        "ramp, step_share": Case(
            lambda x: rules.Ramp(name="r", up=x, step_share=0.02, from_last_year=True),
            luck.uniform(0.01, 0.1), 0.01,
        ),
        "launch": Case(
            lambda x: rules.Launch(
                name="r", channel="a", start="2026-01", learning=x, learning_months=2
            ),
            more * float(best.media.of("a")[:2].sum()), 1.0,
        ),
        "commitment": Case(
            lambda x: rules.Commitment(name="r", channel="b", amounts={"2026-02": x}),
            more * float(best.media.of("b")[1]), 1.0,
        ),
        "cac_cap": Case(
            lambda x: rules.CacCap(name="r", cap=x),
            luck.uniform(0.85, 0.97) * best.kpis["cac"], 1.0,
        ),
        "roi_floor": Case(
            lambda x: rules.RoiFloor(name="r", floor=x),
            luck.uniform(1.03, 1.2) * best.kpis["roi"], 0.01,
        ),
        "kpi_floor": Case(
            lambda x: rules.KpiFloor(name="r", kpi="new_customers", at_least=x),
            luck.uniform(1.0, 1.02) * best.kpis["new_customers"], 1.0,
        ),
        "minimum_to_work": Case(
            lambda x: rules.MinimumToWork(name="r", channels=("a",), amount=x), more * even, 1.0,
            rough=True,
        ),
        "flight_length": Case(
            lambda x: rules.FlightLength(name="r", channels=("a",), months_on_end=3, amount=x),
            more * even, 1.0, rough=True,
        ),
        "live_channels": Case(
            lambda x: rules.LiveChannels(name="r", channels=("a", "b"), least=2, amount=x),
            more * even, 1.0, rough=True,
        ),
        "money_steps": Case(
            lambda x: rules.MoneySteps(name="r", channels=("a",), step=x), 0.7 * even, 1.0,
            rough=True,
        ),
    }  # fmt: skip


def verdict(scenario: FakeScenario, curves: ResponseCurves, case: Case) -> str:
    """What came of one instance."""

    def planned(number: float, gap: float, explain: bool) -> Plan:
        asked = scenario.under(case.make(number))
        return allocate(asked, curves, gap=gap, explain=explain, calm=False)

    try:
        plan = planned(case.number, GAP, explain=True)
    except UndecidedPlan:
        return "undecided"
    except Exception as error:
        return type(error).__name__
    if plan.status != "optimal":
        return "undecided"
    made = plan.objective
    if made.value > made.upper * (1 + 1e-9) or made.gap > GAP:
        return "certificate wrong"
    if rules_broken(scenario.under(case.make(case.number)), plan.media, curves):
        return "rule broken"
    prices = [p for p in plan.shadow_prices if p.rule == "r" and p.binds]
    if not prices:
        return "does not bind"
    if len(prices) > 1 or not prices[0].unique:
        return "price not unique"
    # Small enough for curved outcomes, large enough for what certificates leave open.
    size = max(1e-4 * abs(case.number), 0.005 * case.step) * (10 if case.rough else 1)
    try:
        # Plans of programs with integers are exact to the last digits only once they are polished.
        ends = [planned(case.number + s * size, FINE, explain=case.rough) for s in (-1, 1)]
    except Exception:
        return "no plan a step away"
    rise = (ends[1].objective.value - ends[0].objective.value) / (2 * size) * case.step
    off = abs(prices[0].price - rise)
    if off <= CLOSE * abs(rise) or off <= SEEN * abs(made.value):
        return "price right"
    return "price differs"


def table(instances: int, seed: int) -> dict[str, Counter[str]]:
    """Verdicts by kind of rule."""
    found: dict[str, Counter[str]] = {}
    for number in range(instances):
        luck = np.random.default_rng([seed, number])
        scenario = make_scenario(4, 3, 1200.0)
        curves = make_curves(scenario, seed=seed * 10_000 + number)
        best = allocate(scenario, curves, calm=False, explain=False)
        for kind, case in cases(best, scenario, luck).items():
            found.setdefault(kind, Counter())[verdict(scenario, curves, case)] += 1
    return found


def main() -> None:
    """Print a row for each kind of rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for kind, verdicts in table(asked.instances, asked.seed).items():
        told = ", ".join(f"{what} {count}" for what, count in verdicts.most_common())
        print(f"| {kind} | {told} |", flush=True)


if __name__ == "__main__":
    main()
