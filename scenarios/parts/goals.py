"""Goals: what a plan is judged by, as data."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from scenarios.kpis import KPIS, check_known, check_rule
from scenarios.parts.asks import Ask, Change, Period, Tier


class Goal(Ask):
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
