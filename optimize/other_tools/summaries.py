"""Tables of parameters: one row a channel, or ArviZ's summary with a row a parameter."""

from __future__ import annotations

import csv
import io
import os
import re

from optimize.errors import AllocationError
from tiermix.core.tables.cells import WANTED, Cells, read_cells
from tiermix.core.tables.text import decoded, read_bytes

NAMED = re.compile(r"(\w+)\[([^\]]+)\]")
ALIASES = {"media_channel": "channel"}


def read_parameters(path: str | os.PathLike[str]) -> Cells:
    """A table as `read_cells` has it, or a summary's means turned into a row a channel."""
    data = read_bytes(path, AllocationError, WANTED)
    start = data[:4096].decode("utf-8", errors="replace").lstrip("\ufeff").splitlines()[:2]
    if len(start) == 2 and "mean" in start[0].split(",") and NAMED.match(start[1].strip('"')):
        text, _ = decoded(data, path, AllocationError)
        return _pivoted(path, text)
    cells = read_cells(path, AllocationError)
    names = [ALIASES.get(name.lower(), name) for name in cells.names]
    return cells if names == list(cells.names) else _with(cells, names)


def _with(cells: Cells, names: list[str]) -> Cells:
    return Cells(cells.source, tuple(names), cells.rows, cells.unit, cells.typed)


def _pivoted(path: str | os.PathLike[str], text: str) -> Cells:
    """`name[channel], mean, …` as columns by name and rows by channel."""
    header, *rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    mean = header.index("mean")
    table: dict[str, dict[str, str]] = {}
    for line, row in enumerate(rows, start=2):
        found = NAMED.fullmatch(row[0].strip()) if row else None
        if found is None:
            continue
        name, channel = found[1], found[2].strip()
        if "," in channel:
            raise AllocationError(
                f"{path}, line {line}: {row[0]} is of {channel}; curves are of channels alone, so "
                "average it over the rest."
            )
        table.setdefault(channel, {})[name] = row[mean]
    names = list(dict.fromkeys(name for cells in table.values() for name in cells))
    made = [
        (line, (channel, *(cells.get(name, "") for name in names)))
        for line, (channel, cells) in enumerate(table.items(), start=1)
    ]
    return Cells(str(path), ("channel", *names), made, unit="channel")
