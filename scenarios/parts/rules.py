"""The rules that a plan has to keep and the goals that it is judged by, as data.

Every rule has a `kind`, a `name` that comes back in prices and conflicts, and `mentions()`, with
which the scenario checks at the door that what the rule speaks of exists. Amounts are in the
scenario's currency; shares and changes are fractions (0.3 is 30 %).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf
from typing import Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scenarios.kpis import KPIS, check_floor, check_known, check_rule, check_sum

R = TypeVar("R", bound="_Named")
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="month, YYYY-MM")]
Tier = Literal[1, 2, 3]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Change = Annotated[float, Field(ge=-1, allow_inf_nan=False)]
_PERIOD = r"^(year|quarter|month|Q[1-4]|\d{4}-(0[1-9]|1[0-2]))$"
_PERIOD_WORDS = "year, Q1 to Q4, one month (YYYY-MM), or each quarter / month on its own"
Period = Annotated[str, Field(pattern=_PERIOD, description=_PERIOD_WORDS)]
Channels = Annotated[tuple[str, ...], Field(description="none named means every plannable one")]


class Mentions(NamedTuple):
    """What a rule speaks of, by name."""

    channels: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()


def periods(period: str, months: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The stretches of `months` that a period names: (label, its months); empty if outside."""
    quarters = [(f"Q{q + 1}", tuple(months[3 * q : 3 * q + 3])) for q in range(len(months) // 3)]
    if period == "year":
        return [("year", tuple(months))]
    if period == "quarter":
        return quarters
    if period == "month":
        return [(month, (month,)) for month in months]
    return [pair for pair in quarters if pair[0] == period] + [
        (month, (month,)) for month in months if month == period
    ]


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, description="comes back in prices, conflicts and reports")

    def mentions(self) -> Mentions:
        """The channels, KPIs, months and tiers that have to exist for this to make sense."""
        period, tier = str(getattr(self, "period", "year")), getattr(self, "tier", None)
        kpis = (getattr(self, "kpi", ""), getattr(self, "outcome", ""))
        return Mentions(
            channels=tuple(getattr(self, "channels", ())),
            kpis=tuple(name for name in kpis if name),
            months=(*getattr(self, "months", ()), *re.findall(r"^\d{4}-\d\d$", period)),
            tiers=() if tier is None else (tier,),
        )


def _one_of(rule: R, one: str, other: str) -> R:
    if getattr(rule, one) is None and getattr(rule, other) is None:
        raise ValueError(f"{rule.name}: give `{one}`, `{other}` or both; the rule bounds nothing")
    return rule


class _Band(_Named):
    """A rule with `least`, `most` or both."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _one_of(self, "least", "most")
        least, most = getattr(self, "least", None), getattr(self, "most", None)
        if least is not None and most is not None and least > most:
            raise ValueError(f"{self.name}: least {least:g} is above most {most:g}; swap them")
        return self


class Budget(_Named):
    """All spend of a period at most, at least or exactly an amount."""

    kind: Literal["budget"] = "budget"
    amount: Money | None = Field(None, description="money; none means `share` of the budget")
    share: Annotated[float, Field(ge=0)] = Field(1.0, description="of the scenario's budget")
    sense: Literal["at_most", "at_least", "exactly"] = "at_most"
    period: Period = "year"


class ChannelBounds(_Band):
    """Each channel's spend within bounds: money, share of all spend, or change on last year."""

    kind: Literal["channel_bounds"] = "channel_bounds"
    channels: Channels = ()
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


class TierShare(_Band):
    """A tier's share of all spend in a band."""

    kind: Literal["tier_share"] = "tier_share"
    tier: Tier
    least: Share | None = None
    most: Share | None = None
    period: Period = "year"


class Ramp(_Named):
    """From one month to the next a channel rises or falls by at most a share of itself."""

    kind: Literal["ramp"] = "ramp"
    channels: Channels = ()
    up: Annotated[float, Field(ge=0)] | None = Field(None, description="0.5: at most 50 % more")
    down: Share | None = Field(None, description="0.5: at most 50 % less")
    step: Money = Field(0.0, description="money that may change in any case")
    from_last_year: bool = Field(
        False, description="the first month is held against last year's end"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        return _one_of(self, "up", "down")


class Commitment(_Named):
    """Money already promised: exactly (or at least) these amounts in these months."""

    kind: Literal["commitment"] = "commitment"
    channel: str
    amounts: dict[Month, Money] = Field(min_length=1, description="money by month")
    sense: Literal["exactly", "at_least"] = "exactly"

    def mentions(self) -> Mentions:
        """The channel and its months."""
        return Mentions(channels=(self.channel,), months=tuple(self.amounts))


class Flight(_Named):
    """Channels run only inside their windows, or (`blackout`) only outside them."""

    kind: Literal["flight", "blackout"]
    channels: Channels = ()
    months: tuple[Month, ...] = Field(min_length=1, description="months with, or without, money")


class MinimumToWork(_Named):
    """A month of the channel gets nothing, or enough to work at all (needs integers)."""

    kind: Literal["minimum_to_work"] = "minimum_to_work"
    channels: Channels = ()
    amount: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(description="money a month")


class TestFund(_Named):
    """A share of the budget held for tests (测试与创新基金): in tier 3 or left unallocated."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    kind: Literal["test_fund"] = "test_fund"
    share: Share = Field(description="of the scenario's budget")


class CacCap(_Named):
    """All spend per outcome at most `cap`; the outcome is named (new customer, signup, lead)."""

    kind: Literal["cac_cap"] = "cac_cap"
    cap: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(description="money per outcome")
    outcome: Annotated[str, Field(description="the KPI whose units are paid for")] = "new_customers"
    period: Period = "year"

    _sum = field_validator("outcome")(check_sum)


class RoiFloor(_Named):
    """(outcome − spend) / spend at least `floor`."""

    kind: Literal["roi_floor"] = "roi_floor"
    floor: Change = Field(description="0.5: every unit of money brings back 1.5")
    outcome: Literal["margin", "revenue"] = "margin"
    period: Period = "year"


class KpiFloor(_Named):
    """A KPI at least at a level: overall, or what a tier's channels bring; by any period."""

    kind: Literal["kpi_floor"] = "kpi_floor"
    kpi: str
    at_least: Annotated[float, Field(allow_inf_nan=False)] = Field(description="in the KPI's unit")
    tier: Tier | None = None
    period: Period = "year"
    probability: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="held by the mean of the worst 1 − probability of the curves' draws"
    )

    _carried = field_validator("kpi")(check_floor)


class Capacity(_Named):
    """A KPI at most at a level in each period, for instance leads that the desk can take."""

    kind: Literal["capacity"] = "capacity"
    kpi: str = "leads"
    at_most: Money = Field(description="in the KPI's unit, per period")
    period: Period = "month"

    _sum = field_validator("kpi")(check_sum)


class SpendPrice(_Named):
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


class Discount(_Named):
    """Money later in the year is worth less: the objective's months are discounted."""

    kind: Literal["discount"] = "discount"
    rate: Annotated[float, Field(ge=0, lt=10)] = Field(description="a year; 0.08 is 8 %")


Rule = Annotated[
    Budget
    | (ChannelBounds | TierShare | Ramp | Commitment | Flight | MinimumToWork | TestFund)
    | (CacCap | RoiFloor | KpiFloor | Capacity | SpendPrice | Discount),
    Field(discriminator="kind"),
]


class Goal(_Named):
    """A SMART goal: a KPI's change against last year or its level, by when, for which tier."""

    kpi: str
    change: Change | None = Field(None, description="against last year; 0.25 is 25 % more")
    level: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None, description="in the KPI's unit"
    )
    period: Period = "year"
    tier: Tier | None = None
    as_rule: bool = Field(False, description="whether the optimizer takes it as a constraint")
    weight: Annotated[float, Field(gt=0)] = Field(1.0, description="in goal programming")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.change is None) == (self.level is None):
            raise ValueError(f"{self.name}: give either `change` (against last year) or `level`")
        check_known(self.kpi)
        if self.as_rule:
            check_rule(self.kpi)
        return self

    def target(self, last_year: float | None = None) -> float:
        """The level to reach; raises ValueError when a change lacks last year's level."""
        if self.level is not None:
            return self.level
        if last_year is None or self.change is None:
            raise ValueError(
                f"the goal {self.name} is relative to last year, and last year's {self.kpi} is not "
                "known; give it, or a `level` instead of a `change`"
            )
        return last_year * (1 + self.change)

    def met(self, value: float, last_year: float | None = None) -> bool:
        """Whether a value reaches the target, in the KPI's own direction."""
        target = self.target(last_year)
        return value >= target if KPIS[self.kpi].direction == "up" else value <= target
