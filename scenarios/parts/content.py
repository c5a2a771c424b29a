"""What is said: content made once and carried by many channels, and offers."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import Field, model_validator

from scenarios.parts.base import Name, NonNegative, Part, Reference, Share, Stage, Stretch
from tiermix.core import limits


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

    formats: tuple[Format, ...] = Field((), max_length=limits.FORMATS)
    assets: tuple[Asset, ...] = Field((), max_length=limits.ASSETS)
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
