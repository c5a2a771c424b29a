"""Conflicts held against a plain program: together impossible, possible without any one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import InfeasiblePlan
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tests.optimize.plain_rules import PlainProgram

CHANNELS, MONTHS, BUDGET = 4, 4, 3_200_000.0
Draw = Callable[[np.random.Generator, FakeScenario, str], Rule]


def _some(luck: np.random.Generator, names: tuple[str, ...], most: int) -> tuple[str, ...]:
    count = int(luck.integers(1, most + 1))
    return tuple(sorted(luck.choice(names, count, replace=False).tolist()))


def _tier(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    tier = int(luck.integers(1, 4))
    least = float(luck.choice([0.0, 0.2, 0.35, 0.5]))
    most = float(luck.choice([0.0, 0.2, 0.6, 1.0]))
    return rules.TierShare(name=name, tier=tier, least=min(least, most), most=max(least, most))


def _amount(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    share, sense = (
        float(luck.choice([0.0, 0.5, 0.9, 1.1])),
        str(luck.choice(["at_least", "at_most"])),
    )
    period = str(luck.choice(["year", "month", scenario.months[1]]))
    share /= 1 if period == "year" else MONTHS
    return rules.Budget(name=name, amount=share * BUDGET, sense=sense, period=period)


def _promise(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    channel, month = str(luck.choice(scenario.plannable)), str(luck.choice(scenario.months))
    amount = float(luck.choice([0.0, 20_000.0, 300_000.0, 1_500_000.0]))
    return rules.Commitment(name=name, channel=channel, amounts={month: amount})


def _dark(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    kind = str(luck.choice(["flight", "blackout"]))
    some = _some(luck, scenario.plannable, 2)
    return rules.Flight(kind=kind, name=name, channels=some, months=_some(luck, scenario.months, 2))


def _bounds(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    basis, some = (
        str(luck.choice(["money", "share", "last_year"])),
        _some(luck, scenario.plannable, 2),
    )
    ends = {
        "money": [0.0, 60_000.0, 900_000.0],
        "share": [0.0, 0.1, 0.5],
        "last_year": [-1, 0, 0.8],
    }
    least, most = sorted(float(x) for x in luck.choice(ends[basis], 2))
    return rules.ChannelBounds(name=name, basis=basis, channels=some, least=least, most=most)


def _working(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    amount = float(luck.choice([50_000.0, 400_000.0, 2_000_000.0]))
    return rules.MinimumToWork(
        name=name, channels=_some(luck, scenario.plannable, 2), amount=amount
    )


def _ramp(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    up, step = float(luck.choice([0.0, 0.2, 1.0])), float(luck.choice([0.0, 10_000.0]))
    share, some = float(luck.choice([0.0, 0.3])), _some(luck, scenario.plannable, 4)
    return rules.Ramp(name=name, channels=some, up=up, step=step, step_share=share)


def _group(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    alone = _bounds(luck, scenario, name).model_dump(exclude={"kind"})
    return rules.GroupBounds(**alone)


def _live_amount(luck: np.random.Generator) -> float | None:
    return (None, 50_000.0, 400_000.0)[int(luck.integers(3))]


def _length(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    some, long = _some(luck, scenario.plannable, 3), int(luck.integers(2, MONTHS + 2))
    return rules.FlightLength(
        name=name, channels=some, months_on_end=long, amount=_live_amount(luck)
    )


def _count(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    some = _some(luck, scenario.plannable, CHANNELS)
    least, most = sorted(int(x) for x in luck.integers(0, len(some) + 1, 2))
    months = _some(luck, scenario.months, MONTHS) if luck.random() < 0.5 else ()
    asked = {"least": least, "most": most, "months": months, "amount": _live_amount(luck)}
    return rules.LiveChannels(name=name, channels=some, **asked)


def _steps(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    step = float(luck.choice([20_000.0, 50_000.0, 300_000.0]))
    return rules.MoneySteps(name=name, channels=_some(luck, scenario.plannable, 3), step=step)


def _start(luck: np.random.Generator, scenario: FakeScenario, name: str) -> Rule:
    channel, first = str(luck.choice(scenario.plannable)), int(luck.integers(0, MONTHS))
    learning = float(luck.choice([20_000.0, 300_000.0, 1_500_000.0]))
    most = (None, learning, 2 * learning)[int(luck.integers(3))]
    long = int(luck.integers(1, MONTHS - first + 1))
    start = scenario.months[first]
    return rules.Launch(
        name=name, channel=channel, start=start, learning=learning, learning_months=long, most=most
    )


OLD: tuple[Draw, ...] = (_tier, _amount, _promise, _dark, _bounds, _working, _ramp)
KINDS: tuple[Draw, ...] = (*OLD, _group, _length, _count, _steps, _start)


def scene(seed: int) -> FakeScenario:
    """Nine rules of any kind on money, many of them bound at zero, beside the budget."""
    luck = np.random.default_rng([77, seed])
    scenario = make_scenario(CHANNELS, MONTHS, BUDGET)
    kinds = luck.integers(0, len(KINDS), 9)
    drawn = [KINDS[kind](luck, scenario, f"rule {n}") for n, kind in enumerate(kinds)]
    return scenario.under(rules.Budget(name="budget"), *drawn)


def check(seed: int) -> bool:
    """Whether the scene is impossible; if so, its conflict is held against the plain program."""
    scenario = scene(seed)
    plain, named = PlainProgram(scenario), {rule.name: rule for rule in scenario.rules}
    refused = refusal(scenario, seed)
    if refused is None:
        assert plain.fits(scenario.rules)
        return False
    assert not plain.fits(scenario.rules)
    conflict = [named[name] for name in refused.conflict]
    assert conflict, "a conflict names its rules"
    assert not plain.fits(conflict), f"{refused.conflict} hold together"
    for rule in conflict:
        rest = [other for other in conflict if other is not rule]
        assert plain.fits(rest), f"{refused.conflict} is not the least: {rule.name}"
    return True


def refusal(scenario: FakeScenario, seed: int) -> InfeasiblePlan | None:
    """Why there is no plan, or None where there is one."""
    try:
        allocate(scenario, make_curves(scenario, seed=seed), gap=1e-2, explain=False)
    except InfeasiblePlan as refused:
        return refused
    return None


def test_conflicts_are_conflicts_and_the_least() -> None:
    impossible = sum(check(seed) for seed in range(14))
    assert impossible >= 6


@pytest.mark.long
def test_two_hundred_conflicts_are_conflicts_and_the_least() -> None:
    impossible, seed = 0, 14
    while impossible < 200:
        impossible += check(seed)
        seed += 1
        assert seed < 700, "too few impossible scenes to tell anything"
