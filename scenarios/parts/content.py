"""What is said: content made once and carried by many channels, offers, and variants under test."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import Field, model_validator

from scenarios.parts.base import Name, NonNegative, Part, Real, Reference, Share, Stage, Stretch


class Format(Part):
    """A form of content, such as a short video, a white paper or an offer: whom it suits."""

    name: Name
    name_zh: str = ""
    stage_fit: dict[Stage, NonNegative] = Field(
        default_factory=dict, description="effect by stage of the journey relative to 1"
    )
    source: str = "assumed"


class Asset(Part):
    """One piece of content: made for a channel, perhaps adapted to others, released on a day.

    A channel carries the last released asset that it has; before its first one, and after `until`,
    its plain weekly content.
    """

    name: Name
    name_zh: str = ""
    pillar: Reference = Field("", description="its theme; '' lies off the core")
    format: Reference = Field("", description="its form; '' suits every stage alike")
    made_for: Name = Field(description="the channel it was made for")
    adapted_to: tuple[Name, ...] = Field((), description="channels that carry an adaptation")
    release: dt.date = Field(description="first day")
    until: dt.date | None = Field(None, description="last day; until the next asset if left out")
    quality: NonNegative = Field(1.0, le=10, description="strength relative to plain content")
    cost: NonNegative = Field(0.0, description="money to make it, due on the day of release")
    source: str = "assumed"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.release:
            raise ValueError(f"{self.name}: `until` {self.until} lies before `release`")
        if len({self.made_for, *self.adapted_to}) != 1 + len(self.adapted_to):
            raise ValueError(f"{self.name}: `adapted_to` names a channel that has it already")
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that carry it."""
        return (self.made_for, *self.adapted_to)


class Content(Part):
    """Formats, the assets of both years, what re-use keeps and costs, and how assets wear out."""

    formats: tuple[Format, ...] = Field((), max_length=16)
    assets: tuple[Asset, ...] = Field((), max_length=96)
    reuse: Share = Field(1.0, description="share of its quality that an adapted asset keeps")
    adapt_cost: NonNegative = Field(0.0, description="cost of adapting, as a share of making")
    wear_out: NonNegative = Field(
        0.0, description="log loss of strength per exposure a head since release; 0 is absent"
    )


class Offer(Stretch):
    """A promotion for everybody who buys while it runs; it costs margin on every order."""

    name: str
    utility: NonNegative = Field(description="what it adds to the utility of buying")
    cost: Share = Field(0.0, description="share of the order value that redeeming costs")
    personas: tuple[Name, ...] = Field((), description="whom it is for; none named means all")
    source: str = "assumed"


class Variant(Part):
    """A test on people: a share of them, drawn once, meets a changed channel or rule.

    `shows: false` holds a channel back from them: the hold-out of a randomised experiment.
    """

    name: Name
    channel: Reference = Field("", description="the channel that is changed")
    rule: Reference = Field("", description="or the automation rule that is changed")
    share: float = Field(0.5, gt=0, lt=1, description="share of people who get the variant")
    shows: bool = Field(True, description="channel: whether it reaches them at all")
    heard: NonNegative = Field(1.0, le=10, description="channel: factor on strength of content")
    offer: NonNegative = Field(0.0, description="rule: utility added to its offer")
    offer_cost: Share = Field(0.0, description="rule: share of order value added to its cost")
    wait: Real = Field(0.0, description="rule: days added to its wait")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if bool(self.channel) == bool(self.rule):
            raise ValueError(f"{self.name}: a variant changes one `channel` or one `rule`")
        return self


class Investment(Part):
    """A system beside media: what it costs a year, from when, and what it was like before.

    `before` gives values of the integration dials that hold until `start`; from then on the
    scenario's own hold. `automation` in it is 0 or 1: whether rules run.
    """

    name: str
    start: dt.date
    yearly_cost: NonNegative = Field(0.0, description="money a year, by the day from `start` on")
    before: dict[str, Share] = Field(
        default_factory=dict,
        description="resolution, personalisation, seamless, discipline, automation until `start`",
    )
    source: str = "assumed"
