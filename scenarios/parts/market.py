"""What the market does by itself: seasons, rivals, shocks, what nobody knows, and last year."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.parts.base import NonNegative, Part, Positive, Real, Reference, Share, Stretch


class Season(Stretch):
    """A stretch of days on which needs, attention or prices differ from the usual."""

    name: str
    needs: NonNegative = Field(1.0, le=20, description="factor on needs")
    attention: NonNegative = Field(1.0, le=20, description="factor on opportunities of media")
    prices: Positive = Field(1.0, description="factor on prices of media")
    source: str = "assumed"


class Rival(Stretch):
    """A competitor's campaign: it shows better on the result page and pulls buyers away."""

    name: str
    search: Real = Field(0.0, description="added to the competitor's slot, logit scale; 0 is none")
    pull: Real = Field(0.0, description="taken from the utility of buying here; 0 is none")
    prices: Positive = Field(1.0, description="factor on prices of media, which it bids for too")
    source: str = "assumed"


class Shock(Stretch):
    """Something that nobody planned: a channel goes down, a price jumps, needs fall.

    With a `probability` below 1 it happens in that share of the drawn worlds only, and not in the
    scenario as it stands.
    """

    name: str
    channel: Reference = Field("", description="the channel it hits; '' hits all of them")
    outage: bool = Field(False, description="the channel delivers and costs nothing")
    prices: Positive = Field(1.0, description="factor on prices")
    needs: NonNegative = Field(1.0, le=20, description="factor on needs, all channels")
    probability: Share = Field(1.0, description="share of worlds in which it happens")
    source: str = "assumed"

    def hits(self, channel: str) -> bool:
        """Whether it hits the channel of this name."""
        return self.channel in ("", channel)


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
    open_needs: Share = Field(
        1.0,
        description="needs that are open as the history year begins, as a share of those that a "
        "long past would have left had nobody met them; 0 is a market that has just come to be",
    )
    variation: NonNegative = Field(
        0.0, le=1.5, description="log standard deviation of spend by region and week"
    )
