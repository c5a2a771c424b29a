"""People: what kinds there are, where they live, and how they forget, tire and decide."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from scenarios.parts.base import Name, NonNegative, Part, Positive, Real, Reference, Share


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
    niche: Reference = Field("", description="the niche that some of them belong to")
    niche_share: Share = Field(0.0, description="share of them that belongs to it")
    unreached: Share = Field(
        0.0,
        description="share of them that no channel meets and that searches nowhere: they come by "
        "themselves, or by word of mouth",
    )

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
