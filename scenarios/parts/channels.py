"""Channels, the result page beside their slots, and the dials that tie them into one journey.

Every number says its unit in its description and has a default at which the mechanism is plain or
absent. Parts are frozen and refuse unknown fields; what depends on more than one part is checked
in `scenarios.checks`.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import Field, model_validator

from scenarios.parts.base import (
    Name,
    NonNegative,
    Part,
    Positive,
    Real,
    Reference,
    Share,
    Stage,
    Stretch,
    Tier,
)
from scenarios.parts.deliveries import DELIVERIES, Delivery, DeliveryName


class Channel(Part):
    """One channel: who gets it, what it costs, what it does to a person."""

    name: Name
    name_zh: str = ""
    tier: Tier
    delivery: DeliveryName
    ownership: Literal["paid", "owned", "earned"] = "paid"
    place: Literal["online", "offline"] = "online"
    role: Literal["exposure", "information", "engagement", "conversion", "service"] = "exposure"
    source: str = Field("assumed", description="where the numbers come from")

    retention: float = Field(
        0.0, ge=0, lt=1, description="share of the content stock that lasts a day; 0 is pure media"
    )
    half: Positive = Field(
        1.0,
        description="broadcast and organic search: stock at half pressure, money per head and "
        "year; capped: affordable share at half pressure",
    )
    slope: float = Field(1.0, gt=0, le=4, description="Hill exponent; over 1 is S-shaped")
    peak: NonNegative = Field(0.0, description="opportunities per person and day at full pressure")
    unit_cost: NonNegative = Field(
        0.0, description="money per click (search), impression (retargeted) or message (triggered)"
    )
    viewability: Share = Field(1.0, description="share of served impressions that are noticed")
    selection: Share = Field(
        1.0, description="retargeted: 1 reaches only those engaged lately, 0 as many of anyone"
    )
    window: Positive = Field(30.0, le=3650, description="retargeted: days since last engagement")
    slot: Literal["paid", "organic", "none"] = Field(
        "none", description="search: place on the result page"
    )
    slot_utility: Real = Field(0.0, description="search: appeal of the slot, logit scale")

    attention: NonNegative = Field(0.0, description="fatigue that one noticed exposure adds")
    awareness: Share = Field(0.0, description="chance that noticing makes an unaware person aware")
    engagement: Share = Field(0.0, description="chance to engage, at an average exposure")
    goodwill_seen: Real = Field(0.0, description="goodwill that one noticed exposure adds")
    goodwill_engaged: Real = Field(0.0, description="goodwill that one engagement adds")
    awaken: Share = Field(0.0, description="chance that an engagement awakens a need")
    themed: bool = Field(True, description="whether its content carries a theme")
    click_through: Share = Field(
        0.0, description="chance that an engaged person goes on to our own place"
    )
    hand_offs: dict[str, Share] = Field(
        default_factory=dict,
        description="chance that an engaged person goes on to another channel or to 'search'",
    )
    affinity: dict[str, NonNegative] = Field(
        default_factory=dict, description="opportunities by persona relative to 1"
    )
    stage_fit: dict[Stage, NonNegative] = Field(
        default_factory=dict, description="effect by stage of the journey relative to 1"
    )
    regions: tuple[Name, ...] = Field((), description="regions it reaches; none named means all")
    niches: tuple[Name, ...] = Field((), description="niches it reaches; none named means anybody")
    dates: tuple[Stretch, ...] = Field((), max_length=60, description="field: when it takes place")
    shop: Reference = Field("", description="the shop where its visitors land; '' is our own place")

    @property
    def kind(self) -> Delivery:
        """What is so of its delivery."""
        return DELIVERIES[self.delivery]

    @property
    def capped(self) -> bool:
        """Whether the plan is a cap (paid search, retargeting, messages)."""
        return bool(self.kind.billed) and self.slot != "organic"

    def takes_place(self, day: dt.date) -> bool:
        """Whether it is there on a day: a `field` channel is on its dates, any other always."""
        return not self.dates or any(stretch.holds(day) for stretch in self.dates)

    @property
    def plannable(self) -> bool:
        """Whether money can be given to it."""
        return self.kind.is_media

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.kind.on_result_page and self.slot == "none":
            raise ValueError(f"{self.name}: a search channel needs `slot: paid` or `slot: organic`")
        if not self.kind.on_result_page and self.slot != "none":
            raise ValueError(f"{self.name}: only a search channel has a `slot`; leave it out")
        if self.capped and self.unit_cost <= 0:
            raise ValueError(f"{self.name}: `unit_cost` must be above 0, its plan is a cap")
        if self.capped and (self.retention or self.slope != 1.0):
            raise ValueError(
                f"{self.name}: money is paid per event, so `retention` stays 0 and `slope` 1"
            )
        if self.kind.has_dates != bool(self.dates):
            raise ValueError(
                f"{self.name}: `dates` say when a `field` channel takes place; give both or neither"
            )
        if self.kind.has_dates and self.retention:
            raise ValueError(f"{self.name}: a `field` channel is over with its day; `retention` 0")
        if sum(self.hand_offs.values()) + self.click_through > 1 + 1e-9:
            raise ValueError(f"{self.name}: `click_through` and `hand_offs` add up to more than 1")
        return self


class Search(Part):
    """The result page beside our own slots, and how looking for a need begins."""

    selection: Share = Field(
        1.0, description="1: people search for what they need; 0: as many search, whoever they are"
    )

    competitor_utility: Real = Field(0.5, description="appeal of a competitor's slot, logit scale")
    nobody_utility: Real = Field(0.0, description="appeal of clicking nothing, logit scale")
    brand_gain: NonNegative = Field(0.0, description="what a unit of goodwill adds to our slots")
    direct_base: Real = Field(
        -1.0, description="logit of coming directly when looking, for who knows the brand"
    )
    direct_gain: NonNegative = Field(0.0, description="what a unit of goodwill adds to it")
    direct_customer: Real = Field(0.0, description="what having bought before adds to it")
    competitor_sale: Share = Field(
        0.3, description="chance that a visit to a competitor ends the need there"
    )
    elsewhere: Share = Field(
        0.5, description="share of needs that end by time which end in an order elsewhere"
    )


class Integration(Part):
    """The dials that tie channels into one journey; each may be absent (0) or perfect (1)."""

    resolution: Share = Field(1.0, description="chance that an identifier is linked to the person")
    consent: Share = Field(1.0, description="share of people whose touches may be logged")
    view_visibility: Share = Field(1.0, description="share of impressions the log can see")
    discipline: Share = Field(1.0, description="chance that a week's asset carries the core")
    seamless: Share = Field(1.0, description="share of hand-offs that arrive")
    substitution: Share = Field(
        0.5, description="share that finds another way when the next channel is off"
    )
    hand_off_days: NonNegative = Field(0.05, description="mean delay of a hand-off, days")
    personalisation: Share = Field(0.0, description="chance that a message meets the interest")
    interests: int = Field(4, ge=1, le=16, description="number of interests in the market")
