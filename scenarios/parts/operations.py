"""What the company does for people one by one: rules, leads, the desk, the shops, loyalty."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import Field, model_validator

from scenarios.parts.base import Name, NonNegative, Part, Positive, Real, Reference, Share
from tiermix.core import limits


class Rule(Part):
    """One rule of marketing automation: an event, a wait, a condition, a message."""

    name: Name
    when: Literal["signup", "download", "visit", "cart", "order", "lapse", "date"]
    wait: NonNegative = Field(0.0, description="days between event and message")
    day: dt.date | None = Field(None, description="when `date`: the day, in both years")
    since: dt.date | None = Field(
        None, description="first day on which it answers; from the very first if left out"
    )
    unless: Literal["none", "order", "visit", "download"] = Field(
        "none", description="what since the event calls the message off"
    )
    channel: Name
    pillar: Reference = Field("", description="theme of the message; '' is the channel's own")
    offer: NonNegative = Field(0.0, description="utility the offer adds while it holds")
    offer_cost: Share = Field(0.0, description="share of the order value that redeeming costs")
    offer_days: Positive = Field(7.0, description="days the offer holds")

    @model_validator(mode="after")
    def _has_its_day(self) -> Self:
        if (self.when == "date") != (self.day is not None):
            raise ValueError(f"{self.name}: `day` names the day of a rule with `when: date`")
        return self


class Automation(Part):
    """Marketing automation: rules as data, and a cap on messages."""

    rules: tuple[Rule, ...] = Field((), max_length=limits.AUTOMATION_RULES)
    weekly_cap: int = Field(3, ge=0, le=50, description="messages a person gets in a week at most")
    open_rate: Share = Field(0.25, description="chance that a message is opened")


class Leads(Part):
    """How interest becomes a lead: downloads, a form, points; and where the sale is made."""

    download: Share = Field(0.0, description="chance to download content at a visit with a need")
    form: Share = Field(0.0, description="chance that a visit with a need leaves contact details")
    points: dict[Literal["visit", "download", "open", "click", "cart", "signup"], NonNegative] = (
        Field(default_factory=dict, description="score that an event adds")
    )
    threshold: NonNegative = Field(0.0, description="score that makes a lead; 0 is no scoring")
    half_life: Positive = Field(30.0, description="half-life of the score, days")
    sells: Literal["place", "desk"] = Field(
        "place", description="where orders are made: at a visit, or in the desk's conversation"
    )


Request = Literal["lead", "question", "issue"]
REQUESTS: tuple[Request, ...] = ("lead", "question", "issue")
SERVICE: dict[Request, float] = {"lead": 20.0, "question": 8.0, "issue": 12.0}
PATIENCE: dict[Request, float] = {"lead": 48.0, "question": 8.0, "issue": 24.0}


SHORTEST_DAY = 0.25
"""Office hours of a day, at least: of a desk that never opens nobody could say when it answers."""


class Desk(Part):
    """The sales and service desk: a limited team, its hours, its promise, what it leaves behind."""

    channel: Reference = Field("", description="the `desk` channel that calls are booked on")
    agents: int = Field(0, ge=0, le=100_000, description="people at the desk; 0 is no desk")
    hourly_wage: NonNegative = Field(0.0, description="money per agent and office hour")
    opens: float = Field(9.0, ge=0, lt=24, description="hour of the day")
    closes: float = Field(18.0, gt=0, le=24, description="hour of the day")
    weekdays: int = Field(7, ge=1, le=7, description="days a week, from Monday on")
    service_minutes: dict[Request, Positive] = Field(
        default_factory=SERVICE.copy,
        description="mean time that a request takes",
    )
    service_spread: NonNegative = Field(0.6, le=2.5, description="deviation of its logarithm")
    patience_hours: dict[Request, Positive] = Field(
        default_factory=PATIENCE.copy,
        description="mean time after which people give up (exponential)",
    )
    priority: tuple[Request, ...] = Field(REQUESTS, description="who is served first")
    questions: Share = Field(0.0, description="chance that a visit without an order asks")
    issues: Share = Field(0.0, description="chance that an order has an issue")
    qualify: Share = Field(1.0, description="chance that an answered lead with a need qualifies")
    sales_days: NonNegative = Field(0.0, le=365, description="mean days from call to decision")
    goodwill_answer: NonNegative = Field(0.0, description="goodwill that an answer adds")
    experience_answer: Real = Field(0.0, description="experience that an answered issue leaves")
    experience_lost: Real = Field(0.0, description="experience that giving up leaves")

    @model_validator(mode="after")
    def _works(self) -> Self:
        if self.closes - self.opens < SHORTEST_DAY:
            raise ValueError(
                f"`closes` {self.closes:g} has to come after `opens` {self.opens:g}, by at least "
                f"{SHORTEST_DAY:g} hours"
            )
        for field in ("service_minutes", "patience_hours", "priority"):
            if set(getattr(self, field)) != set(REQUESTS):
                raise ValueError(f"`{field}` has to name each of {', '.join(REQUESTS)}, once")
        if len(self.priority) != len(REQUESTS):
            raise ValueError("`priority` has to name each kind once")
        return self


class Shop(Part):
    """A place to buy that is not our own site: a platform's shop takes its commission."""

    name: Name
    name_zh: str = ""
    commission: Share = Field(0.0, description="share of the order value that the platform keeps")
    utility: Real = Field(0.0, description="added to the utility of buying there")
    registers: Share = Field(1.0, description="chance to register with us relative to our place")
    source: str = "assumed"


class Inventory(Part):
    """Goods that may be missing; joined stock makes it rarer (库存打通)."""

    out_of_stock: Share = Field(0.0, description="chance that the goods are missing; 0 is absent")
    places: int = Field(2, ge=1, le=1000, description="stocks that can help one another")
    pooling: Share = Field(0.0, description="chance that another stock may be drawn on")
    waits: Share = Field(0.5, description="share of people who order anyway and wait")
    delay_days: Positive = Field(7.0, description="mean days until such an order is made good")
    experience: Real = Field(-0.5, description="experience that a stock-out leaves")


class Loyalty(Part):
    """After an order: how satisfied people are, what they answer, whether they stay."""

    satisfaction: float = Field(7.5, ge=0, le=10, description="mean, 0 to 10, of plain experience")
    satisfaction_gain: NonNegative = Field(0.0, description="points per unit of experience")
    satisfaction_spread: NonNegative = Field(1.5, le=10, description="deviation between orders")
    answers: Share = Field(0.0, description="share of orders whose buyer answers the NPS question")
    dropout_gain: NonNegative = Field(
        0.0,
        description="log odds of leaving that a point above the mean takes away",
    )
    programme: NonNegative = Field(
        0.0, description="log odds of leaving that membership takes away from registered people"
    )
    programme_cost: Share = Field(0.0, description="share of members' order value given back")


class WordOfMouth(Part):
    """What customers tell others of their community, heard the next day."""

    channel: Reference = Field("", description="the `earned` channel that referrals are booked on")
    mentions: Share = Field(0.0, description="chance that a promoter's order becomes a mention")
    referrals: NonNegative = Field(0.0, le=20, description="mean people told by a mention")
    complaints: NonNegative = Field(0.0, le=20, description="mean people told by a detractor")
    harm: NonNegative = Field(0.0, description="goodwill that hearing a complaint takes away")
