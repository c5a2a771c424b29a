"""Run: what one simulated market gives, in memory or in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeys import JourneyLog
from scenarios import MediaPlan, Scenario
from sim.kpis.scorecard import Scorecard
from sim.market.arms import WarmedUpMarket
from sim.output.market_year import MarketYear
from sim.output.tables import aggregates_frame, costs_frame, ledger_frame
from tiermix.core.files import write_text
from tiermix.core.notebook import paragraph

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class YearTables:
    """What follows from the books of a year, lived to its end or so far: tables and KPIs."""

    year: MarketYear

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


@dataclass(frozen=True)
class Observed(YearTables):
    """What a company sees of one year: ledger, costs, aggregates, log; and its scorecard."""

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
    planned: Observed
    history: Observed
    provenance: dict[str, Any]
    seconds: float
    folder: Path
    past: WarmedUpMarket | None = field(default=None, repr=False)
    _keep: Any = field(default=None, repr=False)

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
            "events": self.planned.year.lived,
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


def write_tables(run: Observed) -> dict[str, pa.Table]:
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
