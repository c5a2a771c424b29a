"""The curves CSV of the contract, in and out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from optimize.curves import per as lengths
from optimize.curves.curve import Curve
from optimize.errors import AllocationError
from tiermix.core.arrays import Floats
from tiermix.core.files import whole_file
from tiermix.core.hints import hint_sentence
from tiermix.core.tables.cells import read_cells
from tiermix.core.tables.formats import CURVES, FIELD, check_format

if TYPE_CHECKING:
    import pandas as pd

Base = dict[str, Floats]
NEEDED = ("channel", "kpi", "family")
NUMBERS = {"ceiling": 0.0, "half": 1.0, "shape": 1.0, "carry_over": 0.0, "lag": 0.0}
WANTED = "channel, kpi, family, ceiling, half, shape, carry_over"
COLUMNS = (*NEEDED, *NUMBERS, "per", "carry_per", "month", "spend", "response", "evidence")


def read(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The file as a table; cells are text. Raises `AllocationError` when it is none."""
    import pandas as pd

    found = read_cells(path, AllocationError, wanted=f"a CSV with the columns {WANTED}")
    rows = [row for _, row in found.by_name()] or none_there(path)
    return pd.DataFrame(of_this_format(rows, str(path)))


def of_this_format(rows: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """Rows without what they say of their format. Raises `AllocationError` for a newer one."""
    for row in rows:
        check_format(row.pop(FIELD, None), CURVES, source, AllocationError)
    return rows


def none_there(path: str | os.PathLike[str]) -> NoReturn:
    """Raises `AllocationError` for a table without rows."""
    raise AllocationError(
        f"{path}: there is no curves table there; give a CSV with the columns {WANTED}."
    )


def write(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write the CSV whole or not at all."""
    with whole_file(path) as draft:
        frame.assign(**{FIELD: CURVES}).to_csv(draft, index=False)


def to_frame(
    curves: tuple[Curve, ...], base: Base, people: Mapping[str, float], months: tuple[str, ...]
) -> pd.DataFrame:
    """One row for each curve (each point of a curve of points), then rows `base` and `people`."""
    import pandas as pd

    rows = [row for curve in curves for row in _rows_of(curve)]
    for kpi, level in base.items():
        head = {"channel": "base", "kpi": kpi, "family": "base"}
        rows += [
            head | {"ceiling": float(x), "month": m} for m, x in zip(months, level, strict=True)
        ]
    for kpi, number in people.items():
        rows.append({"channel": "people", "kpi": kpi, "family": "people", "ceiling": number})
    frame = pd.DataFrame(rows).dropna(axis=1, how="all")
    return frame.drop(columns="carry_per") if _all_monthly(frame) else frame


def _all_monthly(frame: pd.DataFrame) -> bool:
    return "carry_per" in frame and bool((frame["carry_per"].fillna("month") == "month").all())


def _rows_of(curve: Curve) -> list[dict[str, Any]]:
    row: dict[str, Any] = {name: getattr(curve, name) for name in (*NEEDED, *NUMBERS, "month")}
    row["evidence"] = curve.evidence or None
    row |= {"carry_per": curve.carry_per, "spend": None, "response": None}
    if curve.points is None:
        return [row]
    row |= {"ceiling": None, "half": None, "shape": None}
    return [row | {"spend": x, "response": y} for x, y in zip(*curve.points, strict=True)]


def from_frame(
    frame: pd.DataFrame, months: tuple[str, ...], source: str
) -> tuple[tuple[Curve, ...], Base, dict[str, float]]:
    """Curves, base and people from a table; a refusal names source, row, field and value."""
    check_names([str(name) for name in frame], source)
    points: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    base: Base = {}
    people: dict[str, float] = {}
    curves = []
    for number, row in enumerate(frame.to_dict(orient="records"), start=2):
        place = f"{source}, row {number}"
        family = str(row["family"]).strip()
        if family == "base":
            _add_base(base, row, months, place)
        elif family == "people":
            people[str(row["kpi"]).strip()] = _number(row, "ceiling", None, place)
        elif family == "points":
            pair = (_number(row, "spend", None, place), _number(row, "response", None, place))
            points.setdefault(_identity(row, months, place), []).append(pair)
        else:
            curves.append(_curve(row, family, months, place))
    curves += [_of_points(identity, pairs) for identity, pairs in points.items()]
    return tuple(lengths.by_month(curves, months)), base, people


def check_names(names: Sequence[str], source: str) -> None:
    """Raises `AllocationError` for columns that are no curves table's."""
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise AllocationError(
            f"{source}: the column {missing[0]!r} is missing; a curves table has channel, kpi, "
            f"{', '.join(COLUMNS[2:7])} and, if needed, {', '.join(COLUMNS[7:])}."
        )
    for name in names:
        if name not in COLUMNS:
            raise AllocationError(
                f"{source}: a curves table has no column {name!r}; "
                f"{hint_sentence(name, COLUMNS)} Rename it, or take it out."
            )


def _curve(
    row: dict[Any, Any], family: str, months: tuple[str, ...], place: str
) -> tuple[Curve, str]:
    """A row's curve, and what its money and response are per."""
    channel, kpi, month, carry, lag, carry_per, per = _identity(row, months, place)
    shape = 1.0 if family == "tanh" else None
    ceiling, half, shape = (
        _number(row, "ceiling", None, place),
        _number(row, "half", None, place),
        _number(row, "shape", shape, place),
    )
    try:
        curve = Curve(
            channel, kpi, family, ceiling, half, shape, carry, lag, month, carry_per,
            evidence=_text(row, "evidence"),
        )  # fmt: skip
        return curve, per
    except AllocationError as error:
        raise AllocationError(f"{place}: {error}") from None


def _identity(row: dict[Any, Any], months: tuple[str, ...], place: str) -> tuple[Any, ...]:
    month = _text(row, "month") or None
    if month is not None and month not in months:
        raise AllocationError(
            f"{place}: month {month!r} is not planned; use {months[0]} to {months[-1]}, or leave "
            "it empty for a curve that holds in all months."
        )
    carry = _number(row, "carry_over", 0.0, place)
    lag = _number(row, "lag", 0.0, place)
    per = lengths.per_of(_text(row, "per"), place)
    carry_per = lengths.carry_of(_text(row, "carry_per"), per, (carry, lag))
    return (str(row["channel"]).strip(), str(row["kpi"]).strip(), month, carry, lag, carry_per, per)


def _of_points(identity: tuple[Any, ...], pairs: list[tuple[float, float]]) -> tuple[Curve, str]:
    channel, kpi, month, carry, lag, carry_per, per = identity
    spend, response = zip(*sorted(pairs), strict=True)
    curve = Curve(
        channel, kpi, "points", ceiling=max(response), carry_over=carry, lag=lag, month=month,
        carry_per=carry_per, points=(tuple(spend), tuple(response)),
    )  # fmt: skip
    return curve, per


def _add_base(base: Base, row: dict[Any, Any], months: tuple[str, ...], place: str) -> None:
    kpi = str(row["kpi"]).strip()
    level = base.setdefault(kpi, np.zeros(len(months)))
    _, _, month, *_, per = _identity(row, months, place)
    value = _number(row, "ceiling", None, place)
    for name in months if month is None else [month]:
        level[months.index(name)] = value * lengths.share_of(per, name)


def _number(row: dict[Any, Any], name: str, default: float | None, place: str) -> float:
    value = row.get(name)
    if _empty(value) and default is not None:
        return default
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise AllocationError(
            f"{place}: {name} {value!r} is not a finite number; write it with a point for decimals."
        )
    return number


def _text(row: dict[Any, Any], name: str) -> str:
    value = row.get(name)
    return "" if _empty(value) else str(value).strip()


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""
