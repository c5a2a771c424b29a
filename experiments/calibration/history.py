"""A company's own weekly history: one table of spend by channel and of outcomes in all, checked.

week,channel,spend,impressions,clicks,conversions,revenue
2025-01-06,douyin,118000,1900000,29000,,
2025-01-06,total,,,,17650,3990000
"""

from __future__ import annotations

import datetime as dt
import math
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.calibration.controls import controls_of
from experiments.calibration.history_file import (
    COLUMNS,
    HistoryCells,
    HistoryError,
    HistoryRow,
    history_cells,
)
from experiments.company_data.canonical import OUTCOME_COLUMNS, TOTAL
from experiments.company_data.vocabulary import MEDIA
from tiermix.core.arrays import Floats
from tiermix.core.hints import hint
from tiermix.core.tables.numbers import number

if TYPE_CHECKING:
    import pandas as pd

OF_CHANNELS, OF_TOTAL = MEDIA, tuple(OUTCOME_COLUMNS)
LEAST_WEEKS = 26
LARGEST = 1e15
WEEK = dt.timedelta(7)


Key = tuple[dt.date, str, str]
"""Week, channel, and region; '' where a history has none."""


@dataclass(frozen=True)
class LiftMoment:
    """The share of orders that a channel's money brought in weeks `first` to `last` (excluded).

    Measured by a test, or in the market; `error` is its standard error there.
    """

    channel: str
    first: int
    last: int
    lift: float
    error: float


@dataclass(frozen=True)
class EarlierYear:
    """Weeks `first` to `last` (excluded) that the market lives `moved` days after they were."""

    first: int
    last: int
    moved: int


@dataclass(frozen=True)
class History:
    """W weeks that follow on one another, each named by its first day.

    `spend`, `impressions` and `clicks` [W, C] by channel (not a number where nothing is given),
    `conversions` and `revenue` [W] of the company. `digest` is the SHA-256 of the file (of what is
    in it, where it is packed); `unused` says what the file has and a fit does not use; `lifts` are
    what tests found in these weeks; `controls` [W] each are known of weeks and move demand;
    `earlier` are years before the scenario's own, which come first and are lived moved.
    """

    weeks: tuple[dt.date, ...]
    channels: tuple[str, ...]
    spend: Floats
    impressions: Floats
    clicks: Floats
    conversions: Floats
    revenue: Floats
    source: str
    digest: str = ""
    unused: tuple[str, ...] = ()
    lifts: tuple[LiftMoment, ...] = ()
    controls: Mapping[str, Floats] = field(default_factory=dict)
    earlier: tuple[EarlierYear, ...] = ()

    @property
    def own_first(self) -> int:
        """The first week that lies in the scenario's own years."""
        return self.earlier[-1].last if self.earlier else 0

    @property
    def own(self) -> History:
        """The weeks in the scenario's own years."""
        return self.part(slice(self.own_first, None))

    def years(self) -> list[History]:
        """Each earlier year by itself, on the dates on which it is lived, and the own weeks."""
        found = []
        for year in self.earlier:
            part = self.part(slice(year.first, year.last))
            weeks = tuple(week + dt.timedelta(year.moved) for week in part.weeks)
            found.append(replace(part, weeks=weeks))
        return [*found, self.own]

    def by_year(self, values: Floats) -> list[Floats]:
        """Values of the weeks [W], year by year."""
        return np.split(values, [year.last for year in self.earlier])

    def has_figures(self, what: str, channel: str) -> bool:
        """Whether a channel's impressions or clicks are given in every week, and are not all 0."""
        column = getattr(self, what)[:, self.channels.index(channel)]
        return bool(np.isfinite(column).all() and column.sum() > 0)

    def told(self, what: str, channel: str) -> bool:
        """The old name of `has_figures`."""
        warnings.warn("History.told is now History.has_figures", DeprecationWarning, stacklevel=2)
        return self.has_figures(what, channel)

    def part(self, weeks: slice) -> History:
        """The same of some of the weeks, with the tests that lie in them whole."""
        rows = {name: getattr(self, name)[weeks] for name in (*OF_CHANNELS, *OF_TOTAL)}
        start, stop, _ = weeks.indices(len(self.weeks))
        lifts = tuple(
            replace(one, first=one.first - start, last=one.last - start)
            for one in self.lifts
            if start <= one.first and one.last <= stop
        )
        controls = {name: values[weeks] for name, values in self.controls.items()}
        earlier = tuple(
            replace(one, first=one.first - start, last=one.last - start)
            for one in self.earlier
            if start <= one.first and one.last < stop
        )
        whole: dict[str, Any] = {"lifts": lifts, "controls": controls, "earlier": earlier}
        return replace(self, weeks=self.weeks[weeks], **whole, **rows)


def read_history(
    path: str | os.PathLike[str],
    channels: Sequence[str] | None,
    names: Mapping[str, str] | None = None,
) -> History:
    """The history in a table; `names` says which of `channels` the file's own names stand for.

    Without `channels` all names are good. Missing pairs of week and channel count as no spend;
    regions are added up, and so are channels of theirs that stand for one of ours. Raises
    `HistoryError`.
    """
    source = str(path)
    if channels is not None:
        _check_names(names or {}, channels)
    table = history_cells(path)
    cells: dict[Key, dict[str, float]] = {}
    read: set[Key] = set()
    for row in table.rows:
        theirs, region = row.cells["channel"], row.cells.get("region", "")
        channel = _channel(theirs, channels, names or {}, row.place)
        if (row.week, theirs, region) in read:
            where = f" in {region}" if region else ""
            raise HistoryError(
                f"{row.place}: {theirs} in week {row.week}{where} is given a second time; add the "
                "two rows up into one."
            )
        read.add((row.week, theirs, region))
        found, key = _figures(row, channel, table.decimal), (row.week, channel, region)
        before = cells.get(key, dict.fromkeys(found, 0.0))
        cells[key] = {name: before[name] + value for name, value in found.items()}
    weeks = _whole_weeks(cells, source)
    order = channels or list(dict.fromkeys(name for _, name, _ in cells if name != TOTAL))
    return _tables(nation(cells), weeks, order, source, table)


def _check_names(names: Mapping[str, str], channels: Sequence[str]) -> None:
    for theirs, ours in names.items():
        if ours not in channels:
            raise HistoryError(
                f'names={{"{theirs}": "{ours}"}}: there is no channel {ours!r}; '
                f"{hint(ours, channels)}."
            )


def _channel(text: str, known: Sequence[str] | None, names: Mapping[str, str], place: str) -> str:
    name = names.get(text, text)
    if name == TOTAL or (name in known if known is not None else name):
        return name
    raise HistoryError(
        f"{place}: channel {text!r} is not known; {hint(text, (*(known or ()), TOTAL))}. If it "
        f'goes by another name there, say so: names={{"{text}": "NAME"}}.'
    )


def _figures(row: HistoryRow, channel: str, decimal: str) -> dict[str, float]:
    """What a row tells: outcomes in rows of the total, spend and the like in all others."""
    mine, others = (OF_TOTAL, OF_CHANNELS) if channel == TOTAL else (OF_CHANNELS, OF_TOTAL)
    texts = row.cells
    for name in others if channel != TOTAL else ():
        if texts[name] and _number(texts[name], name, row.place, decimal) > 0:
            raise HistoryError(
                f"{row.place}: {name} {texts[name]!r} stands in a row of {channel}; a "
                f"company cannot see what a channel brings, so give {name} in rows of the channel "
                f"{TOTAL!r}."
            )
    found = {name: _number(texts[name], name, row.place, decimal) for name in mine}
    if found.get("clicks", 0.0) > found.get("impressions", math.inf):
        raise HistoryError(
            f"{row.place}: {channel} has clicks {texts['clicks']} and impressions "
            f"{texts['impressions']}; nobody clicks on what was not shown, so correct them, or "
            "leave the impressions out."
        )
    return found


def _number(text: str, name: str, place: str, decimal: str) -> float:
    """A finite number of at least 0; empty impressions and clicks are not given."""
    if not text and name in ("impressions", "clicks"):
        return math.nan
    found = number(text, decimal)
    if found is None or not 0.0 <= found <= LARGEST:
        raise HistoryError(
            f"{place}: {name} {text!r} is not a finite number of at least 0; write it with a point "
            "for decimals and nothing else, for example 12500.50."
        )
    return found


def _whole_weeks(cells: Mapping[Key, Any], source: str) -> tuple[dt.date, ...]:
    """All weeks from the first to the last, each of which has outcomes, in each region."""
    weeks = sorted({week for week, _, _ in cells})
    told = {(week, region) for week, channel, region in cells if channel == TOTAL}
    if not told:
        raise HistoryError(
            f"{source}: no row tells outcomes; add a row of the channel {TOTAL!r} with conversions "
            "and revenue for each week."
        )
    for week in weeks:
        if (week - weeks[0]).days % 7:
            raise HistoryError(
                f"{source}: week {week} ({week:%A}) does not begin on the weekday of week "
                f"{weeks[0]} ({weeks[0]:%A}); name each week by the same weekday, best its Monday, "
                "or have days summed by `tiermix data check`."
            )
    expected = [weeks[0] + n * WEEK for n in range((weeks[-1] - weeks[0]).days // 7 + 1)]
    regions = sorted({region for _, _, region in cells})
    for week, region in ((week, region) for week in expected for region in regions):
        if (week, region) not in told:
            what = "is missing" if week not in weeks else "has no outcomes"
            raise HistoryError(
                f"{source}: week {week} {what}{f' in {region}' if region else ''}; add its row of "
                f"the channel {TOTAL!r}, or keep only weeks that follow on one another."
            )
    if len(expected) < LEAST_WEEKS:
        raise HistoryError(
            f"{source}: holds {len(expected)} weeks; at least {LEAST_WEEKS} are needed to tell "
            "spend from season, a year or more is better."
        )
    return tuple(expected)


def nation(
    cells: Mapping[Key, Mapping[str, float]],
) -> dict[tuple[dt.date, str], dict[str, float]]:
    """Figures of all regions added up; what one of them does not give is not given."""
    found: dict[tuple[dt.date, str], dict[str, float]] = {}
    for (week, channel, _), figures in cells.items():
        sums = found.setdefault((week, channel), dict.fromkeys(figures, 0.0))
        for name, value in figures.items():
            sums[name] += value
    return found


def _tables(
    cells: Mapping[tuple[dt.date, str], Mapping[str, float]],
    weeks: tuple[dt.date, ...],
    channels: Sequence[str],
    source: str,
    table: HistoryCells,
) -> History:
    present = {channel for _, channel in cells}
    names = tuple(name for name in channels if name in present)

    def column(name: str, what: str) -> list[float]:
        return [cells.get((week, name), {}).get(what, 0.0) for week in weeks]

    tables = {what: np.array([column(n, what) for n in names]).T for what in OF_CHANNELS}
    totals = {what: np.array(column(TOTAL, what)) for what in OF_TOTAL}
    shaped = {what: table.reshape(len(weeks), len(names)) for what, table in tables.items()}
    figures: dict[str, Any] = {**shaped, **totals}
    if not totals["conversions"].sum() > 0:
        raise HistoryError(
            f"{source}: conversions are 0 in every week; there is nothing to fit a market to."
        )
    controls = controls_of(table.rows, weeks, table.decimal)
    more: dict[str, Any] = {"digest": table.digest, "unused": table.unused, "controls": controls}
    return History(weeks, names, **figures, source=source, **more)


def history_of(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """The history year of a run folder in the format that `read_history` reads, whole weeks only.

    What a company would have on file: by week and channel, no regions, no credit.
    """
    import pandas as pd

    path = Path(folder) / "history" / "aggregates.parquet"
    if not path.is_file():
        raise HistoryError(
            f"{path}: there is no such table; give a run folder of `tiermix simulate`."
        )
    return history_table(pd.read_parquet(path), 52)


def history_table(aggregates: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """The first `weeks` of a table of aggregates as a history."""
    import pandas as pd

    kept = aggregates[aggregates["week"].isin(sorted(aggregates["week"].unique())[:weeks])]
    by_channel = kept.groupby(["week", "channel"], observed=True)[list(OF_CHANNELS)].sum()
    spends = by_channel.groupby("channel", observed=True)["spend"].transform("sum") > 0
    totals = kept.groupby("week")[list(OF_TOTAL)].sum().reset_index().assign(channel=TOTAL)
    rows = pd.concat([by_channel[spends].reset_index(), totals], ignore_index=True)
    rows["week"] = pd.to_datetime(rows["week"]).dt.strftime("%Y-%m-%d")
    return rows.sort_values(["week", "channel"], ignore_index=True)[list(COLUMNS)]
