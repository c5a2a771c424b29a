"""All tests of one market: drawn, seen, estimated by every estimator, held against the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.arena.conditions import Condition, PeopleCondition
from experiments.arena.estimators import ESTIMATORS, PEOPLE_ESTIMATORS
from experiments.arena.market import Outcomes, arena_market, outcomes_of
from experiments.arena.people import (
    PeopleArm,
    PeopleOutcomes,
    PeopleTest,
    people_outcomes,
    people_test,
)
from experiments.arena.regions import RegionTest, region_test
from experiments.field_test.estimate import Estimate, NotApplicable
from experiments.field_test.methods import Method
from experiments.field_test.panel import Panel
from sim import Setting
from tiermix.core.arrays import Bools
from tiermix.core.seeds import BENCHMARK_ASSIGNMENTS

Row = tuple[Any, ...]
KEY = ("kind", "condition", "market", "test", "estimator")
COLUMNS = (*KEY, "truth", "estimate", "low", "high", "p_value", "untouched_p")
"""A row a test and estimator: the true effect, what was estimated, its 95 % interval, the p of no
effect, and that p among the same units had nothing been done; empty where it is not applicable."""
BY_REGIONS, BY_PEOPLE = "regions", "people"
NONE = (math.nan,) * 4


def region_rows(
    conditions: Sequence[Condition], setting: Setting, number: int, tests: int
) -> Iterator[Row]:
    """Tests by regions of one market under each condition."""
    lived: dict[bool, Outcomes] = {}
    for condition in conditions:
        if condition.drifts not in lived:
            lived[condition.drifts] = outcomes_of(setting, drifts=condition.drifts)
        for test in range(1, tests + 1):
            drawn = region_test(lived[condition.drifts], condition, _generator(setting, test))
            for row in _by_regions(drawn):
                yield BY_REGIONS, condition.name, number, test, *row


def _by_regions(test: RegionTest) -> Iterator[Row]:
    for name, method in ESTIMATORS.items():
        one, nothing = _tried(method, test.panel), _tried(method, test.untouched, interval=False)
        yield name, test.truth, *_figures(one), nothing.p_value if nothing else math.nan


def _tried(method: Method, panel: Panel, *, interval: bool = True) -> Estimate | None:
    try:
        return method(panel, interval=interval)
    except NotApplicable:
        return None


def _figures(one: Estimate | None) -> tuple[float, ...]:
    return (one.effect, one.low, one.high, one.p_value) if one else NONE


def people_rows(
    conditions: Sequence[PeopleCondition], setting: Setting, number: int, tests: int
) -> Iterator[Row]:
    """Tests by people of one market under each condition."""
    held = [_generator(setting, n).random(setting.customers) < 0.5 for n in range(1, tests + 1)]
    lived: dict[bool, PeopleOutcomes] = {}
    for condition in conditions:
        if condition.talks not in lived:
            lived[condition.talks] = _lived(setting, held, talks=condition.talks)
        for test, mine in enumerate(held):
            nobody = 2 * condition.rival
            drawn = people_test(
                lived[condition.talks],
                condition.kpi,
                mine,
                nobody=nobody,
                everybody=nobody + 1,
                seen=2 + test if condition.talks else None,
                share=condition.share,
            )
            for row in _by_people(drawn):
                yield BY_PEOPLE, condition.name, number, test + 1, *row


def _lived(setting: Setting, held: Sequence[Bools], *, talks: bool) -> PeopleOutcomes:
    """Arms: nobody and everybody held out; then with a rival, or as each test holds people out."""
    nobody = np.zeros(setting.customers, dtype=bool)
    ends = [PeopleArm(nobody), PeopleArm(~nobody)]
    if not talks:
        return people_outcomes(setting, [*ends, *(arm._replace(rival=True) for arm in ends)])
    talking = replace(setting, scenario=arena_market(talks=True))
    return people_outcomes(talking, [*ends, *(PeopleArm(mine) for mine in held)])


def _by_people(test: PeopleTest) -> Iterator[Row]:
    for name, method in PEOPLE_ESTIMATORS.items():
        one, nothing = method(test, test.outcome), method(test, test.untouched)
        yield name, test.truth, *_figures(one), nothing.p_value


def _generator(setting: Setting, test: int) -> np.random.Generator:
    """Who is treated in a test of a market, whatever the condition."""
    return np.random.default_rng([BENCHMARK_ASSIGNMENTS, setting.seed, test])
