"""The suite's identity: SHA-256 of what its tables say, however their files are packed.

A table is hashed column by column in the order of its columns, shards in the order of their names:
the name of the column in UTF-8 and a zero byte, then its cells: times as microseconds since 1970
and whole numbers as decimal digits, amounts with nine significant digits (so that the last bit of a
processor's arithmetic does not count), text as it is, an empty cell as nothing, each ended by a
line feed. A world's hash is that of its tables' lines `HASH  path`, as `sha256sum` prints them, in
the order of the paths; a market's and the suite's are made the same way from those below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("touches", "conversions", "ledger", "costs", "aggregates")
DIGITS = 9


def tables_of(folder: Path) -> dict[str, str]:
    """The hash of each table of a world's folder, by its path: of both years."""
    found = {}
    for name in sorted([*TABLES, *(f"history/{name}" for name in TABLES)]):
        found[name] = table_hash(folder / f"{name}.parquet")
    return found


def table_hash(path: Path) -> str:
    """SHA-256 of a table's cells: of one file, or of a folder of shards."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    table = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    found = hashlib.sha256()
    for name in table.columns:
        found.update(name.encode() + b"\0")
        found.update("".join(f"{cell}\n" for cell in _cells(table[name])).encode())
    return found.hexdigest()


def combined(hashes: Mapping[str, str]) -> str:
    """One hash of several, by their names."""
    return hashlib.sha256(lines(hashes).encode()).hexdigest()


def suite_hash(worlds: Mapping[str, str]) -> str:
    """The suite's hash from those of its worlds, `MARKET/world-N` → SHA-256."""
    markets: dict[str, dict[str, str]] = {}
    for place, digest in worlds.items():
        market, world = place.split("/")
        markets.setdefault(market, {})[world] = digest
    return combined({market: combined(found) for market, found in markets.items()})


def lines(hashes: Mapping[str, str]) -> str:
    """`HASH  name`, a line for each, in the order of their names."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))


def read_lines(text: str) -> dict[str, str]:
    """The hashes by name of such lines."""
    pairs = (line.split("  ", 1) for line in text.splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def _cells(column: pd.Series) -> Iterable[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return map(str, column.astype("datetime64[us]").astype("int64"))
    if pd.api.types.is_float_dtype(column):
        return (
            "" if cell != cell else f"{cell:.{DIGITS}g}" for cell in column.to_numpy(float) + 0.0
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return _text(column)


def _text(column: pd.Series) -> Iterator[str]:
    for cell, empty in zip(column, column.isna(), strict=True):
        yield "" if empty else str(cell)
