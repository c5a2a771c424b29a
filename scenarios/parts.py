"""The parts of a scenario: channels, personas, regions, seasons and dials, each with its unit.

Every number says its unit in its description and has a default at which the mechanism is plain or
absent. Parts are frozen and refuse unknown fields; what depends on more than one part is checked
in `scenarios.schema`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Tier = Literal[1, 2, 3]

Delivery = Literal["broadcast", "search", "retargeted", "triggered", "direct"]
CAPPED: frozenset[str] = frozenset({"search", "retargeted", "triggered"})
"""Deliveries whose plan is a cap: money goes out per click, impression or message."""

STAGES = ("unaware", "aware", "considering", "intent", "customer", "loyal", "advocate", "lapsed")
Stage = Literal[
    "unaware", "aware", "considering", "intent", "customer", "loyal", "advocate", "lapsed"
]


class Part(BaseModel):
    """Frozen data that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Channel(Part):
    """One channel: who gets it, what it costs, what it does to a person."""

    name: Name
    name_zh: str = ""
    tier: Tier
    delivery: Delivery
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

    @property
    def capped(self) -> bool:
        """Whether the plan is a cap (paid search, retargeting, messages)."""
        return self.delivery in CAPPED and self.slot != "organic"

    @property
    def plannable(self) -> bool:
        """Whether money can be given to it."""
        return self.delivery != "direct"

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.delivery == "search" and self.slot == "none":
            raise ValueError(f"{self.name}: a search channel needs `slot: paid` or `slot: organic`")
        if self.delivery != "search" and self.slot != "none":
            raise ValueError(f"{self.name}: only a search channel has a `slot`; leave it out")
        if self.capped and self.unit_cost <= 0:
            raise ValueError(f"{self.name}: `unit_cost` must be above 0, its plan is a cap")
        if self.capped and (self.retention or self.slope != 1.0):
            raise ValueError(
                f"{self.name}: money is paid per event, so `retention` stays 0 and `slope` 1"
            )
        if sum(self.hand_offs.values()) + self.click_through > 1 + 1e-9:
            raise ValueError(f"{self.name}: `click_through` and `hand_offs` add up to more than 1")
        return self


class Persona(Part):
    """A kind of person: how many, what they need, how they buy, how they are recognised."""

    name: Name
    name_zh: str = ""
    share: Share
    source: str = "assumed"
    needs_per_year: NonNegative = Field(le=1000, description="needs a year before the first order")
    repeat_needs_per_year: NonNegative = Field(
        le=1000, description="mean of the Gamma law of needs a year after the first order"
    )
    repeat_shape: Positive = Field(
        1.0, description="shape r of that Gamma law; large is homogeneous"
    )
    dropout: Share = Field(0.1, description="mean chance that an order ends the relation (Beta)")
    dropout_concentration: Positive = Field(4.0, description="a + b of that Beta law")
    need_days: Positive = Field(description="mean life of a need, days")
    looks_per_day: NonNegative = Field(le=1000, description="looks after an open need, a day")
    base_utility: Real = Field(description="logit of buying at a visit with a need, no goodwill")
    order_value: Positive = Field(le=1e9, description="mean order value, money")
    order_spread: NonNegative = Field(0.5, le=2.5, description="deviation of log order value")
    identifiers: int = Field(2, ge=1, le=6, description="browsers, devices, apps, cards")
    customers: Share = Field(0.0, description="share that has bought before the history year")
    aware: Share = Field(0.0, description="share of the others that knows the brand")
    goodwill: NonNegative = Field(0.0, description="mean goodwill of those who know the brand")

    @model_validator(mode="after")
    def _beta_has_room(self) -> Self:
        if not 0 <= self.dropout < 1:
            raise ValueError(f"{self.name}: `dropout` must be below 1")
        return self


class Region(Part):
    """A part of the country: a share of the people."""

    name: Name
    name_zh: str = ""
    share: Share


class Season(Part):
    """A stretch of days on which needs, attention or prices differ from the usual."""

    name: str
    start: dt.date
    end: dt.date = Field(description="last day, included")
    needs: NonNegative = Field(1.0, le=20, description="factor on needs")
    attention: NonNegative = Field(1.0, le=20, description="factor on opportunities of media")
    prices: Positive = Field(1.0, description="factor on prices of media")
    source: str = "assumed"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"season {self.name}: `end` {self.end} lies before `start`")
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


class Behaviour(Part):
    """How people forget, tire and decide; half-lives in days."""

    goodwill_half_life: Positive = 45.0
    goodwill_gain: NonNegative = Field(1.0, description="utility of buying per unit of goodwill")
    fatigue_half_life: Positive = 2.0
    fatigue_weight: NonNegative = Field(0.0, description="phi in 1 / (1 + phi * F); 0 is absent")
    theme_half_life: Positive = 14.0
    theme_gain: NonNegative = Field(0.0, description="log gain when themes agree; 0 is absent")
    theme_pillar: Real = Field(0.2, description="agreement of two pillars of the same core")
    theme_off_core: Real = Field(-1.0, description="agreement of what lies off the core")
    win_back: NonNegative = Field(
        0.0, description="needs of those whose relation ended, relative to before the first order"
    )
    match_gain: NonNegative = Field(0.0, description="log gain when a message meets an interest")
    consider: Share = Field(0.3, description="chance that an engaged aware person considers us")
    stage_gain: NonNegative = Field(0.5, description="how goodwill speeds up moves of stage")
    lapse_days: Positive = Field(240.0, description="silence after which a customer has lapsed")
    turnover: float = Field(
        0.0, ge=0, le=1, description="share of the people a year that newcomers replace; 0 is none"
    )
    signup: Share = Field(0.1, description="chance to register at a visit")
    cart: Share = Field(
        0.5, description="chance that a visit with a need and no order leaves a cart"
    )
    experience_seamed: Real = Field(-0.1, description="experience that a broken hand-off leaves")
    experience_order: Real = Field(0.1, description="experience that an order leaves")
    experience_gain: NonNegative = Field(0.3, description="utility of buying per unit of it")
    loyal_orders: int = Field(3, ge=2, description="orders that make a customer loyal")


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


class Rule(Part):
    """One rule of marketing automation: an event, a wait, a condition, a message."""

    name: Name
    when: Literal["signup", "visit", "cart", "order"]
    wait: NonNegative = Field(description="days between event and message")
    unless: Literal["none", "order", "visit"] = Field(
        "none", description="what since the event calls the message off"
    )
    channel: Name
    offer: NonNegative = Field(0.0, description="utility the offer adds while it holds")
    offer_cost: Share = Field(0.0, description="share of the order value that redeeming costs")
    offer_days: Positive = Field(7.0, description="days the offer holds")


class Automation(Part):
    """Marketing automation: rules as data, and a cap on messages."""

    rules: tuple[Rule, ...] = Field((), max_length=32)
    weekly_cap: int = Field(3, ge=0, description="messages a person gets in a week at most")
    open_rate: Share = Field(0.25, description="chance that a message is opened")


class Uncertain(Part):
    """A parameter that a planner cannot know: each world multiplies it by a draw of its own."""

    path: str = Field(description="dotted path of the parameter; `*` stands for every name")
    spread: Annotated[float, Field(gt=0, le=2)] = Field(
        description="standard deviation of the log of the factor; its median is 1"
    )
    shared: bool = Field(False, description="one factor for all matches of `*`, or one for each")


class History(Part):
    """Last year's spend and how it wandered over regions and weeks, as real spend does."""

    spend: dict[str, tuple[NonNegative, ...]] = Field(
        description="money per channel: one sum for the year, or twelve months"
    )
    profile: tuple[NonNegative, ...] = Field(
        (1.0,) * 12, min_length=12, max_length=12, description="months' weights for yearly sums"
    )
    variation: NonNegative = Field(
        0.0, le=1.5, description="log standard deviation of spend by region and week"
    )
