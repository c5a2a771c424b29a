"""Evidence: what stands beside a comparison in its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd


class Price(Protocol):
    """A rule of the plan, what one step of its number is worth, and the same in words."""

    @property
    def rule(self) -> str: ...
    @property
    def price(self) -> float: ...
    @property
    def words(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Evidence:
    """Frames and words around a comparison; whatever is left out does not appear in the report.

    channels: `channel, label, label_zh, tier`, in the order in which they are to be shown.
    prices: what the rules of the best plan cost, the most telling first; None if the plan is not
        the solution of a program. Rules that cost nothing are left out.
    curves: `channel, spend, response, low, high` per month, in `response_unit`.
    points: `channel, point, spend, response` with point `today` or `planned`.
    attribution: `model, channel, credit, truth, truth_se` in conversions.
    believability: `what, here, low, high, source`: what the scenario implies beside published
        ranges, as numbers.
    sampling, provenance: words or numbers by name. limits: sentences.
    """

    title: str
    title_zh: str = ""
    about: str = ""
    channels: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["channel", "label", "label_zh", "tier"])
    )
    prices: Sequence[Price] | None = None
    curves: pd.DataFrame | None = None
    points: pd.DataFrame | None = None
    response_unit: str = "margin a month"
    attribution: pd.DataFrame | None = None
    believability: pd.DataFrame | None = None
    sampling: Mapping[str, str | float] = field(default_factory=dict)
    provenance: Mapping[str, str | float] = field(default_factory=dict)
    limits: Sequence[str] = ()

    @property
    def binding(self) -> list[Price]:
        """The prices of the rules that cost something."""
        return [price for price in self.prices or () if price.price]

    def label(self, channel: str) -> tuple[str, str]:
        """English and Chinese name of a channel; its own name where none was given."""
        rows = self.channels[self.channels["channel"] == channel]
        if rows.empty:
            return channel, ""
        return str(rows["label"].iloc[0]), str(rows["label_zh"].iloc[0])

    def tier(self, channel: str) -> int:
        """The channel's tier; 3, the exploratory one, where none was given."""
        rows = self.channels.loc[self.channels["channel"] == channel, "tier"]
        return int(rows.iloc[0]) if len(rows) else 3
