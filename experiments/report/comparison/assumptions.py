"""Assumptions: what was given to the study, and what a planner cannot know, with its range."""

from __future__ import annotations

import math

from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.html import bilingual, facts, join, section, table, tag

NOTE = (
    "Each draw multiplies these by factors of its own, around the value in the scenario. Values "
    "are assumed unless a source stands beside what they imply, in the table of plausibility."
)
Z = 1.645


def assumptions(comparison: Comparison, data: ReportData) -> Markup:
    """The section; nothing where neither is known."""
    if not data.given and not data.uncertain:
        return Markup("")
    parts: list[object] = [facts(data.given)]
    if data.uncertain:
        rows = [
            [path, "one for all" if shared else "one for each", _range(spread)]
            for path, spread, shared in data.uncertain
        ]
        title = tag("h3", bilingual("What a planner cannot know", "规划者无法预知的参数"))
        head = ["Parameter", "factors", "90 % of draws"]
        parts += [title, tag("p", NOTE, class_="note"), table(head, rows, words=2)]
    return section("assumptions", "Assumptions and their sources", "假设与来源", join(parts))


def _range(spread: float) -> str:
    low, high = (math.exp(turn * Z * spread) for turn in (-1, 1))
    return f"× {low:.2f} to × {high:.2f}"
