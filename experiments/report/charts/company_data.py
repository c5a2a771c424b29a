"""Pictures of a company's table: spend and outcome over time, what moves together, unit costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from experiments.company_data.channels import correlations, spend_of
from experiments.report.charts.common import BETTER, PLANNED, TIERS, TODAY, WORSE

if TYPE_CHECKING:
    from experiments.company_data.amounts import Amounts
    from experiments.company_data.result import CheckedTable

SHORT = alt.Axis(format="~s", tickCount=4)
SHOWN = 24
"""Channels that a picture has room for: those that spend most."""


def outcome_picture(table: CheckedTable) -> alt.LayerChart:
    """The company's outcome above the axis of time; holes are gaps in the line."""
    what = table.outcome
    frame = _series(table.amounts, table.amounts.national(what), "outcome")
    base = alt.Chart(frame).encode(
        x=alt.X("period:T", title=None),
        y=alt.Y("outcome:Q", title=f"{what} a {table.amounts.step}", axis=SHORT),
        tooltip=["period:T", alt.Tooltip("outcome:Q", format=",.0f")],
    )
    line = base.mark_line(color=TODAY, strokeWidth=1.6, invalid="break-paths-show-domains")
    points = base.mark_point(color=TODAY, filled=True, size=14)
    return alt.LayerChart(layer=[line, points]).properties(width="container", height=220)


def _series(amounts: Amounts, values: list[float], name: str) -> pd.DataFrame:
    return pd.DataFrame({"period": [str(p) for p in amounts.periods], name: values})


def spend_picture(table: CheckedTable) -> alt.FacetChart:
    """Spend of each channel over time, each on a scale of its own."""
    title = f"spend a {table.amounts.step}"
    return _small(_spent(table.amounts), "spend", title, TIERS[1], "~s")


def _spent(amounts: Amounts) -> pd.DataFrame:
    names, spend = spend_of(amounts)
    largest = sorted(range(len(names)), key=lambda c: -spend[:, c].sum())[:SHOWN]
    rows = [
        (names[c], str(period), float(spend[t, c]))
        for c in largest
        for t, period in enumerate(amounts.periods)
    ]
    return pd.DataFrame(rows, columns=["channel", "period", "spend"])


def cost_picture(table: CheckedTable, what: str) -> alt.FacetChart | None:
    """What a thousand impressions, or a click, cost over time; nothing where nobody counts them."""
    amounts = table.amounts
    rows = [
        (name, str(period), 1000 * spent / count if what == "impressions" else spent / count)
        for name in spend_of(amounts)[0]
        for period, spent, count in zip(
            amounts.periods,
            amounts.national("spend", name),
            amounts.national(what, name),
            strict=True,
        )
        if spent > 0 and count > 0
    ]
    if not rows:
        return None
    title = "cost of a thousand impressions" if what == "impressions" else "cost of a click"
    frame = pd.DataFrame(rows, columns=["channel", "period", "cost"])
    return _small(frame, "cost", title, PLANNED, ",.3~r")


def _small(frame: pd.DataFrame, what: str, title: str, colour: str, form: str) -> alt.FacetChart:
    chart = alt.Chart(frame).mark_line(strokeWidth=1.2, color=colour).encode(
        x=alt.X("period:T", title=None, axis=alt.Axis(format="%Y", tickCount=4)),
        y=alt.Y(f"{what}:Q", title=None, axis=alt.Axis(format=form, tickCount=3)),
    )  # fmt: skip
    small: alt.FacetChart = (
        chart.properties(width=190, height=70)
        .facet(facet=alt.Facet("channel:N", title=title), columns=4)
        .resolve_scale(y="independent")
    )
    return small


def together_picture(table: CheckedTable) -> alt.LayerChart | None:
    """Correlations of spend between channels; nothing for one channel."""
    names, spend = spend_of(table.amounts)
    if len(names) < 2:
        return None
    largest = sorted(range(len(names)), key=lambda c: -spend[:, c].sum())[:SHOWN]
    found = np.round(correlations(spend), 2)
    rows = [(names[a], names[b], float(found[a, b])) for a in largest for b in largest if a != b]
    base = alt.Chart(pd.DataFrame(rows, columns=["one", "other", "correlation"])).encode(
        x=alt.X("one:N", title=None, axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("other:N", title=None),
        tooltip=["one:N", "other:N", "correlation:Q"],
    )
    colour = alt.Color(
        "correlation:Q",
        scale=alt.Scale(domain=[-1, 0, 1], range=[BETTER, "transparent", WORSE]),
        legend=None,
    )
    side = 44 * min(len(names), SHOWN)
    cells = base.mark_rect().encode(color=colour)
    told = base.mark_text(fontSize=11).encode(text=alt.Text("correlation:Q", format=".2f"))
    return alt.LayerChart(layer=[cells, told]).properties(width=side, height=max(side * 0.6, 80))
