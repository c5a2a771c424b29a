"""What a scenario ought to imply: published or assumed ranges for figures that it does not set."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from scenarios.kpis import KPIS
from scenarios.parts.base import Part, Real

IMPLIED: dict[str, tuple[str, ...]] = {
    "ltv_per_cac": (),
    "reach_share": (),
    "awareness_share": (),
    "media_share": (),
    "baseline_share": (),
    "elasticity": ("channel", "all"),
    "price_elasticity": ("offer",),
    "lift": ("channel", "tier"),
    "return": ("channel",),
    "last_click_over_truth": ("channel",),
}
"""Figures beside KPIs, and the scopes that each may have.

Value of a customer per cost; people reached and people who know us, per person; spend per revenue;
orders without any marketing per order; percent of orders per percent of money, and per percent of
price while an offer runs; effect of a channel or tier per orders without it; margin that a channel
brings per unit of its money; last-click credit per effect.
"""


class Belief(Part):
    """A figure, the range it ought to lie in, where that comes from, and why it does not if not.

    `figure` is a KPI, or `ltv_per_cac`, `reach_share`, `awareness_share`, `media_share`,
    `baseline_share`, `elasticity`, `price_elasticity`, `lift`, `return` or `last_click_over_truth`;
    with a scope after `@` where it has one: `click_rate@channel:paid_search`, `elasticity@douyin`,
    `elasticity@all`, `price_elasticity@NAME OF AN OFFER`, `lift@tier 2`, `return@douyin`, `nps`.
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
        if self.name not in KPIS and self.name not in IMPLIED:
            raise ValueError(f"{self.figure}: is neither a KPI nor one of {', '.join(IMPLIED)}")
        if self.low > self.high:
            raise ValueError(f"{self.figure}: `low` {self.low:g} is above `high` {self.high:g}")
        scopes = IMPLIED.get(self.name)
        if scopes is not None and bool(self.scope) != bool(scopes):
            need = f"needs a {' or '.join(scopes)} after `@`" if scopes else "has no scope"
            raise ValueError(f"{self.figure}: {need}")
        return self
