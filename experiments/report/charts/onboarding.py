"""The picture of an onboarding: last year's money and the plan's, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TODAY, short_numbers


def money_picture(rows: Sequence[tuple[str, float, float]]) -> alt.Chart:
    """Two bars a channel: what it had, and what it is to have."""
    frame = pd.DataFrame(
        [
            (name, what, amount)
            for name, before, now in rows
            for what, amount in (("last year", before), ("plan", now))
        ],
        columns=["channel", "what", "amount"],
    )
    scale = alt.Scale(domain=["last year", "plan"], range=[TODAY, PLANNED])
    bars = alt.Chart(frame).mark_bar().encode(
        y=alt.Y("channel:N", sort=None, title=None),
        yOffset=alt.YOffset("what:N", sort=["last year", "plan"]),
        x=alt.X("amount:Q", title=None, axis=short_numbers(5)),
        color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
        tooltip=["channel:N", "what:N", alt.Tooltip("amount:Q", format=",.0f")],
    )  # fmt: skip
    chart: alt.Chart = bars.properties(width="container", height=max(34 * len(rows), 80))
    return chart
