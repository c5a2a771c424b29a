"""The picture of backtests: weeks as they were beside what was foretold of them, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TODAY, short_numbers

REACH = 1.96
"""Standard deviations to both sides of a 95 % interval of the normal law."""


def backtests_picture(backtests: Sequence[dict[str, Any]]) -> alt.HConcatChart:
    """A panel for each horizon: observed weeks, expected ones and their 95 % intervals."""
    picture: alt.HConcatChart = alt.hconcat(*map(_panel, backtests)).resolve_scale(y="shared")
    return picture


def _panel(backtest: dict[str, Any]) -> alt.LayerChart:
    frame = pd.DataFrame(backtest["weeks"])
    frame["low"] = (frame["expected"] - REACH * frame["spread"]).clip(lower=0.0)
    frame["high"] = frame["expected"] + REACH * frame["spread"]
    base = alt.Chart(frame).encode(x=alt.X("week:T", title=None, axis=alt.Axis(tickCount=4)))
    title = "conversions a week"
    band = base.mark_area(opacity=0.2, color=PLANNED).encode(
        y=alt.Y("low:Q", title=title, axis=short_numbers(5)), y2="high:Q"
    )
    tips = ["week:T", *(alt.Tooltip(f"{x}:Q", format=",.0f") for x in ("conversions", "expected"))]
    lines = [
        base.mark_line(color=colour, point=alt.OverlayMarkDef(color=colour)).encode(
            y=alt.Y(f"{what}:Q"), tooltip=tips
        )
        for what, colour in (("expected", PLANNED), ("conversions", TODAY))
    ]
    panel: alt.LayerChart = alt.LayerChart(layer=[band, *lines]).properties(
        width=220, height=180, title=f"last {backtest['horizon']} weeks"
    )
    return panel
