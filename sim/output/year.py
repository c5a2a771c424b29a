"""The book of a year: what a community did, as sums that scorecards and tables are made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from sim.engine import state as s
from sim.engine.counts import person_counts, row_kinds
from sim.output.row_sort import in_order, joined
from sim.setup.communities import Community
from tiermix.core.arrays import Floats, Ints, Records

TAIL = 12
"""Number of the row that holds what came after the twelve months."""

KINDS = {name: row_kinds.NAMES.index(name) for name in ("order", "signup", "lead", "download")}
PEOPLE_STATE = (
    *("customers", "reached", "aware", "active", "buyers", "repeaters", "engaged"),
    *("engaged_cross", "leads_held", "leads_won", "cross_leads_held", "cross_leads_won"),
    *("niche_members", "niche_aware"),
)


class HasYear(Protocol):
    """A community whose year can be read: who it is, its records, and its log so far."""

    community: Community
    population: Records
    market: np.record
    world: np.record

    def take_rows(self) -> Records:
        """The log so far as it happened; it is emptied."""


@dataclass(frozen=True)
class CommunityYear:
    """One community's year: counts, money, and the state of its people at the end.

    `channel` [13, counts, channels] and `people` [13, counts, personas] by month, with the tail in
    row 12; `end_states` [states, personas]; `reached` [3 + channels] people by tier, then by
    channel; `ledger` [channels, days]; `weekly` [weeks, 5, channels].
    """

    community: Community
    channel: Ints
    people: Ints
    end_states: Ints
    reached: Ints
    ledger: Floats
    weekly: Ints
    events: int
    raw_rows: Records = field(repr=False)

    @property
    def rows(self) -> Records:
        """The log by time, then customer, then as it happened; `raw_rows` has it by day."""
        return in_order(self.raw_rows)

    def counted(self, what: str) -> int:
        """Of all people together: `orders`, `signups`, `revenue` (in hundredths), …"""
        return counted(self.people, what)

    def without_rows(self) -> CommunityYear:
        """The same book without its log, for whoever wants figures only."""
        return replace(self, raw_rows=np.zeros(0, s.ROW))


def counted(people: Ints, what: str) -> int:
    """One of the counts of people [months, counts, personas], over all months and people."""
    if what not in person_counts.NAMES:
        raise ValueError(f"{what!r} is not counted; use one of {', '.join(person_counts.NAMES)}")
    return int(people[:, person_counts.NAMES.index(what)].sum())


def of_kind(rows: Records, kind: str) -> Records:
    """Rows of a log of one kind: `order`, `signup`, `lead` or `download`."""
    return np.asarray(rows[rows["kind"] == KINDS[kind]])


def begin_year(simulation: HasYear) -> None:
    """Forget what is counted within a year only.

    Visitor ids too: which of them are new is told within the year, as in a year's own log.
    """
    for name in ("reached", "engaged_on", "year_orders", "year_signed", "lead", "ads", "seen"):
        simulation.population[name] = 0
    simulation.population["ad_channel"] = s.NONE


def leave_out(population: Records, last: Records, channels: list[int]) -> None:
    """Have the year of a population pass without these ads: the `last` ones of these channels."""
    mine = np.isin(last["ad_channels"], channels) & (np.arange(s.ADS) < last["ads"][:, None])
    first = np.argsort(~mine, axis=1, kind="stable")
    population["skip"] = np.take_along_axis(last["ad_keys"], first, axis=1)
    population["skipped_ads"] = mine.sum(axis=1)


def read_year(simulation: HasYear, first: int, days: int) -> CommunityYear:
    """The book of the `days` that began on day `first` and have just ended."""
    market, world = simulation.market, simulation.world
    channels, personas = int(world["channels"]), int(world["personas"])
    month = int(world["month"][first])
    channel = np.zeros((13, *market["by_month"].shape[1:2], channels), dtype=np.int64)
    people = np.zeros((13, market["people_by_month"].shape[1], personas), dtype=np.int64)
    channel[:TAIL] = market["by_month"][month : month + 12, :, :channels]
    people[:TAIL] = market["people_by_month"][month : month + 12, :, :personas]
    weeks = slice(first // 7, (first + days - 1) // 7 + 1)
    return CommunityYear(
        community=simulation.community,
        channel=channel,
        people=people,
        end_states=end_states(simulation.population, personas, first + days),
        reached=reached(simulation.population, world["tier"][:channels]),
        ledger=market["ledger"][:channels, first : first + days].copy(),
        weekly=market["by_week"][weeks, :, :channels].copy(),
        events=int(market["lived"]),
        raw_rows=simulation.take_rows(),
    )


def read_tail(simulation: HasYear, year: CommunityYear, last: int) -> CommunityYear:
    """The same book with the days from `last` on added as its tail."""
    channel, people = year.channel.copy(), year.people.copy()
    month = s.MONTHS - 1
    channel[TAIL] = simulation.market["by_month"][month, :, : channel.shape[2]]
    people[TAIL] = simulation.market["people_by_month"][month, :, : people.shape[2]]
    spent = simulation.market["ledger"][: channel.shape[2], last : simulation.market["day"]]
    return replace(
        year,
        channel=channel,
        people=people,
        ledger=np.concatenate([year.ledger, spent], axis=1),
        events=int(simulation.market["lived"]),
        raw_rows=joined([year.raw_rows, simulation.take_rows()]),
    )


def end_states(population: Records, personas: int, day: int) -> Ints:
    """People in each state at midnight of `day` [states, personas]."""
    lately = day - np.maximum(population["last_order"], population["last_visit"]) <= 90.0
    channels_engaged = np.bitwise_count(population["engaged_on"].astype(np.uint64))
    flags = (
        np.ones(len(population), dtype=bool),
        population["reached"] != 0,
        population["stage"] != s.UNAWARE,
        (population["orders"] > 0) & lately,
        population["year_orders"] >= 1,
        population["year_orders"] >= 2,
        channels_engaged >= 1,
        channels_engaged >= 2,
        population["lead"] >= 1,
        population["lead"] == 2,
        (population["lead"] >= 1) & (channels_engaged >= 2),
        (population["lead"] == 2) & (channels_engaged >= 2),
        population["niche"] != s.NONE,
        (population["niche"] != s.NONE) & (population["stage"] != s.UNAWARE),
    )
    return np.array([np.bincount(population["persona"][f], minlength=personas) for f in flags])


def reached(population: Records, tiers: Ints) -> Ints:
    """People whom a channel of each tier, and each channel, reached this year [3 + channels]."""
    bits = np.uint64(1) << np.arange(len(tiers), dtype=np.uint64)
    masks = [bits[tiers == tier].sum(dtype=np.uint64) for tier in (1, 2, 3)]
    met = population["reached"].astype(np.uint64)[:, None] & np.array(
        [*masks, *bits], dtype=np.uint64
    )
    return np.asarray((met != 0).sum(axis=0))
