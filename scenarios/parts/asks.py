"""What rules and goals have in common: a name, a period, and what of the scenario they speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Tier = Literal[1, 2, 3]
Change = Annotated[float, Field(ge=-1, allow_inf_nan=False)]
_PERIOD = r"^(year|quarter|month|Q[1-4]|\d{4}-(0[1-9]|1[0-2]))$"
_PERIOD_WORDS = "year, Q1 to Q4, one month (YYYY-MM), or each quarter / month on its own"
Period = Annotated[str, Field(pattern=_PERIOD, description=_PERIOD_WORDS)]


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
