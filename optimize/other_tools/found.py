"""What a reader of another tool's files gives back, and what readers share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optimize.errors import AllocationError
from tiermix.core.hints import hint, hint_sentence
from tiermix.core.tables.cells import Cells

NOTHING = {"", "na", "nan", "null", "none"}
REVENUE = "revenue"


def by_saying(key: str, value: str) -> str:
    """How a key is given, as messages name it."""
    return f"given={{{key!r}: {value!r}}}"


@dataclass
class Found:
    """Rows of the contract's table in the tool's names of channels, and what has to be told.

    `tool` names the tool and the model. Rows lack `kpi` where they are of its one outcome.
    """

    tool: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kpi: str = REVENUE


@dataclass(frozen=True)
class Given:
    """What the user says beside the files, by key."""

    values: Mapping[str, str]

    def check(self, keys: Iterable[str], tool: str) -> None:
        """Raises `AllocationError` for keys that mean nothing to this tool."""
        known = tuple(keys)
        for key in self.values:
            if key.partition(".")[0] not in known:
                raise AllocationError(
                    f"{by_saying(key, self.values[key])}: {tool} has no {key!r}; {hint(key, known)}"
                )

    def get(self, key: str) -> str:
        """What was said, or ''."""
        return self.values.get(key, "").strip()


@dataclass(frozen=True)
class Row:
    """One row of a table by its columns, with its place.

    For what it lacks stands what was given: for its channel (`name.CHANNEL`), or for all.
    """

    cells: Mapping[str, str]
    place: str
    given: Given

    def text(self, name: str) -> str:
        """A cell, or what was given for it, or ''."""
        cell = self.cells.get(name, "").strip()
        if cell.lower() not in NOTHING:
            return cell
        return self.given.get(f"{name}.{self.cells.get('channel', '')}") or self.given.get(name)

    def has(self, name: str) -> bool:
        """Whether there is a figure."""
        return bool(self.text(name))

    def number(self, name: str, default: float | None = None) -> float:
        """A figure; raises `AllocationError` where there is none and no default."""
        text = self.text(name)
        if not text and default is not None:
            return default
        return figure(text, name, self.place)


def figure(text: str, name: str, place: str) -> float:
    """A cell as a number; raises `AllocationError` where it is none."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise AllocationError(f"{place}: {name} {text!r} is not a finite number.")
    return number


def rows_of(cells: Cells, given: Given, *, as_written: bool = False) -> list[Row]:
    """The rows of a table; names of columns in small letters unless they stay `as_written`."""
    names = [name if as_written else name.lower() for name in cells.names]
    return [
        Row(dict(zip(names, row, strict=False)), cells.place(line), given)
        for line, row in cells.rows
    ]


def check_columns(cells: Cells, known: Iterable[str], tool: str) -> None:
    """Raises `AllocationError` for a column that is not read: it would be left out in silence."""
    names = tuple(known)
    for name in cells.names:
        if name.lower() not in names:
            raise AllocationError(
                f"{cells.source}: the column {name!r} is not known of {tool}; "
                f"{hint_sentence(name, names)} Rename it, or take it out."
            )
