"""What rules and goals have in common: a name, a period, and what of the scenario they speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Tier = Literal[1, 2, 3]
Change = Annotated[float, Field(ge=-1, allow_inf_nan=False)]
_PERIOD = r"^(year|quarter|month|Q[1-4]|\d{4}-(0[1-9]|1[0-2]))$"
_PERIOD_WORDS = "year, Q1 to Q4, one month (YYYY-MM), or each quarter / month on its own"
Period = Annotated[str, Field(pattern=_PERIOD, description=_PERIOD_WORDS)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="month, YYYY-MM")]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


def _named_once(channels: tuple[str, ...]) -> tuple[str, ...]:
    for name in channels:
        if channels.count(name) > 1:
            raise ValueError(f"{name} is named {channels.count(name)} times; name it once")
    return channels


def _not_empty(channels: tuple[str, ...]) -> tuple[str, ...]:
    if not channels:
        raise ValueError("the group has no channel; name those that it is made of")
    return channels


Once = AfterValidator(_named_once)
Channels = Annotated[
    tuple[str, ...], Once, Field(description="none named means every plannable one")
]
Group = Annotated[
    tuple[str, ...], Once, AfterValidator(_not_empty), Field(description="those of the group")
]


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


class Ask(BaseModel):
    """A rule or a goal."""

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


class AnyRule(Ask):
    """What is asked of every rule, with the answer of a rule on money that needs no integers."""

    numbers: ClassVar[tuple[str, ...]] = ()
    """Its numbers that a sweep can move."""
    on_outcomes: ClassVar[bool] = False
    """Whether it speaks of what the money brings, and so depends on the curves."""
    needs_integers: ClassVar[bool] = False
    bounds_plans: ClassVar[bool] = True
    """Whether it has rows in a program; else it only weighs what plans bring."""

    @property
    def holds_budget(self) -> bool:
        """Whether it says how much money the year has."""
        return False

    @property
    def money(self) -> float:
        """The largest amount of all spend that it names; 0 for none."""
        return 0.0

    @property
    def discount(self) -> float:
        """By how much it lessens what comes a year later."""
        return 0.0

    def increases(self) -> tuple[str, ...]:
        """The KPIs that are kept up by it: more of them never breaks it."""
        return ()

    def decreases(self) -> tuple[str, ...]:
        """The KPIs that are kept down by it: less of them never breaks it."""
        return ()

    def obstacle(self) -> str:
        """Why no linear program can hold it, in words; empty where one can."""
        return ""

    def misfits(self, plannable: Sequence[str], months: Sequence[str]) -> list[str]:
        """What of it cannot be in a year of these channels and months, in words."""
        return []


R = TypeVar("R", bound=AnyRule)


def one_of(rule: R, one: str, other: str) -> R:
    """The rule; raises `ValueError` where it has neither of two fields."""
    if getattr(rule, one) is None and getattr(rule, other) is None:
        raise ValueError(f"{rule.name}: give `{one}`, `{other}` or both; the rule bounds nothing")
    return rule


class Band(AnyRule):
    """A rule with `least`, `most` or both."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        one_of(self, "least", "most")
        least, most = getattr(self, "least", None), getattr(self, "most", None)
        if least is not None and most is not None and least > most:
            raise ValueError(f"{self.name}: least {least:g} is above most {most:g}; swap them")
        return self
