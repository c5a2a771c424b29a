"""The curves CSV of the contract, in and out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optimize.curves.curve import Curve
from optimize.errors import AllocationError
from tiermix.core.arrays import Floats
from tiermix.core.csv_rows import csv_rows
from tiermix.core.files import whole_file

if TYPE_CHECKING:
    import pandas as pd

Base = dict[str, Floats]
NEEDED = ("channel", "kpi", "family")
NUMBERS = {"ceiling": 0.0, "half": 1.0, "shape": 1.0, "carry_over": 0.0, "lag": 0.0}


def read(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The CSV as a table; cells are text. Raises `AllocationError` when it is none."""
    import pandas as pd

    wanted = "channel, kpi, family, ceiling, half, shape, carry_over"
    _, rows = csv_rows(path, AllocationError, wanted)
    if not rows:
        raise AllocationError(
            f"{path}: there is no curves table there; give a CSV with the columns {wanted}."
        )
    return pd.DataFrame([row for _, row in rows])


def write(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write the CSV whole or not at all."""
    with whole_file(path) as draft:
        frame.to_csv(draft, index=False)


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
    missing = [name for name in NEEDED if name not in frame]
    if missing:
        raise AllocationError(
            f"{source}: the column {missing[0]!r} is missing; a curves table has channel, kpi, "
            "family, ceiling, half, shape, carry_over and, if needed, lag, month, spend, response."
        )
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
    return tuple(curves), base, people


def _curve(row: dict[Any, Any], family: str, months: tuple[str, ...], place: str) -> Curve:
    channel, kpi, month, carry, lag, per = _identity(row, months, place)
    ceiling, half, shape = (
        _number(row, name, None, place) for name in ("ceiling", "half", "shape")
    )
    try:
        evidence = row.get("evidence")
        return Curve(
            channel, kpi, family, ceiling, half, shape, carry, lag, month, per,
            evidence="" if _empty(evidence) else str(evidence).strip(),
        )  # fmt: skip
    except AllocationError as error:
        raise AllocationError(f"{place}: {error}") from None


def _identity(row: dict[Any, Any], months: tuple[str, ...], place: str) -> tuple[Any, ...]:
    month = row.get("month")
    month = None if _empty(month) else str(month)
    if month is not None and month not in months:
        raise AllocationError(
            f"{place}: month {month!r} is not planned; use {months[0]} to {months[-1]}, or leave "
            "it empty for a curve that holds in all months."
        )
    carry = _number(row, "carry_over", 0.0, place)
    lag = _number(row, "lag", 0.0, place)
    per = row.get("carry_per")
    return (str(row["channel"]).strip(), str(row["kpi"]).strip(), month, carry, lag,
            "month" if _empty(per) else str(per))  # fmt: skip


def _of_points(identity: tuple[Any, ...], pairs: list[tuple[float, float]]) -> Curve:
    channel, kpi, month, carry, lag, per = identity
    spend, response = zip(*sorted(pairs), strict=True)
    return Curve(
        channel, kpi, "points", ceiling=max(response), carry_over=carry, lag=lag, month=month,
        carry_per=per, points=(tuple(spend), tuple(response)),
    )  # fmt: skip


def _add_base(base: Base, row: dict[Any, Any], months: tuple[str, ...], place: str) -> None:
    kpi = str(row["kpi"]).strip()
    level = base.setdefault(kpi, np.zeros(len(months)))
    _, _, month, *_ = _identity(row, months, place)
    value = _number(row, "ceiling", None, place)
    if month is None:
        level[:] = value
    else:
        level[months.index(month)] = value


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


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""
