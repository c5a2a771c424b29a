"""Systems beside media: what they cost, what the market was like before, which may be bought."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from scenarios.parts.base import NonNegative, Part, Share

MOST = 8
"""Candidates of a scenario: each is lived alone, and in pairs."""
Title = Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=80)]


class Investment(Part):
    """A system beside media: what it costs a year, from when, and what it was like before.

    `before` gives values of the integration dials that hold until `start`; from then on the
    scenario's own hold. `automation` in it is 0 or 1: whether rules run.
    """

    name: str
    start: dt.date
    yearly_cost: NonNegative = Field(0.0, description="money a year, by the day from `start` on")
    one_off_cost: NonNegative = Field(0.0, description="money once, due on `start`")
    before: dict[str, Share] = Field(
        default_factory=dict,
        description="resolution, personalisation, seamless, discipline, automation until `start`",
    )
    source: str = "assumed"


class Candidate(Part):
    """An investment that may be bought: what it costs, from when, and what it changes.

    `changes` are values by dotted path, as in `integration.resolution: 0.7`; a mapping over a list
    of named parts adds to it, as in `automation.rules: {cart: {when: cart, channel: mail}}`.
    """

    name: Title
    start: dt.date | None = Field(
        None, description="first day; that of the planned year if left out"
    )
    yearly_cost: NonNegative = Field(0.0, description="money a year, by the day from `start` on")
    one_off_cost: NonNegative = Field(0.0, description="money once, due on `start`")
    changes: dict[str, Any] = Field(min_length=1, description="what it changes, by dotted path")
    source: str = "assumed"
