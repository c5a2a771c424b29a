"""Logs larger than memory: rows scattered by visitor over small files, read piece by piece."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Protocol, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from journeys.errors import JourneyError
from journeys.files import (
    CONVERSIONS,
    TOUCHES,
    batches,
    check_run_folder,
    naming,
    read_parquet,
    rows_about,
    shards,
)
from journeys.headers import is_path_table
from journeys.paths import all_channels, offsets
from journeys.sessions import Per
from journeys.tables import BadRows
from tiermix.core.arrays import Ints

PIECE = 1_000_000
"""Rows of a piece, about, where no number of pieces is given."""


@dataclass(frozen=True)
class Reading:
    """How a log is read: what becomes of bad rows, how paths are written, what is one touch."""

    bad: BadRows = "refuse"
    separator: str = ">"
    per: Per | None = None
    converting: bool = False


class Log(Protocol):
    """A log as far as its pieces need it: a `JourneyLog`."""

    touches: pd.DataFrame
    conversions: pd.DataFrame
    dropped: dict[str, int]
    remarks: dict[str, int]

    def __init__(
        self, touches: pd.DataFrame, conversions: pd.DataFrame, *, bad: BadRows = "refuse"
    ) -> None:
        """From both tables."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names by code."""

    @property
    def has_times(self) -> bool:
        """Whether rows have a time."""

    @classmethod
    def open(
        cls, path: Path, *, bad: BadRows, separator: str, per: Per | None, converting: bool
    ) -> Self:
        """Of a run folder or a table."""

    @classmethod
    def from_paths(cls, frame: pd.DataFrame, *, separator: str) -> Self:
        """Of a table of paths."""

    @classmethod
    def from_events(
        cls, frame: pd.DataFrame, *, bad: BadRows, per: Per | None, converting: bool
    ) -> Self:
        """Of a table of events."""

    def per(self, unit: Per | None = None) -> Self:
        """With one touch a session."""


L = TypeVar("L", bound=Log)


def pieces(
    kind: type[L], path: Path, count: int | None, how: Reading, folder: Path | None
) -> Iterator[L]:
    """What `JourneyLog.pieces` does; kind is the class of the logs to make."""
    if count is not None and count < 1:
        raise JourneyError(f"count: {count} pieces cannot hold a log; give 1 or more.")
    if (path / TOUCHES).exists():
        check_run_folder(path)
        if count is None and len(shards(path / TOUCHES)) > 1:
            yield from (log.per(how.per) for log in _shard_by_shard(kind, path, how.bad))
            return
        logs = _of_folder(kind, path, how.bad)
    else:
        logs = _of_table(kind, path, how)
    count = count or 1 + rows_of_log(path) // PIECE
    if count == 1:
        yield kind.open(
            path, bad=how.bad, separator=how.separator, per=how.per, converting=how.converting
        )
        return
    first = next(logs)
    logs = chain([first], logs)
    made = _scattered(kind, logs, count, folder) if first.has_times else logs
    yield from (log.per(how.per) for log in made)


def rows_of_log(path: Path) -> int:
    """How many rows a log has, about: its touches in a run folder, all rows of a table."""
    inner = path / TOUCHES
    return rows_about(inner if inner.exists() else path)


def _shard_by_shard(kind: type[L], folder: Path, bad: BadRows) -> Iterator[L]:
    """Shard after shard of both tables, matched by the name of the file."""
    ours, theirs = shards(folder / TOUCHES), shards(folder / CONVERSIONS)
    if [shard.name for shard in ours] != [shard.name for shard in theirs]:
        raise JourneyError(
            f"{folder}: its shards of touches and conversions do not match by name, so a visitor "
            "may lie in several; read it by visitor instead, with a number of pieces "
            "(JourneyLog.pieces(folder, count=8))."
        )
    for pair in zip(ours, theirs, strict=True):
        with naming(f"{folder}, {pair[0].name}"):
            log = kind(*map(read_parquet, pair), bad=bad)
        yield log


def _of_folder(kind: type[L], folder: Path, bad: BadRows) -> Iterator[L]:
    """Batches of both tables side by side; one that has ended gives none of its rows."""
    tables = [pd.DataFrame(), pd.DataFrame()]
    both = (batches(folder / name) for name in (TOUCHES, CONVERSIONS))
    for pair in zip_longest(*both):
        tables = [
            old.iloc[:0] if new is None else new for new, old in zip(pair, tables, strict=True)
        ]
        with naming(folder):
            log = kind(*tables, bad=bad)
        yield log


def _of_table(kind: type[L], path: Path, how: Reading) -> Iterator[L]:
    """Batches of an event table or a path table; a batch may hold a part of a session."""
    for frame in batches(path):
        with naming(path):
            if is_path_table(frame.columns):
                log = kind.from_paths(frame, separator=how.separator)
            else:
                log = kind.from_events(frame, bad=how.bad, per="row", converting=how.converting)
        yield log


def _scattered(kind: type[L], logs: Iterator[L], count: int, folder: Path | None) -> Iterator[L]:
    """The visitors of all logs in `count` pieces, by way of files that go when this ends."""
    dropped: Counter[str] = Counter()
    remarks: Counter[str] = Counter()
    channels: tuple[str, ...] = ()
    with _room(folder) as room:
        for number, log in enumerate(logs):
            _scatter(log, room, number, count)
            dropped.update(log.dropped)
            remarks.update(log.remarks)
            channels = all_channels([channels, log.channels])
        for piece in range(count):
            touches, conversions = (
                read_parquet(room / str(piece) / name) for name in (TOUCHES, CONVERSIONS)
            )
            touches["channel"] = touches["channel"].cat.set_categories(list(channels))
            log = kind(touches, conversions)
            log.dropped, dropped = dict(dropped), Counter()
            log.remarks, remarks = dict(remarks), Counter()
            yield log


def _scatter(log: Log, room: Path, number: int, count: int) -> None:
    """Write each visitor's rows to its piece; the first batch leaves files in every one."""
    piece_of = _pieces_of(log.touches["visitor_id"].cat.categories, count)
    for name, table in ((TOUCHES, log.touches), (CONVERSIONS, log.conversions)):
        goal = piece_of[table["visitor_id"].cat.codes.to_numpy()]
        stored = _as_text(table).take(pa.array(np.argsort(goal, kind="stable")))
        bounds = pairwise(offsets(np.bincount(goal, minlength=count)).tolist())
        for piece, (first, past) in enumerate(bounds):
            if past > first or number == 0:
                folder = room / str(piece) / name
                folder.mkdir(parents=True, exist_ok=True)
                rows = stored.slice(first, past - first)
                pq.write_table(rows, folder / f"part-{number:06}.parquet")


def _pieces_of(visitors: pd.Index, count: int) -> Ints:
    """The piece of each visitor, by a hash of its id as text."""
    names = pa.array(visitors, from_pandas=True).cast(pa.string())
    hashes = pd.util.hash_array(names.to_numpy(zero_copy_only=False), categorize=False)
    return (hashes % np.uint64(count)).astype(np.int64)


@contextmanager
def _room(folder: Path | None) -> Iterator[Path]:
    """A folder for the pieces that goes when they are read, or when something stops that."""
    try:
        with TemporaryDirectory(prefix="tiermix-", dir=folder) as room:
            yield Path(room)
    except OSError as error:
        raise JourneyError(
            f"{folder or gettempdir()}: cannot hold the pieces of the log ({error}); name "
            "another folder (folder= in Python, TMPDIR in the environment)."
        ) from error


def _as_text(table: pd.DataFrame) -> pa.Table:
    """Typed columns for files: names as text, so that no file holds the names of all others."""
    stored = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    for place, field in enumerate(stored.schema):
        if pa.types.is_dictionary(field.type):
            text = stored.column(place).cast(pa.string())
            stored = stored.set_column(place, field.name, text)
    return stored
