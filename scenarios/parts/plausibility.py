"""What a scenario ought to imply: published or assumed ranges for figures that it does not set."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from scenarios.kpis import KPIS
from scenarios.parts.base import Part, Real

FIGURES = ("ltv_per_cac", "baseline_share", "elasticity", "lift", "last_click_over_truth")
"""Beside KPIs: value of a customer per cost; sales without any marketing; percent of sales per
percent of money; effect of a channel or tier per sales without it; last-click credit per effect."""


class Belief(Part):
    """A figure, the range it ought to lie in, where that comes from, and why it does not if not.

    `figure` is a KPI or one of `FIGURES`, with a scope after `@` where it has one:
    `click_rate@channel:paid_search`, `elasticity@douyin`, `lift@tier 2`, `nps`.
    """

    figure: str = Field(description="a KPI or figure, with `@` and its scope where it has one")
    low: Real = Field(description="lower end of the range")
    high: Real = Field(description="upper end of the range")
    source: str = Field("assumed", description="where the range comes from")
    why: str = Field("", description="why the scenario lies outside, where it does")

    @property
    def name(self) -> str:
        """The figure without its scope."""
        return self.figure.partition("@")[0]

    @property
    def scope(self) -> str:
        """The scope, or nothing."""
        return self.figure.partition("@")[2]

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.name not in KPIS and self.name not in FIGURES:
            raise ValueError(f"{self.figure}: is neither a KPI nor one of {', '.join(FIGURES)}")
        if self.low > self.high:
            raise ValueError(f"{self.figure}: `low` {self.low:g} is above `high` {self.high:g}")
        if self.name in ("elasticity", "lift", "last_click_over_truth") and not self.scope:
            raise ValueError(f"{self.figure}: needs a channel (or tier) after `@`")
        return self
