"""Setting: a scenario made ready for a number of customers and a seed; lives single years."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from scenarios import MediaPlan, Scenario
from sim.desk.bridge import desk_of
from sim.desk.shared import SharedDesk
from sim.engine import state as s
from sim.market.community import CommunitySimulation, Snapshot
from sim.market.engines import Engine
from sim.market.living import Attachment
from sim.market.processes import inside
from sim.market.usual import Usual, tell, usual_of
from sim.output.year import CommunityYear, begin_year, leave_out, read_tail, read_year
from sim.setup.communities import Community, Layout, layout_of, population_of
from sim.setup.compile import world_of
from sim.setup.money import money_of, wandering
from tiermix.core.arrays import Floats, Records


@dataclass(frozen=True)
class Arm:
    """One way to live the planned year: a plan, and channels that are switched off in it.

    Channels in `no_hand_offs_from` hand nothing on in the year to channels outside that set, nor to
    the search page. `after` is the plan that the tail repeats, `plan` if None. Of the channels in
    `without_last_ads` every ad is left out that was the last one noticed before an order of the
    year as planned.
    """

    plan: MediaPlan
    off: frozenset[str] = frozenset()
    no_hand_offs_from: frozenset[str] = frozenset()
    after: MediaPlan | None = None
    without_last_ads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Setting:
    """What all communities of one market share; cheap to make again in every worker.

    `attachments` are processes of one's own that live in every community, in every arm.
    """

    scenario: Scenario
    customers: int
    seed: int
    engine: Engine = "batch"
    logging: bool = False
    attachments: tuple[Attachment, ...] = ()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """What was worked out travels along; a record must own its array to be handed over fast."""
        vars(self).update(state)
        if "world" in state:
            vars(self)["world"] = s.array_of(state["world"])[0]

    @cached_property
    def layout(self) -> Layout:
        """How customers are spread over communities."""
        return layout_of(self.scenario, self.customers)

    @cached_property
    def world(self) -> np.record:
        """The record that behaviour reads."""
        return world_of(self.scenario, self.customers)

    def logged(self) -> Setting:
        """The same with every touch and order written down; what is worked out is shared."""
        setting = replace(self, logging=True)
        vars(setting)["world"] = self.world
        if "usual" in vars(self):
            vars(setting)["usual"] = self.usual
        return setting

    @cached_property
    def history_money(self) -> Floats:
        """Last year's money per head [regions, CHANNELS, days], wandering as real spend does."""
        scenario = self.scenario
        return money_of(scenario, scenario.last_year, self.layout) * wandering(scenario)

    @cached_property
    def usual(self) -> Usual | None:
        """What capped channels and the desk may expect, or None where there are neither."""
        if not (self.world["capped"].any() or self.scenario.desk.agents):
            return None
        # Without own processes, as `Market` has it: what is usual is known before they act.
        quiet = replace(self, engine="batch", logging=False, attachments=())
        vars(quiet).update(world=self.world, history_money=self.history_money)
        regions, days = len(self.scenario.regions), self.scenario.history_days
        return usual_of(self.layout, regions, days, quiet._untold)

    def history(
        self, community: Community, attachments: tuple[Attachment, ...] = ()
    ) -> tuple[CommunityYear, Snapshot]:
        """Live the history year of a community; its book and its state at the end."""
        simulation = self.born(community, attachments)
        begin_year(simulation)
        simulation.advance(self.scenario.history_days)
        return read_year(simulation, 0, self.scenario.history_days), simulation.snapshot()

    def born(
        self, community: Community, attachments: tuple[Attachment, ...] = ()
    ) -> CommunitySimulation:
        """A community at the start of the history year, with last year's money in its hands."""
        simulation = self._untold(community, attachments)
        if self.usual:
            tell(self.usual, simulation)
        return simulation

    def _untold(
        self, community: Community, attachments: tuple[Attachment, ...] = ()
    ) -> CommunitySimulation:
        """The same, not told what capped channels may expect: it goes by its own few events."""
        population = population_of(self.scenario, community, self.seed)
        simulation = CommunitySimulation.born(
            self.world,
            community,
            self.seed,
            population,
            engine=self.engine,
            logging=self.logging,
            attachments=inside(self, attachments or self.attachments),
            desk=self.desk(community, 0),
        )
        money = self.history_money[community.region]
        simulation.market["money"][:, : money.shape[1]] = money
        return simulation

    def desk(self, community: Community, start: int) -> SharedDesk | None:
        """The sales and service desk of a community from day `start` on, if there is one."""
        return desk_of(
            self.scenario,
            community=community.number,
            people=community.people,
            seed=self.seed,
            start=start,
            season=self.world["need_season"],
            engine=self.engine,
        )

    def planned(
        self, snapshot: Snapshot, arm: Arm, tail: int = 0, attachments: tuple[Attachment, ...] = ()
    ) -> CommunityYear:
        """Live the planned year under an arm, and `tail` days more with the plan repeated.

        What the arm switches off or leaves alone is as usual again in the tail: what differs there
        is what the year has left behind, not a longer absence.
        """
        first, days = self.scenario.history_days, self.scenario.year_days
        simulation = self.begun(snapshot, arm, attachments)
        simulation.advance(first + days)
        year = read_year(simulation, first, days)
        if tail:
            if arm.no_hand_offs_from:
                simulation.world = self.world
            self.switch_on_again(simulation, arm)
            simulation.advance(first + days + tail)
            year = read_tail(simulation, year, first + days)
        return year

    def begun(
        self, snapshot: Snapshot, arm: Arm, attachments: tuple[Attachment, ...] = ()
    ) -> CommunitySimulation:
        """A community at the start of the planned year, with an arm's money in its hands."""
        start = self.scenario.history_days
        simulation = CommunitySimulation.restored(
            self.world_under(arm),
            snapshot,
            engine=self.engine,
            logging=self.logging,
            attachments=inside(self, attachments or self.attachments),
            desk=self.desk(snapshot.community, start),
        )
        self.give(simulation, arm)
        begin_year(simulation)
        if arm.without_last_ads:
            names = [channel.name for channel in self.scenario.channels]
            channels = [names.index(name) for name in sorted(arm.without_last_ads)]
            leave_out(simulation.population, self.last_ads(snapshot, arm.plan), channels)
        return simulation

    def last_ads(self, snapshot: Snapshot, plan: MediaPlan) -> Records:
        """For each customer, the ads noticed last before the orders of the year under a plan.

        Kept for one community at a time: a worker asks for all arms of one before the next.
        """
        name = (snapshot.community.number, plan.hash)
        if name not in self._last_ads:
            simulation = self.begun(snapshot, Arm(plan))
            simulation.advance(self.scenario.history_days + self.scenario.year_days)
            self._last_ads.clear()
            self._last_ads[name] = simulation.population[["ads", "ad_keys", "ad_channels"]].copy()
        return self._last_ads[name]

    def give(self, simulation: CommunitySimulation, arm: Arm) -> None:
        """Hand a community the money of a plan, and switch channels off."""
        money, after = (
            self.money(plan)[simulation.community.region]
            for plan in (arm.plan, arm.after or arm.plan)
        )
        first = self.scenario.history_days
        room = s.DAYS - first
        repeated = np.concatenate([money, after], axis=1)[:, :room]
        simulation.market["money"][:, first : first + repeated.shape[1]] = repeated
        for c, channel in enumerate(self.scenario.channels):
            if channel.name in arm.off:
                simulation.market["off"][c] = 1
                simulation.kept_off |= {c}
                simulation.market["money"][c, first : first + money.shape[1]] = 0.0

    def switch_on_again(self, simulation: CommunitySimulation, arm: Arm) -> None:
        """Let what an arm kept off be as usual; what a process has switched off stays so."""
        simulation.kept_off = frozenset()
        for c, channel in enumerate(self.scenario.channels):
            if channel.name in arm.off:
                simulation.market["off"][c] = 0

    def world_under(self, arm: Arm) -> np.record:
        """The record that behaviour reads in the year of an arm."""
        if not arm.no_hand_offs_from:
            return self.world
        if arm.no_hand_offs_from not in self._worlds:
            scenario = left_alone(self.scenario, arm.no_hand_offs_from)
            self._worlds[arm.no_hand_offs_from] = world_of(scenario, self.customers)
        return self._worlds[arm.no_hand_offs_from]

    def money(self, plan: MediaPlan) -> Floats:
        """Money per head of a plan, computed once per plan."""
        if plan.hash not in self._money:
            self._money[plan.hash] = money_of(self.scenario, plan, self.layout)
        return self._money[plan.hash]

    @cached_property
    def _last_ads(self) -> dict[tuple[int, str], Records]:
        return {}

    @cached_property
    def _money(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def _worlds(self) -> dict[frozenset[str], np.record]:
        return {}


def left_alone(scenario: Scenario, channels: frozenset[str]) -> Scenario:
    """The scenario in which these channels hand on to one another only, not to others or search."""
    data = scenario.model_dump(mode="json")
    for channel in data["channels"]:
        if channel["name"] in channels:
            kept = {to: x for to, x in channel["hand_offs"].items() if to in channels}
            channel["hand_offs"] = kept
    return Scenario.model_validate(data)
