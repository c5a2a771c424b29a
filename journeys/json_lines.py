"""Tables as JSON, a row a line, as BigQuery exports them, or as one list."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from journeys.errors import JourneyError
from tiermix.core.tables.text import GZIP

ENDINGS = (".json", ".jsonl", ".ndjson")


def batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    """Rows in batches, each labelled by its line; one at least."""
    done = 0
    found = _rows(path)
    while batch := list(islice(found, rows)):
        lines = pd.Index([line for line, _ in batch], name="line")
        yield pd.DataFrame([row for _, row in batch], index=lines)
        done += len(batch)
    if not done:
        raise JourneyError(f"{path}: has no rows; give JSON with one row a line.")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with _opened(path) as stream:
        if stream.read(64).lstrip().startswith("["):
            stream.seek(0)
            rows = _parsed(stream.read(), path, 1)
            yield from ((n, _record(row, path, n)) for n, row in enumerate(rows, start=1))
            return
        stream.seek(0)
        for line, text in enumerate(stream, start=1):
            if text.strip():
                yield line, _record(_parsed(text, path, line), path, line)


def _opened(path: Path) -> TextIO:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    # Closed with the wrapper, which the caller opens in a block.
    stream = gzip.open(path) if packed else path.open("rb")  # noqa: SIM115
    return io.TextIOWrapper(stream, encoding="utf-8-sig")


def _parsed(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise JourneyError(
            f"{path}, line {line}: is no JSON ({error}); give one row a line."
        ) from None


def _record(row: Any, path: Path, line: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise JourneyError(f"{path}, line {line}: is no row with names and values.")
    return row
