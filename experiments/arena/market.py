"""A market that is tested: outcomes of all its communities under every dose that a test may give.

A community is closed, so that what it lives hangs on its own dose alone: how much of the channel's
money it is without, and whether a rival campaigns there. Every community lives every dose from the
same past with the same random streams; a test then picks one of them for each region, and any
number of assignments costs no more simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.arena.conditions import LEAK
from scenarios import Scenario, load_scenario
from sim import Arm, Community, CommunitySimulation, Setting, Snapshot
from tiermix.core.arrays import Floats
from tiermix.core.seeds import DRIFTING_REGIONS

CHANNEL = "video"
KPIS = ("conversions", "revenue")
COUNTS = {"conversions": ("orders", 1.0), "revenue": ("revenue", 0.01)}
WEEKS_BEFORE, WEEKS = 53, 8
"""Weeks before the test, from the history year's first day on, and weeks of the test."""
RIVAL = 0.8
"""What a rival takes from buying while he campaigns (logit scale)."""
MEMORY, DRIFT = 0.9, 0.15
"""Correlation of a region's demand from week to week where it drifts, and its spread (logit)."""
DRIFTING_COMMUNITIES = 3
"""Communities that drift together: those of one of 32 regions."""


class Dose(NamedTuple):
    """What a community lives in a test: the share of the money taken away, and a rival."""

    off: float
    rival: bool = False


DOSES = (
    *(Dose(round(own * (1 - LEAK) + LEAK * near / 2, 3)) for own in (0, 1) for near in (0, 1, 2)),
    *(Dose(float(own), rival=True) for own in (0, 1)),
)
"""Every dose of regions that have two neighbours, and those with a rival."""
DRIFTING_DOSES = (Dose(0.0), Dose(1.0))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Weekly outcomes of communities: `before` [K, C, 53], and `during` [K, C, 8] by dose."""

    before: Floats
    during: dict[Dose, Floats]


def arena_market(*, talks: bool = False) -> Scenario:
    """The market that tests are made in, and the one in which people talk."""
    folder = Path(str(resources.files("experiments.arena.markets")))
    return load_scenario(folder / ("talk.yaml" if talks else "regions.yaml"))


def outcomes_of(setting: Setting, *, drifts: bool = False) -> Outcomes:
    """Outcomes of every community of a market; where it drifts, by week and place."""
    doses = DRIFTING_DOSES if drifts else DOSES
    before, during = [], []
    for community in setting.layout.communities:
        pull = _drift(setting.seed, community) if drifts else np.zeros(WEEKS_BEFORE + WEEKS)
        past, here = _community(setting, community, doses, pull)
        before.append(past)
        during.append(here)
    return Outcomes(
        np.moveaxis(np.array(before), -1, 0),
        {dose: np.moveaxis(np.array([c[n] for c in during]), -1, 0)
         for n, dose in enumerate(doses)},
    )  # fmt: skip


def _drift(seed: int, community: Community) -> Floats:
    """What wandering demand takes from buying in a community, by week."""
    place = community.number // DRIFTING_COMMUNITIES
    rng = np.random.default_rng([DRIFTING_REGIONS, seed, place])
    found = rng.standard_normal(WEEKS_BEFORE + WEEKS) * DRIFT
    for week in range(1, len(found)):
        found[week] = MEMORY * found[week - 1] + np.sqrt(1 - MEMORY**2) * found[week]
    return np.asarray(found)


def _community(
    setting: Setting, community: Community, doses: Sequence[Dose], pull: Floats
) -> tuple[Floats, Floats]:
    """Weekly outcomes before the test [53, K], and in it by dose [D, 8, K]."""
    year = setting.scenario.history_days
    simulation = setting.born(community)
    weeks = _lived(simulation, 0, [*range(7, year, 7), year], pull)
    snapshot = simulation.snapshot()
    arms = [_arm(setting, snapshot, dose, pull) for dose in doses]
    # The last week before the test ends in the planned year, which is the same in every arm.
    weeks[-1] += arms[0][0]
    return weeks, np.array([arm[1:] for arm in arms])


def _arm(setting: Setting, snapshot: Snapshot, dose: Dose, pull: Floats) -> Floats:
    """Outcomes of the planned year's first days up to the test, then by week of it [1 + 8, K]."""
    scenario, first = setting.scenario, 7 * WEEKS_BEFORE
    simulation = setting.begun(snapshot, Arm(scenario.reference_plan))
    lived = [_lived(simulation, scenario.history_days, [first], pull)]
    number = [channel.name for channel in scenario.channels].index(CHANNEL)
    simulation.market["money"][number, first : first + 7 * WEEKS] *= 1.0 - dose.off
    marks = [first + 7 * n for n in range(1, WEEKS + 1)]
    lived.append(_lived(simulation, first, marks, pull + RIVAL * dose.rival))
    return np.concatenate(lived)


def _lived(
    simulation: CommunitySimulation, first: int, marks: Sequence[int], pull: Floats
) -> Floats:
    """What is counted up to each of these midnights since the one before [M, K]."""
    counts = [_counted(simulation)]
    for begin, end in zip([first, *marks], marks, strict=False):
        simulation.market["outside_pull"] = pull[begin // 7]
        simulation.advance(end)
        counts.append(_counted(simulation))
    return np.diff(np.array(counts), axis=0)


def _counted(simulation: CommunitySimulation) -> list[float]:
    return [simulation.counted(name) * unit for name, unit in COUNTS.values()]
