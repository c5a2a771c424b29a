"""Setting: a scenario made ready for a number of customers and a seed; lives single years."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from scenarios import MediaPlan, Scenario
from sim.desk.bridge import desk_of
from sim.engine import state as s
from sim.market.community import Snapshot, Society
from sim.market.engines import Engine
from sim.market.living import Attachment
from sim.market.processes import inside
from sim.output.year import LivedYear, begin_year, leave_out, read_tail, read_year
from sim.setup.communities import Community, Layout, crowd_of, layout_of
from sim.setup.compile import world_of
from sim.setup.money import money_of, wandering

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Arm:
    """One way to live the planned year: a plan, and channels that are switched off in it.

    Channels in `alone` hand nothing on in the year to channels outside that set, nor to the search
    page. `after` is the plan that the tail repeats, `plan` if None. Of the channels in `unlast`
    every ad is left out that was the last one noticed before an order of the year as planned.
    """

    plan: MediaPlan
    off: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    after: MediaPlan | None = None
    unlast: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Setting:
    """What all communities of one market share; cheap to make again in every worker."""

    scenario: Scenario
    customers: int
    seed: int
    engine: Engine = "batch"
    logging: bool = False

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
        return setting

    @cached_property
    def history_money(self) -> Array:
        """Last year's money per head [regions, CHANNELS, days], wandering as real spend does."""
        scenario = self.scenario
        return money_of(scenario, scenario.last_year, self.layout) * wandering(scenario)

    def history(
        self, community: Community, attachments: tuple[Attachment, ...] = ()
    ) -> tuple[LivedYear, Snapshot]:
        """Live the history year of a community; its book and its state at the end."""
        society = self.born(community, attachments)
        begin_year(society)
        society.advance(self.scenario.history_days)
        return read_year(society, 0, self.scenario.history_days), society.snapshot()

    def born(self, community: Community, attachments: tuple[Attachment, ...] = ()) -> Society:
        """A community at the start of the history year, with last year's money in its hands."""
        crowd = crowd_of(self.scenario, community, self.seed)
        society = Society.born(
            self.world,
            community,
            self.seed,
            crowd,
            engine=self.engine,
            logging=self.logging,
            attachments=inside(self, attachments),
            desk=desk_of(self.scenario, self.layout, community, self.seed, 0),
        )
        money = self.history_money[community.region]
        society.market["money"][:, : money.shape[1]] = money
        return society

    def planned(
        self, snapshot: Snapshot, arm: Arm, tail: int = 0, attachments: tuple[Attachment, ...] = ()
    ) -> LivedYear:
        """Live the planned year under an arm, and `tail` days more with the plan repeated.

        What the arm switches off or leaves alone is as usual again in the tail: what differs there
        is what the year has left behind, not a longer absence.
        """
        first, days = self.scenario.history_days, self.scenario.year_days
        society = self.begun(snapshot, arm, attachments)
        society.advance(first + days)
        year = read_year(society, first, days)
        if tail:
            if arm.alone:
                society.world = self.world
            society.market["off"][:] = 0
            society.advance(first + days + tail)
            year = read_tail(society, year, first + days)
        return year

    def begun(
        self, snapshot: Snapshot, arm: Arm, attachments: tuple[Attachment, ...] = ()
    ) -> Society:
        """A community at the start of the planned year, with an arm's money in its hands."""
        start = self.scenario.history_days
        society = Society.restored(
            self.world_under(arm),
            snapshot,
            engine=self.engine,
            logging=self.logging,
            attachments=inside(self, attachments),
            desk=desk_of(self.scenario, self.layout, snapshot.community, self.seed, start),
        )
        self.give(society, arm)
        begin_year(society)
        if arm.unlast:
            names = [channel.name for channel in self.scenario.channels]
            channels = [names.index(name) for name in sorted(arm.unlast)]
            leave_out(society.crowd, self.last_ads(snapshot, arm.plan), channels)
        return society

    def last_ads(self, snapshot: Snapshot, plan: MediaPlan) -> Array:
        """For each customer, the ads noticed last before the orders of the year under a plan.

        Kept for one community at a time: a worker asks for all arms of one before the next.
        """
        name = (snapshot.community.number, plan.hash)
        if name not in self._last_ads:
            society = self.begun(snapshot, Arm(plan))
            society.advance(self.scenario.history_days + self.scenario.year_days)
            self._last_ads.clear()
            self._last_ads[name] = society.crowd[["ads", "ad_keys", "ad_channels"]].copy()
        return self._last_ads[name]

    def give(self, society: Society, arm: Arm) -> None:
        """Hand a community the money of a plan, and switch channels off."""
        money, after = (
            self.money(plan)[society.community.region] for plan in (arm.plan, arm.after or arm.plan)
        )
        first = self.scenario.history_days
        room = s.DAYS - first
        repeated = np.concatenate([money, after], axis=1)[:, :room]
        society.market["money"][:, first : first + repeated.shape[1]] = repeated
        for c, channel in enumerate(self.scenario.channels):
            if channel.name in arm.off:
                society.market["off"][c] = 1
                society.market["money"][c, first : first + money.shape[1]] = 0.0

    def world_under(self, arm: Arm) -> np.record:
        """The record that behaviour reads in the year of an arm."""
        if not arm.alone:
            return self.world
        if arm.alone not in self._worlds:
            scenario = left_alone(self.scenario, arm.alone)
            self._worlds[arm.alone] = world_of(scenario, self.customers)
        return self._worlds[arm.alone]

    def money(self, plan: MediaPlan) -> Array:
        """Money per head of a plan, computed once per plan."""
        if plan.hash not in self._money:
            self._money[plan.hash] = money_of(self.scenario, plan, self.layout)
        return self._money[plan.hash]

    @cached_property
    def _last_ads(self) -> dict[tuple[int, str], Array]:
        return {}

    @cached_property
    def _money(self) -> dict[str, Array]:
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
