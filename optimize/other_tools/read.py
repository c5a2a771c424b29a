"""Curves from a file, whatever tool wrote it: Tiermix, Robyn, Meridian or pymc-marketing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from optimize.curves import curve_file
from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError
from optimize.other_tools import meridian, pymc_marketing, robyn
from optimize.other_tools.found import Found, Given, by_saying, rows_of
from optimize.other_tools.robyn_files import is_robyn
from optimize.other_tools.summaries import read_parameters
from scenarios import KPIS
from tiermix.core.hints import hint, hint_sentence
from tiermix.core.tables.formats import FIELD

LEFT_OUT = "-"
SUFFIXES = ("_s", "_i", "_p", "_spend", "_cost", "_impressions", "_impression", "_clicks")


class Named(Protocol):
    """A channel as a scenario has it."""

    @property
    def name(self) -> str: ...


class Year(Protocol):
    """What of a scenario curves are read for."""

    @property
    def channels(self) -> Iterable[Named]: ...
    @property
    def months(self) -> tuple[str, ...]: ...
    @property
    def other_names(self) -> Mapping[str, str]: ...
    @property
    def margin_rate(self) -> float: ...


def read_curves(
    path: str | os.PathLike[str],
    year: Year,
    *,
    given: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> ResponseCurves:
    """Curves of a scenario's channels and months; margin is revenue times the margin rate.

    `given` says what the file does not; `names` are the scenario's names by the file's (`-` leaves
    a channel out). Raises `AllocationError` with file, field, value and remedy.
    """
    found = _found(Path(path), Given(dict(given or {})))
    if found.kpi not in KPIS:
        raise AllocationError(f"{by_saying('kpi', found.kpi)}: is no KPI; {hint(found.kpi, KPIS)}")
    channels = [channel.name for channel in year.channels]
    known = {**year.other_names, **(names or {})}
    rows = _renamed(found, channels, known, str(path))
    frame = _frame(rows, found.kpi, year.months)
    curves = ResponseCurves.from_frame(frame, year.months, source=str(path))
    notes = tuple(found.notes)
    if found.tool:
        said = f"{found.kpi} is what they bring, unless {by_saying('kpi', 'NAME')} says otherwise"
        notes = (f"read as {found.tool}; {said}", *notes)
    return with_margin(replace(curves, notes=notes), year.margin_rate)


def check_curves_file(path: Path, given: Mapping[str, str]) -> None:
    """Raises `AllocationError` for a file that holds no curves, whatever the scenario."""
    if not is_robyn(path):  # a folder of large tables, told by its names
        _found(path, Given(dict(given)))


def with_margin(curves: ResponseCurves, rate: float) -> ResponseCurves:
    """Curves of margin beside those of revenue, where there are none: revenue · rate."""
    if "revenue" not in curves.kpis or "margin" in curves.kpis or curves.anchor is not None:
        return curves
    made = [_times(curve, rate) for curve in curves.curves if curve.kpi == "revenue"]
    base = dict(curves.base)
    if "revenue" in base:
        base["margin"] = base["revenue"] * rate
    said = f"margin is revenue times the scenario's margin rate of {rate:.4g}"
    return replace(curves, curves=(*curves.curves, *made), base=base, notes=(*curves.notes, said))


def _times(curve: Curve, rate: float) -> Curve:
    points = curve.points
    return replace(
        curve,
        kpi="margin",
        ceiling=curve.ceiling * rate,
        points=None if points is None else (points[0], tuple(y * rate for y in points[1])),
    )


def _found(path: Path, given: Given) -> Found:
    """The rows of a file by the reader of the tool that wrote it."""
    if is_robyn(path):
        return robyn.read(path, given)
    if path.is_dir():
        raise AllocationError(
            f"{path}: is a folder, and not one that Robyn wrote; give a file of curves."
        )
    cells = read_parameters(path)
    columns = {name.lower() for name in cells.names}
    if meridian.is_meridian(columns):
        return meridian.read(cells, given)
    if pymc_marketing.is_pymc(columns):
        return pymc_marketing.read(cells, given)
    given.check((), "a curves table")
    if cells.rows:
        curve_file.check_names([*columns - {FIELD}, "kpi"], str(path))
    rows: list[dict[str, Any]] = [dict(row.cells) for row in rows_of(cells, given)]
    rows = curve_file.of_this_format(rows, str(path))
    return Found("", rows or curve_file.none_there(path), list(cells.said))


def _renamed(
    found: Found, channels: list[str], names: Mapping[str, str], source: str
) -> list[dict[str, Any]]:
    """Rows by the scenario's channels; raises for one that it does not have."""
    kept = []
    for row in found.rows:
        theirs = str(row.get("channel", "")).strip()
        if row.get("family") in ("base", "people"):
            kept.append(row)
            continue
        ours = _ours(theirs, channels, names)
        if ours == LEFT_OUT:
            continue
        if ours not in channels:
            raise AllocationError(
                f"{source}: the scenario has no channel {ours!r}; "
                f"{hint_sentence(ours, channels)} Say whose curve it is by "
                f"names={{{theirs!r}: 'NAME'}}, or leave it out by "
                f"names={{{theirs!r}: {LEFT_OUT!r}}}."
            )
        kept.append(row | {"channel": ours})
    if left := [theirs for theirs, ours in names.items() if ours == LEFT_OUT]:
        found.notes.append(f"left out: {', '.join(left)}")
    return kept


def _ours(theirs: str, channels: list[str], names: Mapping[str, str]) -> str:
    """The scenario's name of a channel: as mapped, as it is, or without what columns add to it."""
    if theirs in names:
        return names[theirs]
    small = theirs.lower()
    near = [name for name in channels if name.lower() == small]
    if not near:
        bare = [small.removesuffix(s) for s in SUFFIXES if small.endswith(s)]
        near = [name for name in channels if name.lower() in bare]
    return near[0] if len(near) == 1 else theirs


def _frame(rows: list[dict[str, Any]], kpi: str, months: tuple[str, ...]) -> Any:
    import pandas as pd

    made = []
    for row in rows:
        row = {"kpi": kpi} | row
        calendar = row.pop("calendar_month", None)
        if calendar is None:
            made.append(row)
        else:
            made += [row | {"month": m} for m in months if int(m[5:7]) == calendar]
    return pd.DataFrame(made)
