"""A test by people: who is held out, what both sides do, and what is seen and true of it.

Everybody lives the test's weeks with nobody held out and with everybody held out, from the same
past with the same random streams. Where people do not talk to one another, what a person does hangs
on the person's own treatment alone, and any assignment is put together from these two; where they
talk, every assignment is lived by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from experiments.arena.market import CHANNEL, KPIS, RIVAL, WEEKS, WEEKS_BEFORE
from scenarios import Scenario
from sim import Arm, Setting, Snapshot, of_kind
from tiermix.core.arrays import Bools, Floats, Ints

HELD_OUT = "held_out"


class PeopleArm(NamedTuple):
    """Who is held out [N] of all people in the test, and whether a rival campaigns."""

    held: Bools
    rival: bool = False


@dataclass(frozen=True, eq=False)
class PeopleOutcomes:
    """By person, the number of the community and orders before the test [N].

    `during` [A, K, N] is what everybody did in the test, by arm.
    """

    community: Ints
    before: Floats
    during: Floats


@dataclass(frozen=True, eq=False)
class PeopleTest:
    """One test by people: outcome in the test and orders before it, who was held out [N].

    `untouched` is the outcome had nobody been held out; `truth` what those who were have more with
    everybody held out than with nobody.
    """

    community: Ints
    before: Floats
    held: Bools
    outcome: Floats
    untouched: Floats
    truth: float


def people_outcomes(setting: Setting, arms: Sequence[PeopleArm]) -> PeopleOutcomes:
    """What all people of a market do under each arm."""
    present = _with_variant(setting.scenario, setting).logged()
    owner, before, during, first = [], [], [], 0
    for community in setting.layout.communities:
        _, snapshot = setting.history(community)
        mine = slice(first, first + community.people)
        lived = [_lived(present, snapshot, arm.held[mine], rival=arm.rival) for arm in arms]
        owner.append(np.full(community.people, community.number))
        before.append(lived[0][0])
        during.append(np.array([found for _, found in lived]))
        first = mine.stop
    return PeopleOutcomes(
        np.concatenate(owner), np.concatenate(before), np.concatenate(during, axis=2)
    )


def people_test(
    outcomes: PeopleOutcomes,
    kpi: str,
    held: Bools,
    *,
    nobody: int,
    everybody: int,
    seen: int | None = None,
    share: float = 1.0,
) -> PeopleTest:
    """A test of a share of these people; `nobody`, `everybody`, `seen` are numbers of arms.

    Without `seen` what is seen is put together from the two others.
    """
    last = round(share * (outcomes.community[-1] + 1))
    mine = outcomes.community < last
    found = outcomes.during[:, KPIS.index(kpi)][:, mine]
    shown, gone, out = found[nobody], found[everybody], held[mine]
    outcome = np.where(out, gone, shown) if seen is None else found[seen]
    truth = float((gone - shown)[out].sum())
    before, community = outcomes.before[mine], outcomes.community[mine]
    return PeopleTest(community, before, out, outcome, shown, truth)


def _with_variant(scenario: Scenario, setting: Setting) -> Setting:
    """The same market in which people can be held out of the channel."""
    data: dict[str, Any] = scenario.model_dump(mode="json")
    data["variants"] = [{"name": HELD_OUT, "share": 0.5, "channel": CHANNEL, "shows": False}]
    return Setting(Scenario.model_validate(data), setting.customers, setting.seed)


def _lived(
    present: Setting, snapshot: Snapshot, held: Bools, *, rival: bool
) -> tuple[Floats, Floats]:
    """Orders of each person before the test [N], and outcomes in it [K, N]."""
    first = 7 * WEEKS_BEFORE
    simulation = present.begun(snapshot, Arm(present.scenario.reference_plan))
    simulation.advance(first)
    simulation.take_rows()
    before = simulation.population["orders"].astype(float)
    simulation.population["variants"] = held.astype(np.int32)
    simulation.market["outside_pull"] = RIVAL * rival
    simulation.advance(first + 7 * WEEKS)
    orders = of_kind(simulation.take_rows(), "order")
    people = len(held)
    counts = np.bincount(orders["customer"], minlength=people).astype(float)
    worth = np.bincount(orders["customer"], orders["value"] / 100.0, minlength=people)
    return before, np.array([counts, worth])
