"""Pictures of a sensitivity study: the tornado."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TIERS, layers, short_numbers, tooltips

ENDS = {"low": TIERS[2], "high": TIERS[1]}


def tornado(table: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """A bar from where nothing is moved to each end of a parameter, with its 95 % interval.

    A row an end: `parameter, end` (`low` or `high`), `swing, low, high`; the widest first.
    """
    order = list(dict.fromkeys(table["parameter"]))
    y = alt.Y("parameter:N", sort=order, title=None, axis=alt.Axis(labelLimit=0))
    colour = alt.Color(
        "end:N",
        scale=alt.Scale(domain=list(ENDS), range=list(ENDS.values())),
        legend=alt.Legend(title="parameter at its", orient="bottom"),
    )
    tips = tooltips("parameter", "end", "swing", "low", "high")
    base = alt.Chart(table).encode(y=y)
    bars = base.mark_bar(opacity=0.75).encode(
        x=alt.X("swing:Q", title=unit, axis=short_numbers(6), stack=None),
        color=colour,
        tooltip=tips,
    )
    ranges = base.mark_rule().encode(x="low:Q", x2="high:Q", tooltip=tips)
    nothing = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=PLANNED).encode(x="at:Q")
    return layers(bars, ranges, nothing, height=max(34 * len(order), 80))
