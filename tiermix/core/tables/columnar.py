"""Parquet as cells of text."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

from tiermix.core.errors import TiermixError

LARGEST_CELLS = 5_000_000


def parquet_rows(
    data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> Iterator[tuple[int, list[str]]]:
    """Header and rows of a Parquet file, each with its number. Raises `wrong` in a sentence."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        size = file.metadata.num_rows * file.metadata.num_columns
        if size > LARGEST_CELLS:
            raise wrong(
                f"{path}: has {size:,} cells, more than {LARGEST_CELLS:,}; sum its rows to days or "
                "weeks, or keep the columns that are needed."
            )
        table = file.read()
        columns = [column.to_pylist() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise wrong(
            f"{path}: cannot be read as Parquet ({reason}); write it again, or bring a CSV."
        ) from None
    nested = [f.name for f in table.schema if pa.types.is_nested(f.type)]
    if nested:
        raise wrong(
            f"{path}: the column {nested[0]!r} holds lists or records; write one figure a cell."
        )
    # What pandas calls an index without a name; numbers of rows it keeps nowhere.
    names = ["date" if n.startswith("__index_level_") else n for n in table.column_names]
    return _rows(names, columns)


def _rows(names: list[str], columns: list[list[Any]]) -> Iterator[tuple[int, list[str]]]:
    yield 0, names
    for n, row in enumerate(zip(*columns, strict=True), start=1):
        yield n, [cell_text(value) for value in row]


def cell_text(value: Any) -> str:
    """A typed value as a CSV would have it: dates by year, figures with a point, nothing as ''."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dt.datetime):
        return str(value.date() if _is_midnight(value) else value.isoformat(sep=" "))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _is_midnight(moment: dt.datetime) -> bool:
    """Whether a moment is a plain day; nanoseconds and zones are told by what is left."""
    return moment.time() == dt.time(0) and moment.tzinfo is None
