"""The diary of strategies that are reviewed: what was decided of each channel, when, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import strategy_name
from experiments.report.html import join, section, table, tag
from experiments.wording import counted
from tiermix.core.figures import short_money
from tiermix.core.language import said

MEANING = (
    "At each review curves are estimated again from last year and the months so far, and moved by "
    "what differs from what was expected when the year began; the rest is planned again. A channel "
    "is scaled or cut where its money for the months to come moves by more than a tenth. It is "
    "tested where knowing it is worth more than a test costs: a part of the people goes without it "
    "for three months, and the next review uses what that showed. The first table counts draws, "
    "the second is one draw's diary; all of them are in the JSON."
)
ORDER = ("scale", "cut", "test", "hold")


def diary(comparison: Comparison, data: ReportData) -> Markup:
    """The section; empty where no strategy is reviewed."""
    told = {name: found for name, found in comparison.diaries.items() if found}
    if not told:
        return Markup("")
    parts = [part for name, found in told.items() for part in _of(comparison, name, found)]
    return section("diary", "The diary", "决策日记", tag("p", MEANING, class_="note"), *parts)


def _of(comparison: Comparison, name: str, found: Sequence[Mapping[str, Any]]) -> list[object]:
    return [
        tag("h3", strategy_name(comparison, name)),
        _counts(found),
        tag("p", f"Draw {found[0]['draw'] + 1} of {counted(comparison.replications, 'draw')}:"),
        _reasons(comparison, found[0]["reviews"]),
    ]


def _counts(found: Sequence[Mapping[str, Any]]) -> Markup:
    """How many draws decided what of each channel, review by review."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for page in (page for draw in found for page in draw["reviews"]):
        for one in page["decisions"]:
            counts.setdefault((one["channel"], page["month"]), Counter())[one["decision"]] += 1
    channels = list(dict.fromkeys(channel for channel, _ in counts))
    months = sorted({month for _, month in counts})
    rows = [
        [channel, *(_words(counts.get((channel, month), Counter())) for month in months)]
        for channel in channels
    ]
    return table(["Channel", *(f"after {month}" for month in months)], rows, words=9, wide=True)


def _words(mine: Counter[str]) -> str:
    return ", ".join(f"{said(what)} {mine[what]}" for what in ORDER if mine[what]) or "–"


def _reasons(comparison: Comparison, reviews: Sequence[Mapping[str, Any]]) -> Markup:
    """One draw's reviews, each with what was found and what was decided but for holding."""
    rows: list[list[object]] = []
    for page in reviews:
        told = [*([page["note"]] if page["note"] else []), *page["found"]]
        told += [f"given up: {name}" for name in page["given_up"]]
        moved = short_money(page["moved"], comparison.currency)
        head = f"after {page['month']}: {moved} moved"
        rows.append([join([head, *(f"; {line}" for line in told)])])
        rows += [
            [one["channel"], one["decision"], one["reason"]]
            for one in page["decisions"]
            if one["decision"] != "hold"
        ]
    return table(["Channel", "decision", "reason"], rows, words=3, wide=True)
