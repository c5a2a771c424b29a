"""Pictures of a year's review: what came, month by month, and what was to be expected."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TIERS, layers, short_numbers, tooltips


def outcome(table: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """Points of what came on the 90 % band of what was to be expected; `month, actual, …`."""
    x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0))
    tips = tooltips("label", "planned", "expected", "actual")
    base = alt.Chart(table).encode(x=x)
    band = base.mark_rule(strokeWidth=14, opacity=0.25, color=TIERS[1]).encode(
        y=alt.Y("low:Q", title=unit, axis=short_numbers(6), scale=alt.Scale(zero=False)),
        y2="high:Q",
        tooltip=tips,
    )
    due = base.mark_tick(color=TIERS[1], thickness=2, width=26).encode(y="expected:Q", tooltip=tips)
    came = base.mark_point(filled=True, size=70, color=PLANNED).encode(y="actual:Q", tooltip=tips)
    return layers(band, due, came, height=220)
