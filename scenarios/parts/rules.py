"""The rules that a plan has to keep, as data, with all that is known of each.

Every rule has a `kind`, a `name` that comes back in prices and conflicts, and `mentions()`, with
which the scenario checks at the door that what the rule speaks of exists. Its class says what
optimizers and studies ask of it; its rows in a program are built in `optimize.problem`. Amounts are
in the scenario's currency; shares and changes are fractions (0.3 is 30 %).
"""

from __future__ import annotations

from math import inf
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from scenarios.kpis import KPIS, check_floor, check_sum
from scenarios.parts.asks import (
    AnyRule,
    Band,
    Change,
    Channels,
    Group,
    Mentions,
    Money,
    Month,
    Period,
    Share,
    Tier,
    one_of,
    periods,
)
from scenarios.parts.goals import Goal
from scenarios.parts.live_rules import Flight, FlightLength, Launch, LiveChannels, MinimumToWork

__all__ = [
    "RULES",
    "Flight",
    "FlightLength",
    "Goal",
    "Launch",
    "LiveChannels",
    "Mentions",
    "MinimumToWork",
    "Rule",
    "periods",
]
"""All kinds of rules, wherever they are written; `Goal` among them for who knew it here."""


class Budget(AnyRule):
    """All spend of a period at most, at least or exactly an amount."""

    numbers: ClassVar[tuple[str, ...]] = ("amount", "share")
    kind: Literal["budget"] = "budget"
    amount: Money | None = Field(None, description="money; none means `share` of the budget")
    share: Annotated[float, Field(ge=0)] = Field(1.0, description="of the scenario's budget")
    sense: Literal["at_most", "at_least", "exactly"] = "at_most"
    period: Period = "year"

    @property
    def holds_budget(self) -> bool:
        """Whether it is about the year as a whole."""
        return self.period == "year"

    @property
    def money(self) -> float:
        """Its amount; 0 where it is a share of the budget."""
        return self.amount or 0.0


class _Bounds(Band):
    """Bounds on spend: in money, as a share of all spend, or as a change on last year."""

    numbers: ClassVar[tuple[str, ...]] = ("least", "most")
    basis: Literal["money", "share", "last_year"] = "money"
    least: float | None = Field(None, description="money, share, or change (-0.3 is 30 % less)")
    most: float | None = Field(None, description="money, share, or change (0.5 is 50 % more)")
    period: Period = "year"

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        low, high = {"money": (0, inf), "share": (0, 1), "last_year": (-1, inf)}[self.basis]
        for bound in (self.least, self.most):
            if bound is not None and not low <= bound <= high:
                words = f"{bound:g} is no bound by {self.basis}; it lies in [{low}, {high}]"
                raise ValueError(f"{self.name}: {words}")
        return self


class ChannelBounds(_Bounds):
    """Each channel's spend within bounds: money, share of all spend, or change on last year.

    Where no channels are named, a change on last year speaks of those that had money last year.
    """

    kind: Literal["channel_bounds"] = "channel_bounds"
    channels: Channels = ()


class GroupBounds(_Bounds):
    """What a group of channels spends together within bounds, as `channel_bounds` does for each."""

    kind: Literal["group_bounds"] = "group_bounds"
    channels: Group
    group: str = Field("", description="what the group is called in prices; its channels if empty")

    @property
    def called(self) -> str:
        """The group, as one speaks of it."""
        *some, last = self.channels
        return self.group or (f"{', '.join(some)} and {last} together" if some else last)


class TierShare(Band):
    """A tier's share of all spend in a band."""

    numbers: ClassVar[tuple[str, ...]] = ("least", "most")
    kind: Literal["tier_share"] = "tier_share"
    tier: Tier
    least: Share | None = None
    most: Share | None = None
    period: Period = "year"


class Ramp(AnyRule):
    """From one month to the next a channel rises or falls by at most a share of itself."""

    numbers: ClassVar[tuple[str, ...]] = ("up", "down", "step", "step_share")
    kind: Literal["ramp"] = "ramp"
    channels: Channels = ()
    up: Annotated[float, Field(ge=0)] | None = Field(None, description="0.5: at most 50 % more")
    down: Share | None = Field(None, description="0.5: at most 50 % less")
    step: Money = Field(0.0, description="money that may change in any case")
    step_share: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        0.0,
        description="beside `step`, a share of the channel's average month last year; of an even "
        "share of the budget where it had no money",
    )
    from_last_year: bool = Field(
        False, description="the first month is held against last year's end"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        return one_of(self, "up", "down")


class Commitment(AnyRule):
    """Money already promised: exactly (or at least) these amounts in these months."""

    kind: Literal["commitment"] = "commitment"
    channel: str
    amounts: dict[Month, Money] = Field(min_length=1, description="money by month")
    sense: Literal["exactly", "at_least"] = "exactly"

    def mentions(self) -> Mentions:
        """The channel and its months."""
        return Mentions(channels=(self.channel,), months=tuple(self.amounts))


class MoneySteps(AnyRule):
    """A month of the channel gets a multiple of an amount (needs integers)."""

    numbers: ClassVar[tuple[str, ...]] = ("step",)
    needs_integers: ClassVar[bool] = True
    kind: Literal["money_steps"] = "money_steps"
    channels: Channels = ()
    step: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(description="money")


class TestFund(AnyRule):
    """A share of the budget held for tests (测试与创新基金): in tier 3 or left unallocated."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    numbers: ClassVar[tuple[str, ...]] = ("share",)
    kind: Literal["test_fund"] = "test_fund"
    share: Share = Field(description="of the scenario's budget")


class CacCap(AnyRule):
    """All spend per outcome at most `cap`; the outcome is named (new customer, signup, lead)."""

    numbers: ClassVar[tuple[str, ...]] = ("cap",)
    on_outcomes: ClassVar[bool] = True
    kind: Literal["cac_cap"] = "cac_cap"
    cap: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(description="money per outcome")
    outcome: Annotated[str, Field(description="the KPI whose units are paid for")] = "new_customers"
    period: Period = "year"

    _sum = field_validator("outcome")(check_sum)

    def increases(self) -> tuple[str, ...]:
        """The outcome."""
        return (self.outcome,)


class RoiFloor(AnyRule):
    """(outcome − spend) / spend at least `floor`."""

    numbers: ClassVar[tuple[str, ...]] = ("floor",)
    on_outcomes: ClassVar[bool] = True
    kind: Literal["roi_floor"] = "roi_floor"
    floor: Change = Field(description="0.5: every unit of money brings back 1.5")
    outcome: Literal["margin", "revenue"] = "margin"
    period: Period = "year"

    def increases(self) -> tuple[str, ...]:
        """The outcome."""
        return (self.outcome,)


class KpiFloor(AnyRule):
    """A KPI at least at a level: overall, or what a tier's channels bring; by any period."""

    numbers: ClassVar[tuple[str, ...]] = ("at_least",)
    on_outcomes: ClassVar[bool] = True
    kind: Literal["kpi_floor"] = "kpi_floor"
    kpi: str
    at_least: Annotated[float, Field(allow_inf_nan=False)] = Field(description="in the KPI's unit")
    tier: Tier | None = None
    period: Period = "year"
    probability: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="held by the mean of the worst 1 − probability of the curves' draws"
    )

    _carried = field_validator("kpi")(check_floor)

    @property
    def on_ratio(self) -> bool:
        """Whether its KPI is a ratio, which is held through numerator and denominator."""
        return KPIS[self.kpi].rule == "ratio"

    def increases(self) -> tuple[str, ...]:
        """The KPI, or the numerator of a ratio."""
        return KPIS[self.kpi].parts[:1] if self.on_ratio else (self.kpi,)

    def decreases(self) -> tuple[str, ...]:
        """The denominator of a ratio."""
        return KPIS[self.kpi].parts[1:] if self.on_ratio else ()

    def obstacle(self) -> str:
        """Why a ratio has no surplus to be held by, or none with a probability."""
        if not self.on_ratio or (KPIS[self.kpi].parts and self.probability is None):
            return ""
        return (
            f"{self.kpi} is a ratio. A linear program holds it at a level only "
            "through its surplus (numerator − level · denominator), and curves for its numerator "
            "and denominator cannot be given; hold the numerator instead, or score the plan by it."
        )


class Capacity(AnyRule):
    """A KPI at most at a level in each period, for instance leads that the desk can take."""

    numbers: ClassVar[tuple[str, ...]] = ("at_most",)
    on_outcomes: ClassVar[bool] = True
    kind: Literal["capacity"] = "capacity"
    kpi: str = "leads"
    at_most: Money = Field(description="in the KPI's unit, per period")
    period: Period = "month"

    _sum = field_validator("kpi")(check_sum)

    def decreases(self) -> tuple[str, ...]:
        """The KPI."""
        return (self.kpi,)


class SpendPrice(AnyRule):
    """A price that depends on the spend of a month: what lies above `above` costs `factor` more."""

    kind: Literal["spend_price"] = "spend_price"
    channels: Channels = ()
    above: tuple[Money, ...] = Field(min_length=1, description="money a month, rising")
    factor: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        description="price above each step, relative to the price below the first"
    )

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if len(self.above) != len(self.factor) or list(self.above) != sorted(set(self.above)):
            raise ValueError(f"{self.name}: `above` rises and has one `factor` for each step")
        return self


class Discount(AnyRule):
    """Money later in the year is worth less: the objective's months are discounted."""

    bounds_plans: ClassVar[bool] = False
    kind: Literal["discount"] = "discount"
    rate: Annotated[float, Field(ge=0, lt=10)] = Field(description="a year; 0.08 is 8 %")

    @property
    def discount(self) -> float:
        """Its rate."""
        return self.rate


Rule = Annotated[
    Budget
    | (GroupBounds | FlightLength | LiveChannels | MoneySteps | Launch)
    | (ChannelBounds | TierShare | Ramp | Commitment | Flight | MinimumToWork | TestFund)
    | (CacCap | RoiFloor | KpiFloor | Capacity | SpendPrice | Discount),
    Field(discriminator="kind"),
]
RULES: dict[str, type[AnyRule]] = {
    kind: rule
    for rule in get_args(get_args(Rule)[0])
    for kind in get_args(rule.model_fields["kind"].annotation)
}
"""The class of each kind of rule, in the order in which the scenario's schema has them."""
