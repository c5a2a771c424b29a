"""Systems beside media: what they cost, and what the market was like before them."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from scenarios.parts.base import NonNegative, Part, Share


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
