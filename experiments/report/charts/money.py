"""Pictures of money: baseline and what channels add, shares of spend and effect, budgets."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt
import pandas as pd

from experiments.report.charts.common import (
    BETTER,
    PLANNED,
    TIERS,
    TODAY,
    UNCLEAR,
    label_axis,
    layers,
    short_numbers,
    wrapped,
)

COLOURS = {"tier 1": TIERS[1], "tier 2": TIERS[2], "tier 3": TIERS[3], "whole": UNCLEAR}


def waterfall(steps: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """The baseline, what each channel adds, and the whole: bars that begin where the last ended.

    Columns `label, kind` (a key of `COLOURS`), `start, end, words`, in order.
    """
    rows = steps.assign(label=steps["label"].map(wrapped))
    y = alt.Y("label:N", sort=rows["label"].tolist(), title=None, axis=label_axis())
    x = alt.X("start:Q", title=unit, axis=short_numbers(5))
    kinds = alt.Color(
        "kind:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None
    )
    bars = alt.Chart(rows).mark_bar().encode(y=y, x=x, x2="end:Q", color=kinds, tooltip=["words:N"])
    return layers(bars, height=_tall(rows["label"], 24))


def shares(table: pd.DataFrame, *, names: tuple[str, str]) -> alt.LayerChart:
    """Each channel's share of the money beside its share of what money brings.

    Columns `label, what` (one of `names`) and `share`, in order.
    """
    rows = table.assign(label=table["label"].map(wrapped))
    order = list(dict.fromkeys(rows["label"]))
    colours = alt.Scale(domain=list(names), range=[TODAY, BETTER])
    bars = alt.Chart(rows).mark_bar().encode(
        y=alt.Y("label:N", sort=order, title=None, axis=label_axis()),
        yOffset=alt.YOffset("what:N", sort=list(names)),
        x=alt.X("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("what:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        tooltip=["label:N", "what:N", alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    return layers(bars, height=_tall(order, 30))


def by_budget(
    points: pd.DataFrame, marks: pd.DataFrame, *, x_title: str, y_title: str
) -> alt.LayerChart:
    """The best outcome by budget as a line, with marked budgets.

    `points` has the columns `budget, value`; `marks` has `budget, words`.
    """
    x = alt.X("budget:Q", title=x_title, axis=short_numbers(6), scale=alt.Scale(zero=False))
    y = alt.Y("value:Q", title=y_title, axis=short_numbers(5), scale=alt.Scale(zero=False))
    line = alt.Chart(points).mark_line(color=PLANNED, point=True).encode(x=x, y=y)
    where = alt.Chart(marks).encode(x="budget:Q")
    rules = where.mark_rule(color=TODAY, strokeDash=[4, 3])
    said = where.mark_text(align="left", baseline="top", dx=4, color=TODAY).encode(
        text="words:N", y=alt.Y("place:Q", axis=None, scale=None)
    )
    shown = [line, *([rules, said] if len(marks) else [])]
    return layers(*shown, height=220)


def _tall(labels: Iterable[str], row: int) -> int:
    """Height of a picture with a row for each label; more where one needs two lines."""
    lines = [label.count("\n") + 1 for label in labels]
    return len(lines) * max(row, 14 * max(lines, default=1) + 4)
