"""Tests as Excel workbooks: the answer first, then weeks and draws, or methods and checks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.field_test.result import FieldTest
from experiments.lift_test.result import Lift
from tiermix.core.tables.sheets import FIGURE, SHARE, Sheet, write_workbook

_METHODS = (
    "method", "incremental", "low", "high", "share of what was expected", "p", "expected",
    "detectable", "why not",
)  # fmt: skip
_CHECKS = ("method", "where", "passed", "what it says")


def write_lift_workbook(path: str | os.PathLike[str], found: Lift) -> Path:
    """A simulated test's workbook: its figures, how it adds up by week, repetitions of it."""
    answer = [("what was tested", found.title()), *found.rows()]
    sheets = [
        Sheet("answer", ("", found.design.channel), answer),
        _table("weeks", found.curve.assign(date=found.curve["date"].astype(str))),
        _table("worlds", found.worlds),
    ]
    return write_workbook(path, sheets)


def write_field_test_workbook(path: str | os.PathLike[str], found: FieldTest) -> Path:
    """The workbook of a company's own test: the result, every method, placebo tests, remarks."""
    told = found.to_dict()
    methods = dict.fromkeys((1, 2, 3, 6, 7), FIGURE) | {4: SHARE, 5: "0.000"}
    sheets = [
        Sheet("answer", ("", found.channel or found.table.kpi), list(_answer(found, told))),
        Sheet("methods", _METHODS, list(_methods(told)), methods),
        Sheet("checks", _CHECKS, list(_checks(found))),
    ]
    return write_workbook(path, sheets)


def _table(name: str, frame: pd.DataFrame) -> Sheet:
    """A frame as a sheet: words as they are, figures with two decimals."""
    head = [str(column).replace("_", " ") for column in frame.columns]
    shown = dict.fromkeys(range(1, len(head)), FIGURE)
    return Sheet(name, head, [_plain(row) for row in frame.to_numpy(object).tolist()], shown)


def _plain(row: list[object]) -> list[object]:
    return [_yes(value) if isinstance(value, bool) else value for value in row]


def _answer(found: FieldTest, told: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    yield found.method, found.headline()
    if told["kind"] == "regions":
        yield "treated regions", ", ".join(told["treated"])
        yield "regions", told["regions"]
        yield "the test", f"{told['start']} to {told['end']}"
        yield "dates before it", told["dates_before"]
    else:
        for side in ("treated", "control"):
            yield f"{side} people", told[side]["people"]
    if told["per_money"]:
        yield "money of the test", told["spend"]
        yield f"{told['kpi']} of one unit of it", told["per_money"]["estimate"]
        yield "what one costs", told["cost_per_incremental"]["estimate"]
    if told["share"]:
        yield "share of all that the channel brings", f"{told['share']['lift']:.2%}"
    for remark in found.remarks:
        yield "remark", remark
    yield "table", f"{told['file']} ({told['sha256'][:12]})"


def _methods(told: Mapping[str, Any]) -> Iterator[list[object]]:
    keys = ("p_value", "expected", "detectable")
    for one in told["methods"]:
        if "why_not" in one:
            yield [one["method"], *[None] * 7, one["why_not"]]
            continue
        ends = (one[key] for key in ("estimate", "low", "high"))
        yield [one["method"], *ends, one["percent"]["estimate"], *(one[key] for key in keys), ""]


def _checks(found: FieldTest) -> Iterator[list[object]]:
    for result in found.results:
        for check in result.checks:
            passed = "–" if check.passed is None else _yes(check.passed)
            yield [check.method, f"in {check.check}", passed, check.says]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
