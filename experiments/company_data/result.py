"""A table once it is checked: what it is, what is doubted, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from experiments.company_data.amounts import Amounts
from experiments.company_data.canonical import history_text
from experiments.company_data.columns import Column
from experiments.company_data.doubts import Doubt
from experiments.company_data.vocabulary import LEADS, NAMELESS_OUTCOMES, ORDERS, REVENUE, guess


class CheckedDocument(TypedDict):
    """What `tiermix data check` says as JSON, before it is published."""

    kind: str
    file: str
    digest: str
    periods: int
    first: str
    last: str
    channels: list[str]
    regions: int
    columns: list[dict[str, str]]
    doubts: list[dict[str, str]]


@dataclass(frozen=True)
class CheckedTable:
    """A company's table as it was understood.

    `step` and `layout` are those of the file; `amounts` go by weeks where the file goes by days.
    `doubts` come gravest first.
    """

    source: str
    digest: str
    step: str
    layout: str
    columns: tuple[Column, ...]
    amounts: Amounts
    doubts: tuple[Doubt, ...]

    @property
    def kind(self) -> str:
        """The table in a few words: weekly, wide, by region."""
        step = {"day": "daily", "week": "weekly", "month": "monthly"}[self.step]
        count = len(self.amounts.regions)
        return f"{step}, {self.layout}, {'by region' if count > 1 else 'national'}"

    @property
    def outcome(self) -> str:
        """The outcome that is looked at first: revenue, orders or leads; '' where there is none."""
        return next((what for what in (REVENUE, ORDERS, LEADS) if self.amounts.has(what)), "")

    @property
    def counted(self) -> str:
        """What a fit counts, in the table's own word: orders, unless a column of another name."""
        known = {column.role: column.name for column in self.columns}
        if ORDERS in known:
            strange = guess(known[ORDERS]).role not in (ORDERS, REVENUE)
            own = strange and known[ORDERS].lower() not in NAMELESS_OUTCOMES
            return known[ORDERS] if own else ORDERS
        return known[LEADS] if LEADS in known and REVENUE not in known else ORDERS

    @property
    def history(self) -> str:
        """The canonical history as CSV."""
        return history_text(self.amounts)

    def to_dict(self) -> CheckedDocument:
        """The document: kind, columns and doubts."""
        periods = self.amounts.periods
        return {
            "kind": self.kind,
            "file": self.source,
            "digest": self.digest,
            "periods": len(periods),
            "first": str(periods[0]),
            "last": str(periods[-1]),
            "channels": list(self.amounts.channels),
            "regions": len(self.amounts.regions) if self.amounts.regions != [""] else 0,
            "columns": [column.to_dict() for column in self.columns],
            "doubts": [doubt.to_dict() for doubt in self.doubts],
        }
