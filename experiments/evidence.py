"""Evidence: what stands beside a comparison in its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd


class Price(NamedTuple):
    """A rule of the plan, what one unit of it is worth, and the same in words."""

    rule: str
    price: float
    words: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """Frames and words around a comparison; whatever is left out does not appear in the report.

    channels: `channel, label, label_zh, tier`, in the order in which they are to be shown.
    prices: rules that bind the best plan, most expensive first; None if it has no program.
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
