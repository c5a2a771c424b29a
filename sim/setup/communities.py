"""Communities: closed groups of customers in one region; the unit of work and of errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv, gammaincinv

from scenarios import Persona, Scenario
from sim.engine import state as s
from sim.engine.draws import (
    IDENTIFIER,
    INTEREST,
    NEED,
    NICHE,
    STATE,
    TURNOVER,
    VARIANT,
    WHO,
    name_key,
    uniforms,
)
from sim.setup.calendars import dial
from sim.setup.compile import niches_of
from tiermix.core.arrays import Bools, Floats, Ints, Keys, Records

IDENTIFIERS = 6
SHARD, MOST = 2400, 8
"""Customers, or so, whose rows share a shard, and the most communities."""
LONG_AGO = (
    *("need_ends", "last_visit", "last_order", "last_engaged", "last_download", "offer_until"),
    "recent",
)


@dataclass(frozen=True)
class Community:
    """One community: its number, the number of its region, and how many customers it has."""

    number: int
    region: int
    people: int


@dataclass(frozen=True)
class Layout:
    """How the customers of a market are spread over communities, the same whatever is run."""

    communities: tuple[Community, ...]
    heads: Floats
    weight: float

    @property
    def customers(self) -> int:
        """Simulated customers in all."""
        return sum(c.people for c in self.communities)

    @cached_property
    def groups(self) -> tuple[tuple[Community, ...], ...]:
        """Communities whose rows share a shard: the same whatever the number of workers."""
        every = self.communities
        size = min(max(round(SHARD * len(every) / self.customers), 1), MOST)
        return tuple(every[n : n + size] for n in range(0, len(every), size))


def layout_of(scenario: Scenario, customers: int) -> Layout:
    """Spread customers over regions by share, and over communities of the usual size."""
    shares = np.array([r.share for r in scenario.regions])
    people = _whole(shares * customers, customers)
    size = scenario.community_size(customers)
    found: list[Community] = []
    for region, count in enumerate(people):
        groups = max(1, round(count / size)) if count else 0
        for members in _whole(np.full(groups, count / max(groups, 1)), count):
            found.append(Community(len(found), region, int(members)))
    weight = scenario.market_size / customers
    return Layout(tuple(found), np.maximum(people, 1) * weight, weight)


def _whole(wanted: Floats, total: int) -> Ints:
    """Whole numbers nearest to `wanted` that add up to `total` (largest remainder)."""
    counts = np.floor(wanted).astype(int)
    order = np.argsort(counts - wanted, kind="stable")
    counts[order[: int(total) - counts.sum()]] += 1
    return counts


def population_of(scenario: Scenario, community: Community, seed: int) -> Records:
    """The customers of a community at the start of the history year, [people] of PERSON.

    Every trait is a keyed draw of the customer; Gamma and Beta laws by inversion.
    """
    population = np.zeros(community.people, s.PERSON)
    population["index"] = np.arange(community.people)
    keys = customer_keys(community)
    who = uniforms(seed, keys, WHO)
    shares = np.cumsum([p.share for p in scenario.personas])
    population["persona"] = np.minimum(np.searchsorted(shares, who[:, 0]), len(shares) - 1)
    population["interest"] = (
        uniforms(seed, keys, INTEREST)[:, 0] * scenario.integration.interests
    ).astype(int)
    population["visible"] = who[:, 1] < scenario.integration.consent
    niche, apart = uniforms(seed, keys, NICHE)[:, :2].T
    niches, state = niches_of(scenario), uniforms(seed, keys, STATE)
    population["niche"] = s.NONE
    for p, persona in enumerate(scenario.personas):
        if persona.niche:
            member = (population["persona"] == p) & (niche < persona.niche_share)
            population["niche"][member] = niches.index(persona.niche)
        population["unreached"][(population["persona"] == p) & (apart < persona.unreached)] = 1
        _traits(population, population["persona"] == p, persona, who, state)
    _identifiers(
        population,
        scenario,
        uniforms(seed, keys, IDENTIFIER, 1),
        uniforms(seed, keys, IDENTIFIER, 2),
    )
    for v, variant in enumerate(scenario.variants):
        uniform = uniforms(seed, keys, VARIANT, name_key(variant.name))[:, 0]
        population["variants"] |= (uniform < variant.share).astype(np.int32) << v
    _long_ago(population)
    return population


def customer_keys(community: Community) -> Keys:
    """The keys of a community's customers' own draws."""
    return (np.uint64(community.number) << np.uint64(32)) | np.arange(
        community.people, dtype=np.uint64
    )


def _traits(population: Records, mine: Bools, persona: Persona, who: Floats, state: Floats) -> None:
    shape, rate = persona.repeat_shape, persona.repeat_needs_per_year / 365.0
    population["repeat_needs"][mine] = gammaincinv(shape, who[mine, 2]) * rate / shape
    a = persona.dropout * persona.dropout_concentration
    b = persona.dropout_concentration - a
    population["dropout"][mine] = betaincinv(a, b, who[mine, 3]) if a > 0 else 0.0
    first = persona.needs_per_year / 365.0
    population["need_bound"][mine] = np.maximum(population["repeat_needs"][mine], first)
    bought = state[:, 0] < persona.customers
    knows = bought | (state[:, 1] < persona.aware)
    population["stage"][mine] = np.where(bought, s.CUSTOMER, np.where(knows, s.AWARE, s.UNAWARE))[
        mine
    ]
    population["orders"][mine] = bought[mine]
    population["signed"][mine] = bought[mine]
    population["goodwill"][mine] = (np.where(knows, persona.goodwill, 0.0) * -np.log(state[:, 2]))[
        mine
    ]
    population["identifiers"][mine] = persona.identifiers


def _identifiers(population: Records, scenario: Scenario, first: Floats, second: Floats) -> None:
    """Which identifiers are linked to the person at first and at last, as bits."""
    uniform = np.hstack([first, second])[:, :IDENTIFIERS]
    mine = np.arange(IDENTIFIERS) < population["identifiers"][:, None]
    resolution = dial(scenario, "resolution", scenario.integration.resolution)
    for name, level in (("linked", resolution[0]), ("linked_later", resolution[-1])):
        bits = (uniform < level) * (1 << np.arange(IDENTIFIERS))
        population[name] = (bits * mine).sum(axis=1)


def _long_ago(population: Records) -> None:
    for name in LONG_AGO:
        population[name] = s.LONG_AGO
    for name in (
        "agenda",
        "theme",
        "theme_channel",
        "other_theme",
        "other_channel",
        "message_week",
        "ad_channel",
    ):
        population[name] = s.NONE
    population["last_order"] = np.where(population["orders"] > 0, -60.0, s.LONG_AGO)


def first_needs(
    population: Records, community: Community, seed: int, season_bound: float
) -> Floats:
    """When each customer's stream of candidate needs begins, [people] in days."""
    uniform = uniforms(seed, customer_keys(community), NEED, 1_000_000)[:, 0]
    rate = np.maximum(population["need_bound"] * season_bound, 1e-12)
    return np.asarray(-np.log(uniform) / rate)


def first_replaced(population: Records, community: Community, seed: int, turnover: float) -> Floats:
    """When each customer is first replaced by a newcomer, [people] in days."""
    uniform = uniforms(seed, customer_keys(community), TURNOVER, 1_000_000)[:, 0]
    return np.asarray(-np.log(uniform) * 365.0 / max(turnover, 1e-12))
