"""JourneyLog: what a company sees of its visitors, and nothing else."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from journeys import files, ga4, headers, read, sessions
from journeys.chunks import Reading, pieces
from journeys.columns import from_codes
from journeys.cut import cut_paths
from journeys.errors import JourneyError
from journeys.files import CONVERSIONS, TOUCHES
from journeys.paths import Paths
from journeys.sessions import Per
from journeys.tables import (
    CONVERSION_COLUMNS,
    CONVERSION_KINDS,
    TOUCH_COLUMNS,
    TOUCH_KINDS,
    BadRows,
    refuse_twins,
    share_visitors,
    typed,
)
from tiermix.core.arrays import Ints
from tiermix.core.notebook import html_table, paragraph


class JourneyLog:
    """Touches and conversions of many visitors, typed and checked.

    touches: `visitor_id` (category), `time` (datetime64[us], UTC), `channel`, `kind`, `theme`
    (categories). conversions: `visitor_id` (the same categories), `time`, `kind` (signup, lead,
    order), `value`, `margin` (float, the currency of the company). Frames that are given are not
    changed. Rows that do not fit are refused with a JourneyError that names the row, or left out
    and counted in `dropped` with `bad="drop"`.
    """

    def __init__(
        self, touches: pd.DataFrame, conversions: pd.DataFrame, *, bad: BadRows = "refuse"
    ) -> None:
        seen, lost_touches = typed(touches, TOUCH_COLUMNS, table="touches", bad=bad)
        got, lost_conversions = typed(conversions, CONVERSION_COLUMNS, table="conversions", bad=bad)
        self.touches, self.conversions = share_visitors(seen, got)
        self.dropped: dict[str, int] = {
            **{f"touches.{name}": count for name, count in lost_touches.items()},
            **{f"conversions.{name}": count for name, count in lost_conversions.items()},
        }
        self.remarks: dict[str, int] = {}
        self._table: Paths | None = None

    @classmethod
    def read(cls, folder: str | Path, *, bad: BadRows = "refuse") -> "JourneyLog":
        """The log of a run folder: `touches.parquet` and `conversions.parquet`, files or shards."""
        files.check_run_folder(Path(folder))
        tables = [files.read_parquet(Path(folder) / name) for name in (TOUCHES, CONVERSIONS)]
        return cls(*tables, bad=bad)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        bad: BadRows = "refuse",
        separator: str = ">",
        per: Per | None = None,
        converting: bool = False,
    ) -> "JourneyLog":
        """The log at a path, whatever it is: a run folder, an event table or a path table.

        Tables are CSV or Parquet files, or folders of Parquet shards `part-*.parquet`; one with
        a column `path`, and without visitors and times, is a path table, its steps separated by
        `separator`. Columns may have the names that known tools give them. Raises JourneyError,
        which names the path, where there is nothing, a kind of file that is not known, or something
        in it that does not fit.
        """
        with files.naming(path):
            if (Path(path) / TOUCHES).exists():
                return cls.read(path, bad=bad).per(per)
            frame = files.read_table(path)
            if headers.is_path_table(frame.columns):
                return cls.from_paths(frame, separator=separator)
            return cls.from_events(frame, bad=bad, per=per, converting=converting)

    @classmethod
    def pieces(
        cls,
        path: str | Path,
        count: int | None = None,
        *,
        bad: BadRows = "refuse",
        separator: str = ">",
        per: Per | None = None,
        converting: bool = False,
        folder: str | Path | None = None,
    ) -> "Iterator[JourneyLog]":
        """The log at a path, some visitors at a time, for logs larger than memory.

        path: whatever `open` takes. Its rows are read once, scattered by a hash of the visitor
        over `count` pieces in a temporary folder inside `folder` (of the system, if not given),
        and read back piece by piece; None makes pieces of about a million rows. Two kinds of
        input need no copy: a run folder in shards comes shard by shard if no count is given, as
        it keeps a visitor in one, and a path table in batches of rows, whatever the count.
        Rows are refused or dropped as by `open`; the first piece's `dropped` counts those of all.
        Raises JourneyError if shards of touches and conversions do not match.
        """
        where = None if folder is None else Path(folder)
        how = Reading(bad, separator, per, converting)
        return pieces(cls, Path(path), count, how, where)

    @classmethod
    def from_events(
        cls,
        frame: pd.DataFrame,
        *,
        bad: BadRows = "refuse",
        per: Per | None = None,
        converting: bool = False,
    ) -> "JourneyLog":
        """The log of an event table `visitor_id, time, channel, kind[, value, margin, theme]`.

        Rows whose kind is signup, lead or order (or GA4's sign_up, generate_lead, purchase) are
        conversions, and no touches whatever channel they name. `remarks` tell what of the table
        is not used: a text, with how many rows it is of, or 0.

        An export of GA4 (BigQuery's nested rows, or flat ones with `event_name`) and a table whose
        kinds are `session_start`, `page_view` and the like has one touch a session; see `per`.
        With `converting` the channel that a conversion's row names is a touch of its own.
        """
        refuse_twins(frame, "event table")
        if ga4.is_ga4(frame.columns):
            known, unused = ga4.events(frame)
        else:
            known, unused = headers.renamed(frame, headers.EVENT_COLUMNS, "event table")
            headers.check_needed(frame, known, headers.EVENTS_NEED, "event table")
        touches, conversions, remarks = read.split_events(known, converting=converting)
        log = cls(touches, conversions, bad=bad)
        log._remark(frame, unused)
        log.remarks |= remarks
        return log.per(per)

    @classmethod
    def from_paths(cls, frame: pd.DataFrame, *, separator: str = ">") -> "JourneyLog":
        """The log of a path table `path, conversions[, value, nulls]`, paths like `a > b > c`.

        Such a log knows no visitors and no times: `touches` and `conversions` stay empty, and
        models that need times refuse it.
        """
        refuse_twins(frame, "path table")
        known, unused = headers.renamed(frame, headers.PATH_NAMES, "path table")
        headers.check_needed(frame, known, headers.PATHS_NEED, "path table")
        log = cls(
            _empty(("visitor_id", "time", "channel", "kind")),
            _empty(("visitor_id", "time", "kind")),
        )
        log._table = read.parse_paths(known, separator=separator)
        log._remark(frame, unused)
        return log

    def _remark(self, frame: pd.DataFrame, unused: list[str]) -> None:
        self.remarks |= dict.fromkeys(frame.attrs.get(files.REMARKS, ()), 0)
        if unused:
            self.remarks[f"columns that are not used: {', '.join(unused)}"] = 0

    @property
    def has_times(self) -> bool:
        """Whether visitors and times are known (not so for a path table)."""
        return self._table is None

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, those never met among them if the category knows them."""
        if self._table is not None:
            return self._table.channels
        return tuple(str(name) for name in self.touches["channel"].cat.categories)

    def paths(
        self,
        *,
        lookback_days: float | None = None,
        outcome: str = "order",
        impressions: bool = True,
        kinds: Collection[str] = TOUCH_KINDS,
        without: str | None = None,
    ) -> Paths:
        """Sorted, cut and coded paths to each `outcome` (see `cut_paths` for the rules).

        lookback_days: None looks back to the visitor's conversion before. impressions: False
        leaves out what was only seen; kinds keeps touches of these kinds only. without: a channel
        (`direct`) to take out where it is not alone. Raises JourneyError if a path table is asked
        for what it does not know.
        """
        if self._table is None:
            paths = cut_paths(
                self.touches,
                self.conversions,
                outcome=outcome,
                lookback_days=lookback_days,
                impressions=impressions,
                kinds=kinds,
            )
        else:
            _refuse_cuts(lookback_days, impressions and set(kinds) == set(TOUCH_KINDS))
            paths = self._table
        return paths if without is None else paths.without(without)

    def only(self, *, outcome: str = "order", impressions: bool = True) -> "JourneyLog":
        """The log with one kind of conversion, as orders, and with or without what was only seen.

        So every model asks of this outcome. Raises JourneyError for a path table, which tells
        neither apart, and for an outcome that is not known.
        """
        if self._table is not None:
            if outcome != "order":
                raise JourneyError(
                    f"outcome: a path table does not say whether its conversions are {outcome}s; "
                    "leave it out, or bring an event table."
                )
            _refuse_cuts(None, impressions)
            return self
        if outcome not in CONVERSION_KINDS:
            raise JourneyError(
                f"outcome: '{outcome}' is no conversion; use one of {', '.join(CONVERSION_KINDS)}."
            )
        if outcome == "order" and impressions:
            return self
        touches, mine = self.touches, self.conversions["kind"] == outcome
        if not impressions:
            touches = touches[touches["kind"] != "impression"]
        log = JourneyLog(touches, self.conversions[mine].assign(kind="order"))
        log.dropped, log.remarks = self.dropped, self.remarks
        return log

    def per(self, unit: Per | None = None) -> "JourneyLog":
        """The log with one visit for each session (or page) among touches that tell their session.

        unit: session, page, or row, which leaves all as they are; None is session where the log
        came with sessions, else row. Asked for sessions, a log that tells none has them by time: a
        visitor's clicks and visits of one channel, less than half an hour apart. What was seen,
        sent or said counts each time. A session has the first channel that it names.
        """
        if self._table is not None:
            if unit in (None, "row"):
                return self
            raise JourneyError(f"per: a path table knows no {unit}s; leave it out.")
        asked = unit or ("session" if "session" in self.touches.columns else "row")
        touches = sessions.counted(self.touches, asked)
        if touches is self.touches:
            return self
        if asked == "session":
            touches = sessions.with_later_orders(touches, self.conversions)
        log = JourneyLog(touches, self.conversions)
        log.dropped, log.remarks = self.dropped, self.remarks
        return log

    def write(self, folder: str | Path) -> None:
        """Write `touches.parquet` and `conversions.parquet` into a folder, made if need be."""
        if self._table is not None:
            raise JourneyError(
                "A path table has no touches to write; write `log.paths().to_frame()`."
            )
        folder = Path(folder)
        files.write_parquet(self.touches, folder / TOUCHES)
        files.write_parquet(self.conversions, folder / CONVERSIONS)

    def resampled(self, times: Ints) -> "JourneyLog":
        """A log in which visitor with code v lives `times[v]` times, each copy under its own id.

        times: one count per category of `visitor_id`. Used to bootstrap over visitors.
        """
        first = np.concatenate(([0], np.cumsum(times)))
        visitors = pd.RangeIndex(int(first[-1]))
        return JourneyLog(
            _copies(self.touches, times, first, visitors),
            _copies(self.conversions, times, first, visitors),
        )

    def __len__(self) -> int:
        """Number of touches."""
        return len(self.touches) if self._table is None else len(self._table.channel)

    def __repr__(self) -> str:
        return "JourneyLog(" + ", ".join(f"{k}: {v}" for k, v in self._facts().items()) + ")"

    def _repr_html_(self) -> str:
        summary = self.summary()
        head = ("channel", *(str(name) for name in summary.columns))
        rows = [(str(name), *row) for name, *row in summary.itertuples()]
        facts = ", ".join(f"{name}: {fact}" for name, fact in self._facts().items())
        return paragraph(facts) + html_table(head, rows, caption="JourneyLog", rest=".summary()")

    def summary(self) -> pd.DataFrame:
        """Touches by channel (rows) and kind (columns), kinds that occur only."""
        if self._table is not None:
            counts = np.bincount(self._table.channel, minlength=len(self.channels))
            return pd.DataFrame({"touches": counts}, index=pd.Index(self.channels, name="channel"))
        table = pd.crosstab(self.touches["channel"], self.touches["kind"], dropna=False)
        return table.loc[:, table.sum() > 0]

    def _facts(self) -> dict[str, str]:
        if self._table is not None:
            return {"path table": repr(self._table)}
        kinds = self.conversions["kind"].value_counts()
        facts = {
            "touches": f"{len(self.touches):,}",
            "visitors": f"{self._visitors():,}",
            "channels": str(len(self.channels)),
            **{f"{kind}s": f"{count:,}" for kind, count in kinds.items() if count},
            "value": f"{self.conversions['value'].sum():,.2f}",
        }
        if len(self.touches):
            time = self.touches["time"]
            facts["time"] = f"{time.min():%Y-%m-%d} to {time.max():%Y-%m-%d}"
        return facts

    def _visitors(self) -> int:
        codes = [t["visitor_id"].cat.codes.to_numpy() for t in (self.touches, self.conversions)]
        seen = np.zeros(len(self.touches["visitor_id"].cat.categories), dtype=bool)
        for each in codes:
            seen[each] = True
        return int(seen.sum())


def _refuse_cuts(lookback_days: float | None, every_kind: bool) -> None:
    if lookback_days is not None:
        raise JourneyError(
            f"lookback_days: {lookback_days} days cannot be counted back in a path table, "
            "which knows no times; leave it out or bring an event table."
        )
    if not every_kind:
        raise JourneyError(
            "impressions, kinds: a path table does not tell impressions from clicks; "
            "leave them out when making it, or bring an event table."
        )


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})


def _copies(table: pd.DataFrame, times: Ints, first: Ints, visitors: pd.Index) -> pd.DataFrame:
    """Rows repeated with their visitors; the copies of one row get consecutive visitors."""
    code = table["visitor_id"].cat.codes.to_numpy()
    repeat = times[code]
    row = np.repeat(np.arange(len(table)), repeat)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    visitor = from_codes(first[code[row]] + nth, visitors)
    return table.iloc[row].assign(visitor_id=visitor)
