"""The page of a company's table before a fit: what was understood, and what is doubted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from experiments.company_data.channels import channel_figures
from experiments.company_data.doubts import SEVERITIES
from experiments.company_data.result import CheckedTable
from experiments.report.charts.common import themed
from experiments.report.charts.company_data import (
    cost_picture,
    outcome_picture,
    spend_picture,
    together_picture,
)
from experiments.report.frame import document
from experiments.report.html import chart, masthead, section, table, tag
from tiermix.core.figures import number, short_number, short_percent

CHANNELS = (
    "Channel", "spend", "share", "live", "variation", "inflation", "per 1,000 shown", "per click",
)  # fmt: skip
COLUMNS = ("Column", "is", "of", "because")
DOUBTS = ("Severity", "where", "what", "what to do")


def page(found: CheckedTable) -> str:
    """The table as one HTML document that opens without a network."""
    title = f"Data: {found.source}"
    return document(
        title, _top(found, title), _doubts(found), _outcome(found), _spend(found),
        _together(found), _costs(found), _columns(found),
    )  # fmt: skip


def _top(found: CheckedTable, title: str) -> Markup:
    amounts = found.amounts
    counts = {s: sum(d.severity == s for d in found.doubts) for s in SEVERITIES}
    where = f", {len(amounts.regions)} regions" if len(amounts.regions) > 1 else ""
    made = (
        f"{found.kind} · {len(amounts.periods)} {amounts.step}s from {amounts.periods[0]} to "
        f"{amounts.periods[-1]}{where} · {found.digest[:12]}"
    )
    said = (
        f"{len(amounts.channels)} channels and {found.outcome or 'no outcome'}: "
        f"{counts['warning']} warnings before anything is fitted"
    )
    return masthead(title, made, said)


def _doubts(found: CheckedTable) -> Markup:
    rows = [(d.severity, d.where or "–", d.says, d.remedy) for d in found.doubts]
    drawn = table(DOUBTS, rows, words=4) if rows else tag("p", "Nothing is doubted.")
    return section("doubts", "What is doubted", "存疑", drawn)


def _picture(drawing: Any, key: str, words: str) -> Markup:
    return chart(themed(drawing), key=key, label=words, caption=words)


def _outcome(found: CheckedTable) -> Markup:
    if not found.outcome:
        return section("outcome", "Outcome", "结果", tag("p", "The table has no outcome."))
    words = f"The company's {found.outcome} over time; a gap is a hole in the table."
    return section("outcome", "Outcome", "结果", _picture(outcome_picture(found), "outcome", words))


def _spend(found: CheckedTable) -> Markup:
    figures = channel_figures(found.amounts)
    if not figures:
        return section("spend", "Spend", "花费", tag("p", "No channel spends anything."))
    count = len(found.amounts.periods)
    rows = [
        (c.channel, number(round(c.spend)), short_percent(c.share), f"{c.live} of {count}",
         short_percent(c.variation), short_number(c.inflation), short_number(c.cost_per_thousand),
         short_number(c.cost_per_click))
        for c in figures
    ]  # fmt: skip
    words = "Spend of each channel, each on its own scale."
    told = tag(
        "p",
        f"Live: {found.amounts.step}s with spend. Variation: standard deviation over mean. "
        "Inflation: 1 / (1 − R²) of its spend given all others'; above 10 its effect can hardly be "
        "told from theirs.",
        class_="note",
    )
    return section(
        "spend", "Spend", "花费", _picture(spend_picture(found), "spend", words),
        table(CHANNELS, rows), told,
    )  # fmt: skip


def _together(found: CheckedTable) -> Markup:
    drawing = together_picture(found)
    if drawing is None:
        return Markup("")
    words = "Correlation of weekly spend: channels near 1 cannot be told apart by any fit."
    words = words.replace("weekly spend", f"spend by {found.amounts.step}")
    return section("together", "What moves together", "共线", _picture(drawing, "together", words))


def _costs(found: CheckedTable) -> Markup:
    drawn = list(_cost_pictures(found))
    return section("costs", "Cost per unit", "单位成本", *drawn) if drawn else Markup("")


def _cost_pictures(found: CheckedTable) -> Iterator[Markup]:
    for what in ("impressions", "clicks"):
        drawing = cost_picture(found, what)
        if drawing is not None:
            words = f"Spend over {what}: a jump is a change of unit, of price, or a wrong cell."
            yield _picture(drawing, f"cost-{what}", words)


def _columns(found: CheckedTable) -> Markup:
    told = [column.to_dict() for column in found.columns]
    rows = [
        (c["name"], c["measure"] or c["role"], c["channel"] or c["control"] or "–", c["why"])
        for c in told
    ]
    return section("columns", "Columns", "列", table(COLUMNS, rows, words=4))
