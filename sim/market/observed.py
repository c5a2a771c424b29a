"""Seen: what a company sees of a year so far, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from journeys import JourneyLog
from sim.kpis.scorecard import kpi_rows
from sim.market.run import YearTables
from sim.market.setting import Setting
from sim.output.market_year import MarketYear
from sim.output.shards import shard_tables
from sim.output.year import LivedYear
from tiermix.core.notebook import html_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SHOWN = ("spend", "conversions", "new_customers", "cac", "margin", "profit")


@dataclass(frozen=True)
class Seen(YearTables):
    """What a company sees of a year so far: the tables of `Observed`, in memory.

    `history` is the year before, once more a `Seen`; None for the history year itself.
    """

    history: Seen | None
    _setting: Setting = field(repr=False)
    _lived: tuple[LivedYear, ...] = field(repr=False)

    @cached_property
    def log(self) -> JourneyLog:
        """Touches and conversions."""
        touches, conversions = zip(*self._shards(), strict=True)
        return JourneyLog(_frame(touches), _frame(conversions))

    def _shards(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Touches and conversions, group by group as a run folder keeps them."""
        scenario, seed = self._setting.scenario, self._setting.seed
        lived = iter(self._lived)
        for group in self._setting.layout.groups:
            parts = [(year.community, year.raw_rows) for year in islice(lived, len(group))]
            yield shard_tables(scenario, parts, seed)

    def __repr__(self) -> str:
        scenario, days = self.year.scenario, self.year.days
        first = scenario.history_start + dt.timedelta(self.year.first_day)
        return f"Seen({scenario.name}, {days} days from {first})"

    def _repr_html_(self) -> str:
        return html_table(*kpi_rows(self.scorecard, SHOWN), caption=repr(self))


def gather(
    setting: Setting,
    lived: Sequence[LivedYear],
    history: Seen | None = None,
    days: int | None = None,
) -> Seen:
    """The books of all communities as one; `days` of them have been lived, all unless given."""
    year = MarketYear.gather(setting.scenario, setting.layout, lived, planned=history is not None)
    return Seen(year if days is None else replace(year, days=days), history, setting, tuple(lived))


def _frame(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """One frame of the shards, in their order."""
    import pyarrow as pa

    frame: pd.DataFrame = pa.concat_tables(tables).unify_dictionaries().to_pandas()
    return frame
