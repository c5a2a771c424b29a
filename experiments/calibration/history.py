"""A company's own weekly history: one CSV of spend by channel and of outcomes in all, checked.

week,channel,spend,impressions,clicks,conversions,revenue
2025-01-06,douyin,118000,1900000,29000,,
2025-01-06,total,,,,17650,3990000
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tiermix.core.arrays import Floats
from tiermix.core.csv_rows import csv_rows
from tiermix.core.errors import TiermixError
from tiermix.core.hints import hint

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "total"
COLUMNS = ("week", "channel", "spend", "impressions", "clicks", "conversions", "revenue")
NEEDED = ("week", "channel", "spend", "conversions", "revenue")
OF_CHANNELS, OF_TOTAL = ("spend", "impressions", "clicks"), ("conversions", "revenue")
LEAST_WEEKS = 26
LARGEST = 1e15
WEEK = dt.timedelta(7)


class HistoryError(TiermixError):
    """A history that cannot be used: the sentence names file, line, field, value and remedy."""


@dataclass(frozen=True)
class History:
    """W weeks that follow on one another, each named by its first day.

    `spend`, `impressions` and `clicks` [W, C] by channel (not a number where nothing is given),
    `conversions` and `revenue` [W] of the company. `digest` is the file's SHA-256.
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

    def has_figures(self, what: str, channel: str) -> bool:
        """Whether a channel's impressions or clicks are given in every week, and are not all 0."""
        column = getattr(self, what)[:, self.channels.index(channel)]
        return bool(np.isfinite(column).all() and column.sum() > 0)

    def told(self, what: str, channel: str) -> bool:
        """The old name of `has_figures`."""
        warnings.warn("History.told is now History.has_figures", DeprecationWarning, stacklevel=2)
        return self.has_figures(what, channel)

    def part(self, weeks: slice) -> History:
        """The same of some of the weeks."""
        rows = {name: getattr(self, name)[weeks] for name in (*OF_CHANNELS, *OF_TOTAL)}
        return replace(self, weeks=self.weeks[weeks], **rows)


def read_history(
    path: str | os.PathLike[str], channels: Sequence[str], names: Mapping[str, str] | None = None
) -> History:
    """The history in a CSV; `names` says which of `channels` the file's own names stand for.

    Missing pairs of week and channel count as no spend. Raises `HistoryError`.
    """
    source = str(path)
    _check_names(names or {}, channels)
    lines = list(_lines(Path(path), source))
    cells: dict[tuple[dt.date, str], dict[str, float]] = {}
    for line, row in lines:
        place = f"{source}, line {line}"
        week = _week(row["week"], place)
        channel = _channel(row["channel"], channels, names or {}, place)
        if (week, channel) in cells:
            raise HistoryError(
                f"{place}: {channel} in week {week} is given a second time; add the two rows up "
                "into one."
            )
        cells[week, channel] = _figures(row, channel, place)
    weeks = _whole_weeks({week for week, _ in cells}, cells, source)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return _tables(cells, weeks, channels, source, digest)


def _check_names(names: Mapping[str, str], channels: Sequence[str]) -> None:
    for theirs, ours in names.items():
        if ours not in channels:
            raise HistoryError(
                f'names={{"{theirs}": "{ours}"}}: there is no channel {ours!r}; '
                f"{hint(ours, channels)}."
            )


def _lines(path: Path, source: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row that is not empty."""
    names, rows = csv_rows(path, HistoryError, ", ".join(COLUMNS))
    _check_columns(names, source)
    for line, row in rows:
        cells = {name: row.get(name, "") for name in COLUMNS}
        if any(cells.values()):
            yield line, cells


def _check_columns(columns: Sequence[str], source: str) -> None:
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise HistoryError(
            f"{source}: the column {missing[0]!r} is missing (found: {', '.join(columns) or 'none'}"
            f"); a history has the columns {', '.join(COLUMNS)}, of which impressions and clicks "
            f"may be left out, and conversions and revenue in rows of the channel {TOTAL!r}."
        )


def _week(text: str, place: str) -> dt.date:
    """A date, or an ISO week like 2025-W07 by its Monday."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise HistoryError(
            f"{place}: week {text!r} is no date; write the week's first day as 2025-01-06, or the "
            "ISO week as 2025-W02."
        ) from None


def _channel(text: str, known: Sequence[str], names: Mapping[str, str], place: str) -> str:
    name = names.get(text, text)
    if name in known or name == TOTAL:
        return name
    raise HistoryError(
        f"{place}: channel {text!r} is not known; {hint(text, (*known, TOTAL))}. If it goes by "
        f'another name there, say so: names={{"{text}": "NAME"}}.'
    )


def _figures(row: Mapping[str, str], channel: str, place: str) -> dict[str, float]:
    """What a row tells: outcomes in rows of the total, spend and the like in all others."""
    mine, others = (OF_TOTAL, OF_CHANNELS) if channel == TOTAL else (OF_CHANNELS, OF_TOTAL)
    for name in others if channel != TOTAL else ():
        if row[name] and _number(row[name], name, place) > 0:
            raise HistoryError(
                f"{place}: {name} {row[name]!r} stands in a row of {channel}; a company cannot see "
                f"what a channel brings, so give {name} in rows of the channel {TOTAL!r}."
            )
    found = {name: _number(row[name], name, place) for name in mine}
    if found.get("clicks", 0.0) > found.get("impressions", math.inf):
        raise HistoryError(
            f"{place}: {channel} has clicks {row['clicks']} and impressions {row['impressions']}; "
            "nobody clicks on what was not shown, so correct them, or leave the impressions out."
        )
    return found


def _number(text: str, name: str, place: str) -> float:
    """A finite number of at least 0; empty impressions and clicks are not given."""
    if not text and name in ("impressions", "clicks"):
        return math.nan
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0.0 <= number <= LARGEST):
        raise HistoryError(
            f"{place}: {name} {text!r} is not a finite number of at least 0; write it with a point "
            "for decimals and nothing else, for example 12500.50."
        )
    return number


def _whole_weeks(
    dates: set[dt.date], cells: Mapping[tuple[dt.date, str], Any], source: str
) -> tuple[dt.date, ...]:
    """All weeks from the first to the last, each of which has outcomes."""
    weeks = sorted(dates)
    totals = [week for week in weeks if (week, TOTAL) in cells]
    if not totals:
        raise HistoryError(
            f"{source}: no row tells outcomes; add a row of the channel {TOTAL!r} with conversions "
            "and revenue for each week."
        )
    for week in weeks:
        if (week - weeks[0]).days % 7:
            raise HistoryError(
                f"{source}: week {week} ({week:%A}) does not begin on the weekday of week "
                f"{weeks[0]} ({weeks[0]:%A}); name each week by the same weekday, best its Monday."
            )
    expected = [weeks[0] + n * WEEK for n in range((weeks[-1] - weeks[0]).days // 7 + 1)]
    for week in expected:
        if week not in totals:
            what = "is missing" if week not in dates else "has no outcomes"
            raise HistoryError(
                f"{source}: week {week} {what}; add its row of the channel {TOTAL!r}, or keep only "
                "weeks that follow on one another."
            )
    if len(expected) < LEAST_WEEKS:
        raise HistoryError(
            f"{source}: holds {len(expected)} weeks; at least {LEAST_WEEKS} are needed to tell "
            "spend from season, a year or more is better."
        )
    return tuple(expected)


def _tables(
    cells: Mapping[tuple[dt.date, str], Mapping[str, float]],
    weeks: tuple[dt.date, ...],
    channels: Sequence[str],
    source: str,
    digest: str,
) -> History:
    present = {channel for _, channel in cells}
    names = tuple(name for name in channels if name in present)

    def column(name: str, what: str) -> list[float]:
        return [cells.get((week, name), {}).get(what, 0.0) for week in weeks]

    tables = {what: np.array([column(n, what) for n in names]).T for what in OF_CHANNELS}
    totals = {what: np.array(column(TOTAL, what)) for what in OF_TOTAL}
    shaped = {what: table.reshape(len(weeks), len(names)) for what, table in tables.items()}
    if not totals["conversions"].sum() > 0:
        raise HistoryError(
            f"{source}: conversions are 0 in every week; there is nothing to fit a market to."
        )
    return History(weeks, names, **shaped, **totals, source=source, digest=digest)


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
