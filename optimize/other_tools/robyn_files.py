"""The files of Robyn's output folder that a model's curves need, by model."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimize.errors import AllocationError
from optimize.other_tools.found import NOTHING, Given, Row, by_saying, figure, rows_of
from tiermix.core.arrays import Bools, Floats
from tiermix.core.tables.cells import Cells, read_cells

HYPERPARAMETERS, AGGREGATED = "pareto_hyperparameters.csv", "pareto_aggregated.csv"
MEDIA, RAW, DECOMPOSED = (
    "pareto_media_transform_matrix.csv", "raw_data.csv", "pareto_alldecomp_matrix.csv",
)  # fmt: skip
NEEDED = {
    HYPERPARAMETERS: "alphas, gammas and thetas",
    AGGREGATED: "coefficients and spend",
}
MODEL = ("solID", "sol_id")
A_YEAR = 365
SHOWN = 3


def is_robyn(path: Path) -> bool:
    """Whether a path is Robyn's output folder, or one of its files."""
    if path.is_dir():
        return (path / HYPERPARAMETERS).exists() or (path / AGGREGATED).exists()
    return path.name.lower() in (*NEEDED, MEDIA, DECOMPOSED)


@dataclass(frozen=True)
class Series:
    """Media of a model over n periods; `inside` [n] marks those of the window of modelling."""

    place: str
    dates: tuple[dt.date, ...]
    inside: Bools
    media: dict[str, Floats]
    own: dict[str, Floats]

    @property
    def window(self) -> list[dt.date]:
        """The dates that were modelled."""
        return [day for day, here in zip(self.dates, self.inside, strict=True) if here]

    def raw(self, name: str) -> Floats:
        """A variable as it came in, [n]."""
        if name not in self.media:
            raise AllocationError(f"{self.place}: has no column {name!r}, which the model has.")
        return self.media[name]

    def adstocked(self, name: str) -> Floats | None:
        """Robyn's own adstock of it, [n], where it is there."""
        return self.own.get(name)


@dataclass(frozen=True)
class Files:
    """A model's rows of the files in a folder."""

    folder: Path
    model: str
    hyperparameters: Row
    aggregated: dict[str, Row]
    given: Given

    @property
    def place(self) -> str:
        """The folder, as messages name it."""
        return str(self.folder)

    @classmethod
    def of(cls, path: Path, given: Given) -> Files:
        """Raises `AllocationError` with all files that are lacking, or models to choose from."""
        folder = path if path.is_dir() else path.parent
        lacking = [f"{name} ({why})" for name, why in NEEDED.items() if not _there(folder, name)]
        if not _there(folder, MEDIA) and not (_there(folder, RAW) and _there(folder, DECOMPOSED)):
            lacking.append(f"{MEDIA} (adstocked media), or {RAW} and {DECOMPOSED} in its place")
        if lacking:
            raise AllocationError(
                f"{folder}: to read a model of Robyn there has to be {' and '.join(lacking)}; "
                "export with robyn_outputs(…, csv_out = 'pareto', export = TRUE)."
            )
        rows = _table(folder, HYPERPARAMETERS, given)
        model = _model(rows, given, folder / HYPERPARAMETERS)
        own = {r.text("rn"): r for r in _table(folder, AGGREGATED, given) if _of(r) == model}
        return cls(folder, model, next(r for r in rows if _of(r) == model), own, given)

    def series(self) -> Series:
        """The media of the model, from Robyn's matrix or from the raw table and the window."""
        return self._transformed() if _there(self.folder, MEDIA) else self._raw()

    def _transformed(self) -> Series:
        kinds: dict[str, dict[dt.date, Row]] = defaultdict(dict)
        for row in _table(self.folder, MEDIA, self.given):
            if _of(row) == self.model:
                kinds[row.text("type")][_day(row, "ds")] = row
        place = str(self.folder / MEDIA)
        raw, adstocked = kinds["rawMedia"], kinds["adstockedMedia"]
        if not raw:
            raise AllocationError(f"{place}: has no rawMedia of model {self.model}.")
        dates = tuple(sorted(raw))
        window = kinds["saturatedMedia"] or adstocked or raw
        names = [name for name in next(iter(raw.values())).cells if name not in ("ds", "type")]
        names = [name for name in names if name not in MODEL]
        own = {n: _column(adstocked, n, dates) for n in names} if set(adstocked) >= set(raw) else {}
        media = {n: _column(raw, n, dates) for n in names}
        return Series(place, dates, np.array([day in window for day in dates]), media, own)

    def _raw(self) -> Series:
        cells = read_cells(self.folder / RAW, AllocationError)
        rows, when = rows_of(cells, self.given, as_written=True), _date_column(cells)
        by_day = {_day(row, when): row for row in rows}
        dates = tuple(sorted(by_day))
        window = set(self._decomposed())
        names = {n.removesuffix("_alphas") for n in self.hyperparameters.cells}
        media = {n: _column(by_day, n, dates) for n in cells.names if n in names}
        inside = np.array([day in window for day in dates])
        return Series(cells.source, dates, inside, media, {})

    def _decomposed(self) -> dict[dt.date, Row]:
        rows = _table(self.folder, DECOMPOSED, self.given)
        return {_day(row, "ds"): row for row in rows if _of(row) == self.model}

    def base(self, paid: Sequence[str]) -> list[dict[str, Any]]:
        """Rows `base` by calendar month (1–12): fitted less paid media, mean of a period."""
        if not _there(self.folder, DECOMPOSED):
            return []
        rows = self._decomposed()
        if not rows:
            return []
        last = max(rows)
        sums: dict[int, list[float]] = defaultdict(list)
        for day, row in rows.items():
            if (last - day).days < A_YEAR:
                rest = row.number("depVarHat") - sum(row.number(name) for name in paid)
                sums[day.month].append(rest)
        whole = float(np.mean([x for found in sums.values() for x in found]))
        return [
            {"channel": "base", "family": "base", "calendar_month": month,
             "ceiling": float(np.mean(sums[month])) if sums[month] else whole}
            for month in range(1, 13)
        ]  # fmt: skip


def period_of(dates: Sequence[dt.date]) -> str:
    """How far apart dates are: day, week or month."""
    gaps = np.diff([day.toordinal() for day in dates])
    middle = float(np.median(gaps)) if len(gaps) else 7.0
    for name, least, most in (("day", 1, 1), ("week", 7, 7), ("month", 28, 31)):
        if least <= middle <= most:
            return name
    raise AllocationError(
        f"dates {dates[0]} and {dates[1]} are {middle:g} days apart; a model is of days, weeks or "
        "months."
    )


def _there(folder: Path, name: str) -> bool:
    return (folder / name).exists()


def _table(folder: Path, name: str, given: Given) -> list[Row]:
    return rows_of(read_cells(folder / name, AllocationError), given, as_written=True)


def _of(row: Row) -> str:
    return next((row.cells[name] for name in MODEL if row.cells.get(name)), "")


def _model(rows: Sequence[Row], given: Given, file: Path) -> str:
    """The model that was asked for, or the only one."""
    names = list(dict.fromkeys(_of(row) for row in rows))
    asked = given.get("model")
    if asked in names:
        return asked
    if not asked and len(names) == 1:
        return names[0]
    best = sorted(rows, key=_error)[:SHOWN]
    near = ", ".join(dict.fromkeys(_of(row) for row in best))
    said = f"has no model {asked!r}" if asked else f"has {len(names)} models"
    raise AllocationError(
        f"{file}: {said}; say which by {by_saying('model', 'NAME')} (those with the smallest "
        f"nrmse: {near})."
    )


def _error(row: Row) -> float:
    return row.number("nrmse", np.inf) if row.has("nrmse") else np.inf


def _day(row: Row, name: str) -> dt.date:
    text = row.text(name)[:10]
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise AllocationError(f"{row.place}: {name} {text!r} is no date as 2025-01-06.") from None


def _column(rows: dict[dt.date, Row], name: str, dates: Iterable[dt.date]) -> Floats:
    """A column by date; nothing is 0."""
    cells = [(rows[day].cells.get(name, ""), rows[day].place) for day in dates]
    return np.array([
        0.0 if cell.strip().lower() in NOTHING else figure(cell, name, place)
        for cell, place in cells
    ])  # fmt: skip


def _date_column(cells: Cells) -> str:
    """The first column that holds nothing but dates."""
    for name in cells.names:
        if all(_is_day(cell) for cell in cells.column(name)):
            return name
    raise AllocationError(f"{cells.source}: has no column of dates as 2025-01-06.")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True
