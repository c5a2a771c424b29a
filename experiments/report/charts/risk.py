"""Pictures of risk: draws of the objective, and two KPIs against each other with their front."""

from typing import Any

import altair as alt
import pandas as pd

from experiments.report.charts.common import (
    MODELS,
    PLANNED,
    TIERS,
    label_axis,
    layers,
    short_numbers,
    tooltips,
    wrapped,
)

LEGEND = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=0)
MARKS: dict[str, dict[str, Any]] = {
    "worst": {"shape": "stroke", "angle": 90, "size": 300, "strokeWidth": 3, "color": PLANNED},
    "median": {"size": 110, "filled": True, "color": TIERS[1]},
}


def draws(table: pd.DataFrame, marks: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """Every draw as a small point, the median as a dot, the mean of the worst fifth as a tick.

    `table` has the columns `label, value`; `marks` has `label, median, worst` (NaN if not told).
    """
    table, marks = (t.assign(label=t["label"].map(wrapped)) for t in (table, marks))
    order = list(dict.fromkeys(table["label"]))
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    x = alt.X("value:Q", title=unit, scale=alt.Scale(zero=False), axis=short_numbers(6))
    each = alt.Chart(table).mark_point(size=30, opacity=0.5, color=TIERS[1])
    shown = [each.encode(y=y, x=x, tooltip=tooltips("label", "value"))]
    for name, drawn in MARKS.items():
        told = marks.dropna(subset=[name])
        if not told.empty:
            mark = alt.Chart(told).mark_point(opacity=1, **drawn)
            shown.append(mark.encode(y=y, x=f"{name}:Q", tooltip=tooltips("label", name)))
    return layers(*shown, height=max(30 * len(order), 70))


def two_kpis(
    table: pd.DataFrame, means: pd.DataFrame, front: pd.DataFrame, *, x: str, y: str
) -> alt.LayerChart:
    """Draws as pale points, means as large ones, the front as a line through its means.

    `table` and `means` have the columns `label, x, y`, `front` has `x, y`; `x` and `y` are titles.
    """
    labels = list(dict.fromkeys(means["label"]))
    colours = [MODELS[index % len(MODELS)] for index in range(len(labels))]
    shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
    colour = alt.Color("label:N", scale=alt.Scale(domain=labels, range=colours), legend=LEGEND)
    # More strategies than colours: shapes tell the second round from the first.
    shape = alt.Shape(
        "label:N",
        scale=alt.Scale(
            domain=labels,
            range=[shapes[(i // len(MODELS)) % len(shapes)] for i in range(len(labels))],
        ),
        legend=LEGEND,
    )
    across = alt.X("x:Q", title=x, scale=alt.Scale(zero=False), axis=short_numbers(6))
    up = alt.Y("y:Q", title=y, scale=alt.Scale(zero=False), axis=short_numbers(6))
    tips = tooltips("label", "x", "y")
    each = alt.Chart(table).mark_point(size=20, opacity=0.35)
    mean = alt.Chart(means).mark_point(size=130, filled=True, opacity=1)
    line = alt.Chart(front).mark_line(strokeDash=[5, 3], color=PLANNED)
    return layers(
        line.encode(x=across, y=up),
        each.encode(x=across, y=up, color=colour, shape=shape, tooltip=tips),
        mean.encode(x=across, y=up, color=colour, shape=shape, tooltip=tips),
        height=340,
    )
