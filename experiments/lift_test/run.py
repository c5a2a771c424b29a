"""lift: an experiment inside the market, which estimates what a channel brings without peeking.

The estimate is made from what a company would see of its test. The truth beside it is the market's
own: the same people with the same luck, with the channel withheld from everybody and from nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.lift_test.design import Design, LiftError, designed
from experiments.lift_test.estimate import (
    LEAST_UNITS,
    Reading,
    paired_off,
    read_people,
    read_places,
)
from experiments.lift_test.result import Lift, Outcome
from experiments.lift_test.simulation import Field, Found, live
from experiments.study import draw_worlds
from scenarios import MediaPlan, Scenario
from sim import (
    Workers,
    checked_customers,
    checked_plan,
    checked_seed,
    jackknife,
    with_each_left_out,
)
from tiermix.core.progress import Progress
from tiermix.core.seeds import DRAWN_WORLDS, TREATED_PLACES

Array = np.ndarray[Any, Any]


def lift(
    scenario: Scenario,
    channel: str,
    design: str = "ab",
    *,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    plan: MediaPlan | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    **options: Any,
) -> Lift:
    """What an `ab` test on people, or a `geo` test on communities, finds a channel to bring.

    `options` are those of `designed`: `kpi` (conversions, revenue, margin, signups, leads,
    downloads), `start` and `weeks` (the whole planned year if left out), `watch` more weeks in
    which outcomes count, `share` of people held out, one `message`, or the `change` of a geo test.
    `replications` repeats the test in drawn worlds, each with its own luck and assignment, which
    tells coverage; without it the test is made once, in the scenario as written. Raises `LiftError`
    and `RunError`.
    """
    money = checked_plan(scenario, plan)
    asked = designed(scenario, channel, design, plan=money, **options)
    fields = _fields(scenario, asked, money, customers, seed, replications)
    for field in fields:
        _check_units(field)
    found = live(fields, workers=workers, progress=progress)
    outcomes = [outcome(field, mine) for field, mine in zip(fields, found, strict=True)]
    return Lift(scenario, asked, fields[0].customers, seed, tuple(outcomes))


def outcome(field: Field, found: Sequence[Found]) -> Outcome:
    """The test of one market, scaled to all people whom the channel can reach."""
    design = field.design
    people = np.array([one.community.people for one in found], dtype=float)
    weight = field.past.layout.weight
    heads = weight * people.sum()
    if design.kind == "ab":
        readings, level, treated = _by_people(found)
    else:
        readings, level, treated = _by_places(field, found, people)
    effects = design.sign * weight * np.array([one.planned - one.without for one in found]).T
    truths = [with_each_left_out(effect, people) for effect in effects]
    return Outcome(
        marks=design.marks,
        readings=tuple(reading.scaled(heads) for reading in readings),
        truth=np.array([each[0] for each in truths]),
        truth_se=np.array([jackknife(each[1:]) for each in truths]),
        level=level * heads,
        spent=design.sign * sum(one.spent for one in found),
        units=int(people.sum()) if design.kind == "ab" else len(found),
        treated=treated,
        weight=weight,
    )


def _fields(
    scenario: Scenario,
    design: Design,
    plan: MediaPlan,
    customers: int | None,
    seed: int,
    replications: int | None,
) -> list[Field]:
    """One market as written, or drawn worlds with a luck of their own each."""
    count = checked_customers(scenario, customers)
    if replications is None or replications == 1:
        return [Field(scenario, design, plan, count, checked_seed(seed))]
    worlds = draw_worlds(scenario, seed, replications)
    return [Field(w, design, plan, count, DRAWN_WORLDS + seed + n) for n, w in enumerate(worlds)]


def _check_units(field: Field) -> None:
    units = len(field.communities)
    if field.design.kind == "geo" and units < LEAST_UNITS:
        raise LiftError(
            f"design: geo needs {LEAST_UNITS} communities at least, and {field.design.channel} "
            f"reaches {units} among {field.customers:,} customers; ask for more customers, or "
            "use the design ab"
        )


def _by_people(found: Sequence[Found]) -> tuple[list[Reading], float, int]:
    """Readings at each mark, the outcome per head of who is shown, and how many are held out."""
    arms = np.array([one.arms for one in found])
    shown, held = arms[:, -1, :, 0].sum(axis=0)
    if min(shown, held) < 2:
        raise LiftError(
            f"share: {held:.0f} of {shown + held:.0f} simulated people are held out, which leaves "
            "one side without people to compare; ask for more customers or another share"
        )
    readings = [read_people(arms[:, mark]) for mark in range(arms.shape[1])]
    return readings, float(arms[:, -1, 0, 1].sum() / shown), int(held)


def _by_places(
    field: Field, found: Sequence[Found], people: Array
) -> tuple[list[Reading], float, int]:
    """The same for communities: who is treated lives without, who is not as planned."""
    before = np.array([one.before for one in found]) / people
    region = np.array([one.community.region for one in found])
    treated = paired_off(before, region, np.random.default_rng([TREATED_PLACES, field.seed]))
    planned, without = (
        np.array([getattr(one, arm) for one in found]) / people[:, None]
        for arm in ("planned", "without")
    )
    seen = np.where(treated[:, None], without, planned)
    sign = field.design.sign
    readings = [read_places(outcomes, before, treated).scaled(sign) for outcomes in seen.T]
    level = float(np.average(seen[~treated, -1], weights=people[~treated]))
    return readings, level, int(treated.sum())
