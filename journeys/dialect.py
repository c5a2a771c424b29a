"""How a table of text is written: its encoding, what separates cells, which columns are names."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeys.errors import JourneyError
from journeys.headers import EVENT_COLUMNS, plain_name
from tiermix.core.tables.cells import SEPARATORS, separator_of
from tiermix.core.tables.text import GZIP, encoding_of

LOOKED_AT = 1_000_000
"""Bytes at the beginning by which encoding and separator are told."""
NAMES = {"visitor_id", "channel", "kind", "theme", "path", "session", "source", "medium"}
"""Columns that stay text: as numbers visitor 007 would be 7, and channel 1 beside an empty 1.0."""
NUMBERS = {"time", "value", "margin"}
SESSIONS = {"ga_session_id", "session_id", "visit_id"}


@dataclass(frozen=True)
class Dialect:
    """What pandas is told of a file, and what its reader is."""

    encoding: str
    separator: str
    header: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def how(self) -> dict[str, Any]:
        """The arguments of `pandas.read_csv`."""
        text = {name: str for name in self.header if is_text(name)}
        return {"sep": self.separator, "encoding": self.encoding, "dtype": text}


def is_text(name: object) -> bool:
    """Whether a column holds names."""
    plain = plain_name(name)
    known = {
        other for ours, others in EVENT_COLUMNS.items() if ours not in NUMBERS for other in others
    }
    return plain in NAMES or plain in SESSIONS or plain in known


def dialect_of(path: Path) -> Dialect:
    """How a file is written; raises JourneyError where it is no text or names a column twice."""
    data = _start(path)
    encoding, remark = encoding_of(data, path, JourneyError)
    text = data.decode(encoding, errors="ignore").removeprefix("\ufeff")
    separator = separator_of(text)
    remarks = [f"the file {remark}"] if remark else []
    if separator != ",":
        remarks.append(f"cells are separated by {SEPARATORS[separator]}")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = tuple(next(filter(None, rows), []))
    twice = [name for name in header if name and header.count(name) > 1]
    if twice:
        raise JourneyError(f"{path}: the header names {twice[0]!r} twice; keep one of the columns.")
    # pandas takes the mark of UTF-8 away by itself only under this name.
    return Dialect(
        "utf-8-sig" if encoding == "utf-8" else encoding, separator, header, tuple(remarks)
    )


def _start(path: Path) -> bytes:
    """The first lines, unpacked; whole ones, so that no letter is cut."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        data = _unpacked(path) if packed else file.read(LOOKED_AT)
    if len(data) < LOOKED_AT:
        return data
    return data[: data.rfind(b"\n") + 1] or data


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            return stream.read(LOOKED_AT)
    except (OSError, EOFError, zlib.error) as error:
        raise JourneyError(f"{path}: cannot be unpacked ({error}); pack it again.") from None
