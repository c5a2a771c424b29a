"""Credit by models as an Excel workbook: what was credited, then channels by models."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tiermix.core.tables.sheets import FIGURE, Formula, Sheet, column_letter, write_workbook


def write_credit_workbook(path: str | os.PathLike[str], told: Mapping[str, Any]) -> Path:
    """The workbook of `tiermix attribute`: what its document tells; sums are formulas."""
    sheets = [
        Sheet("answer", ("", "credit"), list(_answer(told))),
        _credit("conversions", told),
        *([_credit("value", told)] if _has_value(told) else []),
    ]
    return write_workbook(path, sheets)


def _answer(told: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    for model in told["models"]:
        first = max(model["credit"], key=lambda row: row["conversions"], default=None)
        if first is not None:
            yield f"most credit by {model['model']}", first["channel"]
    yield "outcome", told["outcome"]
    yield "journeys", told["journeys"]
    for what, count in told["dropped"].items():
        yield f"rows left out for their {what}", count
    for remark in told["remarks"]:
        yield "remark", remark


def _has_value(told: Mapping[str, Any]) -> bool:
    return any(row["value"] for model in told["models"] for row in model["credit"])


def _credit(name: str, told: Mapping[str, Any]) -> Sheet:
    """A row for each channel and one for the baseline, a column for each model."""
    models = told["models"]
    given = [{row["channel"]: row[name] for row in model["credit"]} for model in models]
    rows: list[list[object]] = [[who, *(one.get(who) for one in given)] for who in given[0]]
    rows.append(["(baseline)", *(model["baseline"][name] for model in models)])
    last, columns = len(rows) + 1, range(1, len(models) + 1)
    sums = [Formula(f"=SUM({column_letter(c)}2:{column_letter(c)}{last})") for c in columns]
    head = ["channel", *(model["model"] for model in models)]
    bold = frozenset({len(rows)})
    return Sheet(name, head, [*rows, ["total", *sums]], dict.fromkeys(columns, FIGURE), bold=bold)
