"""Rules on when channels run, as data: windows, flights, launches, how many at a time.

A channel is *live* in a month in which it has money. Rules that count live months or channels say
from which amount on: a month then has nothing or at least that, so that no crumb passes for
running.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from scenarios.parts.asks import AnyRule, Band, Channels, Mentions, Money, Month

YEAR = 12
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Flight(AnyRule):
    """Channels run only inside their windows, or (`blackout`) only outside them."""

    kind: Literal["flight", "blackout"]
    channels: Channels = ()
    months: tuple[Month, ...] = Field(min_length=1, description="months with, or without, money")


class MinimumToWork(AnyRule):
    """A month of the channel gets nothing, or enough to work at all (needs integers)."""

    numbers: ClassVar[tuple[str, ...]] = ("amount",)
    needs_integers: ClassVar[bool] = True
    kind: Literal["minimum_to_work"] = "minimum_to_work"
    channels: Channels = ()
    amount: Above = Field(description="money a month")


class _Live(AnyRule):
    """A rule that counts live months or channels (needs integers)."""

    needs_integers: ClassVar[bool] = True
    usual: ClassVar[float] = 0.01
    """Of an average month: from where on a month is live, unless said."""
    channels: Channels = ()
    amount: Above | None = Field(
        None,
        description="money from which a month is live: it has nothing or at least this; none means "
        "1 % of the channel's average month last year, of an even share of the budget where it had "
        "no money",
    )


class FlightLength(_Live):
    """A channel that goes live stays live for so many months on end (needs integers).

    A flight that begins late is cut by the year's end. What ran before the year does not count: a
    channel that is live in the first month begins there.
    """

    numbers: ClassVar[tuple[str, ...]] = ("months_on_end", "amount")
    kind: Literal["flight_length"] = "flight_length"
    months_on_end: Annotated[int, Field(ge=2, le=YEAR)] = Field(description="at least so many")


class LiveChannels(_Live, Band):
    """In each month at least or at most so many channels are live (needs integers)."""

    numbers: ClassVar[tuple[str, ...]] = ("least", "most", "amount")
    kind: Literal["live_channels"] = "live_channels"
    least: Annotated[int, Field(ge=0)] | None = Field(None, description="channels in a month")
    most: Annotated[int, Field(ge=0)] | None = Field(None, description="channels in a month")
    months: tuple[Month, ...] = Field((), description="none named means every month")

    def misfits(self, plannable: Sequence[str], months: Sequence[str]) -> list[str]:
        """More channels than there are."""
        there = len(self.channels or plannable)
        return [
            f"{end}: {number} channels cannot be live, since the rule speaks of {there}; use at "
            f"most {there}"
            for end in ("least", "most")
            if (number := getattr(self, end)) is not None and number > there
        ]


class Launch(AnyRule):
    """A channel starts in the year: nothing before its month, then a budget to learn from.

    Experiments that measure its curve spend the learning budget, evenly over its months.
    """

    numbers: ClassVar[tuple[str, ...]] = ("learning", "most")
    kind: Literal["launch"] = "launch"
    channel: str
    start: Month
    learning: Above = Field(description="money, at least, of the learning months together")
    learning_months: Annotated[int, Field(ge=1, le=YEAR)] = Field(3, description="from its start")
    most: Money | None = Field(None, description="money, at most, of the learning months together")

    @model_validator(mode="after")
    def _room_to_learn(self) -> Self:
        if self.most is not None and self.most < self.learning:
            raise ValueError(
                f"{self.name}: most {self.most:g} is below the {self.learning:g} of learning; "
                "raise it, or learn with less"
            )
        return self

    def mentions(self) -> Mentions:
        """The channel and its first month."""
        return Mentions(channels=(self.channel,), months=(self.start,))

    def misfits(self, plannable: Sequence[str], months: Sequence[str]) -> list[str]:
        """Learning months beyond the year."""
        left = len(months) - list(months).index(self.start) if self.start in months else YEAR
        if self.learning_months <= left:
            return []
        return [
            f"learning_months: {self.learning_months} months from {self.start} on do not fit into "
            f"the year; use at most {left}, with a budget for these"
        ]

    def learned_in(self, months: Sequence[str]) -> tuple[str, ...]:
        """The learning months among the planned ones."""
        first = list(months).index(self.start)
        return tuple(months[first : first + self.learning_months])
