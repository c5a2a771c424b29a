"""The market of a test: every community lives it with the channel, without it, and as an A/B test.

All from the same past and with the same random streams. A community whose channel is off is what a
treated one of a geo test lives, as communities are closed to one another; with and without together
are the truth. In an A/B test a share of each community's people is held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from experiments.lift_test.design import HELD_OUT, ROWS, Design, tested
from scenarios import MediaPlan, Scenario
from sim import (
    Arm,
    Attachment,
    Community,
    CommunitySimulation,
    Setting,
    Snapshot,
    Workers,
    of_kind,
    population_of,
    simulate_tasks,
)
from tiermix.core.arrays import Bools, Floats, Records
from tiermix.core.progress import Progress

COUNTS = {"conversions": "orders"}
MONEY = {"revenue", "margin"}
CHUNK = 8
"""Communities in a piece of work."""


@dataclass(frozen=True)
class CommunityOutcome:
    """What one community showed: outcomes of its simulated customers, added up from day `first`.

    `before` is the outcome of the history year and of the planned year up to the test; `planned`
    and `without` [M] are read at each mark; `spent` is the channel's money that the effect costs;
    `arms` [M, 2, 5] are the sums that `estimate_people` takes.
    """

    community: Community
    before: float
    planned: Floats
    without: Floats
    spent: float
    arms: Floats


@dataclass(frozen=True)
class Experiment:
    """A market made ready for an experiment."""

    scenario: Scenario
    design: Design
    plan: MediaPlan
    customers: int
    seed: int
    attachments: tuple[Attachment, ...] = ()

    @cached_property
    def _scenarios(self) -> tuple[Scenario, Scenario]:
        return tested(self.scenario, self.design)

    @cached_property
    def past(self) -> Setting:
        """The market before the test."""
        return self._setting(self._scenarios[0])

    @cached_property
    def present(self) -> Setting:
        """The market with the test in it."""
        before, during = self._scenarios
        return self.past if during is before else self._setting(during)

    def _setting(self, scenario: Scenario) -> Setting:
        return Setting(scenario, self.customers, self.seed, attachments=self.attachments)

    @cached_property
    def logged(self) -> Setting:
        """The same with everybody's orders written down."""
        return self.present.logged()

    @cached_property
    def channel(self) -> int:
        """The number of the channel."""
        return [c.name for c in self.scenario.channels].index(self.design.channel)

    @cached_property
    def communities(self) -> tuple[Community, ...]:
        """Those that the channel can reach."""
        served = self.scenario.channel(self.design.channel).regions
        names = [region.name for region in self.scenario.regions]
        every = self.past.layout.communities
        return tuple(c for c in every if not served or names[c.region] in served)


@dataclass(frozen=True)
class _Task:
    experiment: Experiment
    communities: tuple[Community, ...]


def simulate_tests(
    experiments: Sequence[Experiment],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[list[CommunityOutcome]]:
    """For each market, what each of its communities showed, in their order."""
    tasks = [
        _Task(experiment, experiment.communities[n : n + CHUNK])
        for experiment in experiments
        for n in range(0, len(experiment.communities), CHUNK)
    ]
    markets, what = [experiment.past for experiment in experiments], "groups of communities"
    parts = simulate_tasks(
        _simulate_communities, tasks, markets, workers=workers, progress=progress, what=what
    )
    pairs = list(zip(tasks, parts, strict=True))
    return [
        [one for t, part in pairs if t.experiment is experiment for one in part]
        for experiment in experiments
    ]


def _simulate_communities(task: _Task) -> list[CommunityOutcome]:
    return [_community(task.experiment, community) for community in task.communities]


def _community(experiment: Experiment, community: Community) -> CommunityOutcome:
    design = experiment.design
    year, snapshot = experiment.past.history(community)
    everybody = np.ones(community.people, dtype=bool)
    planned, before, kept = _watch(experiment, experiment.present, snapshot, ~everybody)
    without, _, spent = _watch(experiment, experiment.present, snapshot, everybody)
    # Media that is bought for all costs the same when some people are kept away from it.
    wasted = design.kind == "ab" and not experiment.scenario.channels[experiment.channel].capped
    history = _amount(design.kpi, year.counted(_count_of(design)))
    return CommunityOutcome(
        community=community,
        before=history + before,
        planned=planned,
        without=without,
        spent=kept - (0.0 if wasted else spent),
        arms=_arms(experiment, snapshot) if design.kind == "ab" else np.zeros((len(planned), 2, 5)),
    )


def _watch(
    experiment: Experiment, setting: Setting, snapshot: Snapshot, held: Bools
) -> tuple[Floats, float, float]:
    """Outcomes at each mark, before the test, and the channel's money while people are held out."""
    design = experiment.design
    simulation = setting.begun(snapshot, Arm(experiment.plan))
    simulation.advance(design.first)
    before, seen = _counted(design, simulation), []
    _begin(experiment, simulation, held)
    for mark in design.marks:
        simulation.advance(mark)
        seen.append(_counted(design, simulation) - before)
        if mark == design.last:
            _end(experiment, simulation)
    money = simulation.spent(experiment.channel, design.first, design.last)
    return np.array(seen), before, money


def _arms(experiment: Experiment, snapshot: Snapshot) -> Floats:
    """The sums of both arms when a share of the people is held out [M, 2, 5]."""
    design, community = experiment.design, snapshot.community
    simulation = experiment.logged.begun(snapshot, Arm(experiment.plan))
    simulation.advance(design.first)
    simulation.take_rows()
    orders = simulation.population["orders"].astype(float)
    assigned = population_of(experiment.present.scenario, community, experiment.seed)["variants"]
    held = (assigned >> _bit(experiment)) & 1 == 1
    _begin(experiment, simulation, held)
    simulation.advance(design.last)
    _end(experiment, simulation)
    simulation.advance(design.until)
    return _sums(design, simulation.take_rows(), orders, held)


def _sums(design: Design, rows: Records, orders: Floats, held: Bools) -> Floats:
    """`n, Σy, Σx, Σx², Σxy` of who is shown and who is held out, at each mark."""
    kind, amount = ROWS[design.kpi]
    mine = of_kind(rows, kind)
    worth = mine[amount] / 100.0 if amount else np.ones(len(mine))
    sums = []
    for mark in design.marks:
        done = mine["time"] < mark
        y = np.bincount(mine["customer"][done], worth[done], minlength=len(held))
        terms = np.stack([np.ones(len(held)), y, orders, orders**2, orders * y], axis=1)
        sums.append([terms[~held].sum(axis=0), terms[held].sum(axis=0)])
    return np.array(sums)


def _bit(experiment: Experiment) -> int:
    return [variant.name for variant in experiment.present.scenario.variants].index(HELD_OUT)


def _begin(experiment: Experiment, simulation: CommunitySimulation, held: Bools) -> None:
    """From the coming day on the channel is withheld from these people, or changed here."""
    design, market = experiment.design, simulation.market
    if design.kind == "ab":
        simulation.population["variants"] |= held.astype(np.int32) << _bit(experiment)
    elif held.any() and design.change == -1.0:
        market["off"][experiment.channel] = 1
    elif held.any():
        market["money"][experiment.channel, design.first : design.last] *= 1.0 + design.change


def _end(experiment: Experiment, simulation: CommunitySimulation) -> None:
    """From the coming day on everything is as planned again."""
    if experiment.design.kind == "ab":
        simulation.population["variants"] &= ~np.int32(1 << _bit(experiment))
    else:
        simulation.market["off"][experiment.channel] = 0


def _counted(design: Design, simulation: CommunitySimulation) -> float:
    """The outcome since the planned year began."""
    return _amount(design.kpi, simulation.counted(_count_of(design)))


def _count_of(design: Design) -> str:
    return COUNTS.get(design.kpi, design.kpi)


def _amount(kpi: str, count: int) -> float:
    return count / (100.0 if kpi in MONEY else 1.0)
