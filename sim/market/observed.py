"""What a company sees of a year so far, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from journeys import JourneyLog
from sim.market.run import Observed
from sim.market.setting import Setting
from sim.output.market_year import MarketYear
from sim.output.shards import shard_tables
from sim.output.year import CommunityYear

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, repr=False)
class ObservedSoFar(Observed):
    """A year so far, its log in memory.

    `history` is the year before, in memory too; None for the history year itself.
    """

    history: ObservedSoFar | None
    _setting: Setting = field(repr=False)
    _years: tuple[CommunityYear, ...] = field(repr=False)

    @cached_property
    def log(self) -> JourneyLog:
        """Touches and conversions."""
        touches, conversions = zip(*self._shards(), strict=True)
        return JourneyLog(_frame(touches), _frame(conversions))

    def _shards(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Touches and conversions, group by group as a run folder keeps them."""
        scenario, seed = self._setting.scenario, self._setting.seed
        years = iter(self._years)
        for group in self._setting.layout.groups:
            parts = [(year.community, year.raw_rows) for year in islice(years, len(group))]
            yield shard_tables(scenario, parts, seed)


def gather(
    setting: Setting,
    years: Sequence[CommunityYear],
    history: ObservedSoFar | None = None,
    days: int | None = None,
) -> ObservedSoFar:
    """The books of all communities as one; `days` of them have been lived, all unless given."""
    year = MarketYear.gather(setting.scenario, setting.layout, years, planned=history is not None)
    shown = year if days is None else replace(year, days=days)
    return ObservedSoFar(shown, history, setting, tuple(years))


def _frame(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """One frame of the shards, in their order."""
    import pyarrow as pa

    frame: pd.DataFrame = pa.concat_tables(tables).unify_dictionaries().to_pandas()
    return frame
