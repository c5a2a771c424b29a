"""All parts of a scenario together, and what follows from them; not yet checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from scenarios.parts.base import Name, NonNegative, Positive, Real, Share
from scenarios.parts.calendar import days_in, months_from, product_by_day
from scenarios.parts.channels import Channel, Integration, Search
from scenarios.parts.content import Content, Offer
from scenarios.parts.controls import Control
from scenarios.parts.goals import Goal
from scenarios.parts.health import Health
from scenarios.parts.investments import MOST as MOST_CANDIDATES
from scenarios.parts.investments import Candidate, Investment
from scenarios.parts.market import History, Rival, Season, Shock, Uncertain
from scenarios.parts.operations import (
    Automation,
    Desk,
    Inventory,
    Leads,
    Loyalty,
    Shop,
    WordOfMouth,
)
from scenarios.parts.people import Behaviour, Persona, Region
from scenarios.parts.plausibility import Belief
from scenarios.parts.rules import Rule
from scenarios.parts.variants import Variant
from scenarios.plan import MediaPlan
from tiermix.core import limits
from tiermix.core.arrays import Bools, Floats

ASKED = {
    *("name", "title", "title_zh", "about", "budget", "tier_shares", "rules", "goals", "beliefs"),
    *("objective", "health", "candidates", "outcome"),
}
"""Fields that no market lives by: what a scenario is called, and what is asked of its plan."""


class Defaults(BaseModel):
    """How a scenario is simulated unless the caller says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customers: int = Field(8000, ge=40, le=20_000_000)
    replications: int = Field(8, ge=1, le=1000)
    communities: int = Field(40, ge=2, description="at least so many, for standard errors")
    community_size: int = Field(800, ge=1, description="customers in each when there are enough")
    tail_days: int = Field(90, ge=0, le=365, description="days after the year that are watched")


class ScenarioData(BaseModel):
    """The fields of a scenario. What reads them may do so before they are checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: Name
    title: str
    title_zh: str = ""
    about: str = ""
    currency: str = "CNY"
    outcome: str = Field(
        "orders",
        min_length=1,
        max_length=40,
        description="what the company counts as conversions, in its own word: leads, installs",
    )
    start: dt.date = Field(description="first day of the planned year, the first of a month")
    market_size: Positive = Field(description="people in the market")
    budget: Positive = Field(description="money for the planned year")
    margin_rate: Share = Field(description="margin per money of order value, before media")
    price_inflation: Real = Field(0.0, gt=-0.5, lt=1, description="media price growth a year")
    horizon_years: Positive = Field(3.0, description="years from the first order that LTV counts")
    discount_rate: NonNegative = Field(0.10, description="interest a year that LTV discounts with")
    channels: tuple[Channel, ...] = Field(min_length=1, max_length=limits.CHANNELS)
    personas: tuple[Persona, ...] = Field(min_length=1, max_length=limits.PERSONAS)
    regions: tuple[Region, ...] = Field(min_length=1, max_length=40)
    pillars: tuple[Name, ...] = Field(("core",), min_length=1, max_length=8)
    seasons: tuple[Season, ...] = ()
    controls: tuple[Control, ...] = Field((), max_length=60)
    rivals: tuple[Rival, ...] = Field((), max_length=60)
    shocks: tuple[Shock, ...] = Field((), max_length=60)
    shops: tuple[Shop, ...] = Field((), max_length=limits.SHOPS)
    content: Content = Content()
    offers: tuple[Offer, ...] = Field((), max_length=60)
    variants: tuple[Variant, ...] = Field((), max_length=limits.VARIANTS)
    investments: tuple[Investment, ...] = Field((), max_length=12)
    candidates: tuple[Candidate, ...] = Field(
        (), max_length=MOST_CANDIDATES, description="investments that `tiermix invest` may buy"
    )
    inventory: Inventory = Inventory()
    leads: Leads = Leads()
    desk: Desk = Desk()
    loyalty: Loyalty = Loyalty()
    word_of_mouth: WordOfMouth = WordOfMouth()
    search: Search = Search()
    behaviour: Behaviour = Behaviour()
    integration: Integration = Integration()
    automation: Automation = Automation()
    history: History
    uncertainty: tuple[Uncertain, ...] = ()
    tier_shares: tuple[Share, Share, Share] = Field(
        (0.6, 0.3, 0.1), description="the strategy `tiered`: share of the budget by tier"
    )
    rules: tuple[Rule, ...] = ()
    goals: tuple[Goal, ...] = ()
    beliefs: tuple[Belief, ...] = Field((), description="ranges that its figures ought to lie in")
    objective: str = Field(
        "profit", description="KPI that plans maximise: profit counts what media cost"
    )
    defaults: Defaults = Defaults()
    health: Health = Field(Health(), description="what `tiermix calibrate` found of its fit")

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The planned months, "YYYY-MM"."""
        return months_from(self.start, 12)

    @cached_property
    def history_start(self) -> dt.date:
        """First day of the history year."""
        return self.start.replace(year=self.start.year - 1)

    def scopes(self, months: tuple[str, ...]) -> list[str]:
        """What a year of these months has figures for: the whole, and each of its parts."""
        return [
            "all",
            *(f"tier:{tier}" for tier in sorted({c.tier for c in self.channels})),
            *(f"channel:{c.name}" for c in self.channels),
            *(f"persona:{p.name}" for p in self.personas),
            *(f"quarter:Q{quarter}" for quarter in range(1, 5)),
            *(f"month:{month}" for month in months),
        ]

    @cached_property
    def history_months(self) -> tuple[str, ...]:
        """The months of the history year."""
        return months_from(self.history_start, 12)

    @cached_property
    def history_days(self) -> int:
        """Days of the history year; the planned year begins on the day of this number."""
        return (self.start - self.history_start).days

    @cached_property
    def year_days(self) -> int:
        """Days of the planned year."""
        return sum(days_in(month) for month in self.months)

    @cached_property
    def plannable(self) -> tuple[str, ...]:
        """Names of the channels that money can be given to."""
        return tuple(channel.name for channel in self.channels if channel.plannable)

    @cached_property
    def last_year(self) -> MediaPlan:
        """Last year's spend over the history months."""
        return MediaPlan(self.plannable, self.history_months, self._last_amounts())

    @cached_property
    def reference_plan(self) -> MediaPlan:
        """Last year's amounts on the planned months: the anchor of all curves."""
        return MediaPlan(self.plannable, self.months, self._last_amounts())

    def _last_amounts(self) -> Floats:
        weights = np.asarray(self.history.profile)
        rows = []
        for name in self.plannable:
            amounts = np.asarray(self.history.spend.get(name, (0.0,)), dtype=float)
            rows.append(amounts if amounts.size == 12 else amounts[0] * weights / weights.sum())
        return np.array(rows).reshape(len(self.plannable), 12)

    def channel(self, name: str) -> Channel:
        """The channel called `name`; raises `KeyError`."""
        return next(c for c in self.channels if c.name == name)

    @property
    def counted(self) -> str:
        """The word for conversions, with what they are where they are no orders."""
        return "conversions" if self.outcome == "orders" else f"conversions ({self.outcome})"

    @property
    def other_names(self) -> dict[str, str]:
        """Channels by what tables may call them: their Chinese names, each of one channel alone."""
        taken = [channel.name for channel in self.channels]
        given = [channel.name_zh for channel in self.channels]
        return {
            channel.name_zh: channel.name
            for channel in self.channels
            if given.count(channel.name_zh) == 1 and channel.name_zh not in ("", *taken)
        }

    def takes_place(self, name: str) -> Bools:
        """Whether a channel is there in each planned month [12]: else it cannot spend money."""
        channel = self.channel(name)
        days = [self.start + dt.timedelta(n) for n in range(self.year_days)]
        there = {f"{day:%Y-%m}" for day in days if channel.takes_place(day)}
        return np.array([month in there for month in self.months])

    def tier_of(self, name: str) -> int:
        """Tier of a channel."""
        return self.channel(name).tier

    def days_in(self, month: str) -> int:
        """Days of a month "YYYY-MM"."""
        return days_in(month)

    def day_of(self, day: dt.date) -> int:
        """Number of a day, counted from the start of the history year."""
        return (day - self.history_start).days

    @cached_property
    def sure_shocks(self) -> tuple[Shock, ...]:
        """Shocks that happen in the scenario as it stands."""
        return tuple(shock for shock in self.shocks if shock.probability == 1.0)

    def prices(self, channel: str, first: dt.date, days: int) -> Floats:
        """Price index of a channel on each of the `days` from `first` on.

        Inflation (1 at the start of the planned year), seasons, rivals who bid, sure shocks.
        """
        years = ((first - self.start).days + np.arange(days)) / 365.0
        shocks = [shock for shock in self.sure_shocks if shock.hits(channel)]
        stretches = [*self.seasons, *self.rivals, *shocks]
        index = (1.0 + self.price_inflation) ** years
        return np.asarray(index * product_by_day(stretches, "prices", first, days))

    def price_index(self, channel: str, month: str) -> float:
        """Mean price index of a channel in a month."""
        if (channel, month) not in self._month_prices:
            first = dt.date.fromisoformat(month + "-01")
            prices = self.prices(channel, first, days_in(month))
            self._month_prices[channel, month] = float(prices.mean())
        return self._month_prices[channel, month]

    @cached_property
    def _month_prices(self) -> dict[tuple[str, str], float]:
        return {}

    def simulated_agents(self, customers: int) -> float:
        """Agents of the desk for so many simulated customers, each of whom stands for many."""
        return self.desk.agents * customers / self.market_size

    def community_size(self, customers: int) -> float:
        """Customers that a community usually has, when so many are simulated.

        With few customers communities get smaller, not fewer: standard errors need their number. A
        desk is settled every midnight: there are no more communities than simulated agents, as
        long as each region keeps two.
        """
        size = min(self.defaults.community_size, customers / self.defaults.communities)
        if self.desk.agents:
            shared = max(self.simulated_agents(customers), 2.0 * len(self.regions))
            size = max(size, customers / shared)
        return size

    @cached_property
    def hash(self) -> str:
        """A short fingerprint of all that the scenario says, but for how well it was fitted."""
        return _fingerprint(self.model_dump(mode="json", exclude={"health"}))

    @cached_property
    def market_hash(self) -> str:
        """A short fingerprint of what its market lives by: all but `ASKED`, and how often it lives.

        Scenarios that share it have the same last year, and the same planned year under a plan.
        """
        data = self.model_dump(mode="json", exclude=ASKED)
        size = {"customers", "replications"}
        defaults = {key: value for key, value in data["defaults"].items() if key not in size}
        return _fingerprint({**data, "defaults": defaults})


def _fingerprint(data: dict[str, Any]) -> str:
    text = json.dumps(data, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
