"""A year's review as an Excel workbook: the answer, the re-plan, decisions, goals, the months."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.publish.plan_workbook import TO_USE_IT, months_sheet
from scenarios import MediaPlan, Scenario
from tiermix.core import figures
from tiermix.core.tables.sheets import FIGURE, MONEY, SHARE, Sheet, write_workbook

_DECISIONS = (
    "channel", "tier", "decision", "money before", "now", "the next unit brings", "error",
    "has to bring", "reason",
)  # fmt: skip
_GOALS = (
    "goal", "KPI", "so far", "at the end", "5 %", "95 %", "target", "chance, plan",
    "chance, re-plan", "note",
)  # fmt: skip
_MONTHS = ("month", "channel", "KPI", "planned", "expected", "error", "actual", "in errors")


def write_replan_workbook(
    path: str | os.PathLike[str], told: Mapping[str, Any], replan: MediaPlan, scenario: Scenario
) -> Path:
    """A review's workbook: what its document tells, and the re-plan, which is read back as one."""
    money = {3: MONEY, 4: MONEY, 5: FIGURE, 6: FIGURE, 7: FIGURE}
    ends = dict.fromkeys(range(2, 7), FIGURE) | {7: SHARE, 8: SHARE}
    sheets = [
        Sheet("answer", ("", scenario.name), list(_answer(told))),
        months_sheet(replan, scenario),
        Sheet("decisions", _DECISIONS, list(_decisions(told)), money),
        Sheet("goals", _GOALS, list(_goals(told)), ends),
        Sheet("months", _MONTHS, list(_months(told)), dict.fromkeys(range(3, 8), FIGURE), fixed=3),
    ]
    return write_workbook(path, sheets)


def _answer(told: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    for words in told["words"]:
        yield "answer", words
    for channel in told["channels"]:
        if channel["words"]:
            yield f"{channel['channel']} delivers", channel["delivers"]
    yield "money that moves", figures.money(told["moved"], told["currency"])
    for rule in told["given_up"]:
        yield "rule that no plan can keep any more", rule
    for remark in told["remarks"]:
        yield "remark", remark
    yield "months that have passed", f"{told['passed'][0]} to {told['passed'][-1]}"
    yield "actuals", told["actuals"]
    yield "curves", told["curves"]
    yield "scenario", f"{told['scenario']} ({told['scenario_hash']})"
    yield "to use it", TO_USE_IT


def _decisions(told: Mapping[str, Any]) -> Iterator[list[object]]:
    keys = ("money_before", "money_after", "next_unit_brings", "error", "hurdle")
    for one in told["decisions"]:
        known = (one["known"].get(key) for key in keys)
        yield [one["channel"], one["tier"], one["decision"], *known, one["reason"]]


def _goals(told: Mapping[str, Any]) -> Iterator[list[object]]:
    keys = ("goal", "kpi", "so_far", "mean", "low", "high", "target")
    for one in told["goals"]:
        before = one["under_the_plan"]["probability"]
        yield [*(one[key] for key in keys), before, one["probability"], one["note"]]


def _months(told: Mapping[str, Any]) -> Iterator[list[object]]:
    keys = ("month", "channel", "kpi", "planned", "expected", "error", "actual", "z")
    for one in told["plan_against_actual"]:
        yield [one.get(key) for key in keys]
