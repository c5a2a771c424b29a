"""Run: what one simulated market gives, in memory or in a folder."""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeys import JourneyLog
from scenarios import MediaPlan, Scenario
from sim.kpis.scorecard import Scorecard, kpi_rows
from sim.market.arms import WarmedUpMarket
from sim.output.market_year import MarketYear
from sim.output.tables import aggregates_frame, costs_frame, ledger_frame
from tiermix.core.files import write_text
from tiermix.core.notebook import html_table, paragraph

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


SHOWN = ("spend", "conversions", "new_customers", "cac", "margin", "profit")
"""KPIs that a year shows of itself in a notebook; its scorecard has them all."""


@dataclass(frozen=True, repr=False)
class Observed(ABC):
    """What a company sees of a year, over or not: log, ledger, costs, aggregates; and its KPIs."""

    year: MarketYear

    @property
    @abstractmethod
    def log(self) -> JourneyLog:
        """Touches and conversions."""

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """`date, channel, spend`."""
        return ledger_frame(self.year)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """`date, kind, name, amount`: money beside media."""
        return costs_frame(self.year)

    @cached_property
    def aggregates(self) -> pd.DataFrame:
        """`week, region, channel, spend, impressions, clicks, visits, conversions, revenue`."""
        return aggregates_frame(self.year)

    @cached_property
    def scorecard(self) -> Scorecard:
        """KPIs with standard errors; months to come are empty."""
        return Scorecard(self.year)

    def __repr__(self) -> str:
        scenario, days = self.year.scenario, self.year.days
        first = scenario.history_start + dt.timedelta(self.year.first_day)
        return f"Observed({scenario.name}, {days} days from {first})"

    def _repr_html_(self) -> str:
        return html_table(*kpi_rows(self.scorecard, SHOWN), caption=repr(self))


@dataclass(frozen=True, repr=False)
class ObservedFolder(Observed):
    """A whole year, its log in a run folder."""

    folder: Path

    @cached_property
    def log(self) -> JourneyLog:
        """Touches and conversions."""
        return JourneyLog.read(self.folder)


@dataclass(frozen=True)
class Run:
    """One market: the planned year, the history before it, and how to make it again.

    `past` is the market between the two years, where `simulate` was asked to keep it.
    """

    scenario: Scenario
    plan: MediaPlan
    planned: ObservedFolder
    history: ObservedFolder
    provenance: dict[str, Any]
    seconds: float
    folder: Path
    past: WarmedUpMarket | None = field(default=None, repr=False)
    _keep: Any = field(default=None, repr=False)

    @property
    def weight(self) -> float:
        """People of the market behind each customer of the log."""
        return self.planned.year.weight

    @property
    def log(self) -> JourneyLog:
        """What the company saw in the planned year."""
        return self.planned.log

    @property
    def ledger(self) -> pd.DataFrame:
        """Money out in the planned year."""
        return self.planned.ledger

    @property
    def costs(self) -> pd.DataFrame:
        """Money beside media in the planned year: content, integration, desk."""
        return self.planned.costs

    @property
    def aggregates(self) -> pd.DataFrame:
        """The planned year by week, region and channel."""
        return self.planned.aggregates

    @property
    def scorecard(self) -> Scorecard:
        """KPIs of the planned year."""
        return self.planned.scorecard

    @cached_property
    def truth(self) -> pd.DataFrame:
        """Who is behind each visitor; the company cannot know."""
        import pandas as pd

        return pd.read_parquet(self.folder / "truth" / "customers.parquet")

    def summary(self) -> dict[str, Any]:
        """The JSON document of `tiermix simulate`."""
        card = self.scorecard
        return {
            "customers": self.planned.year.customers,
            "touches": count_rows(self.folder / "touches.parquet"),
            "conversions": card.value("conversions"),
            "spend": card.value("spend"),
            "events": self.planned.year.events,
            "seconds": self.seconds,
            "out": str(self.folder),
            "scorecard": card.to_dict(),
        }

    def __repr__(self) -> str:
        card = self.scorecard.estimates()
        return (
            f"Run({self.scenario.name}, {self.planned.year.customers:,} customers, seed "
            f"{self.provenance['seed']}: margin {card['margin'][0]:,.0f} ± {card['margin'][1]:,.0f}"
            f" {self.scenario.currency}, CAC {card['cac'][0]:,.1f} ± {card['cac'][1]:,.1f})"
        )

    def _repr_html_(self) -> str:
        return paragraph(repr(self)) + self.scorecard._repr_html_()


def count_rows(folder: Path) -> int:
    """Rows of a table of shards, as their footers tell."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


def write_json(path: Path, data: Any) -> None:
    """Write JSON whole or not at all."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False))


def write_tables(run: ObservedFolder) -> dict[str, pa.Table]:
    """Ledger, costs, aggregates and scorecard of a year, beside its log; the tables by file."""
    import pyarrow as pa

    from sim.output.shards import write_parquet

    written = {}
    for name in ("ledger", "costs", "aggregates"):
        table = pa.Table.from_pandas(getattr(run, name), preserve_index=False)
        write_parquet(table, run.folder / f"{name}.parquet")
        written[f"{name}.parquet"] = table
    write_json(run.folder / "scorecard.json", run.scorecard.to_dict())
    return written
