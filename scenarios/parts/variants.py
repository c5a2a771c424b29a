"""Tests on people: some of them, drawn once, meet something else than the others."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from scenarios.parts.base import Name, NonNegative, Part, Real, Reference, Share


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
