"""Pictures of a study of investments: gains against all money in media."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TIERS, layers, short_numbers, tooltips


def gains(table: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """A point a package with its 95 % interval, and where all money in media lies.

    A row a package: `name, gain, low, high, answer`, in the order in which they are shown.
    """
    y = alt.Y("name:N", sort=list(table["name"]), title=None, axis=alt.Axis(labelLimit=0))
    x = alt.X("gain:Q", title=unit, axis=short_numbers(6))
    tips = tooltips("name", "gain", "low", "high", "answer")
    base = alt.Chart(table).encode(y=y)
    ranges = base.mark_rule(strokeWidth=2, color=TIERS[1]).encode(
        x=alt.X("low:Q", title=unit, axis=short_numbers(6)), x2="high:Q", tooltip=tips
    )
    points = base.mark_point(filled=True, size=70, color=TIERS[1]).encode(x=x, tooltip=tips)
    nothing = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=PLANNED).encode(x="at:Q")
    return layers(ranges, points, nothing, height=max(34 * len(table), 80))
