"""Pictures of a company's own test: what was sold beside what was expected, and all methods."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TIERS, TODAY, dates, short_numbers


def expected_picture(table: pd.DataFrame, start: str, *, unit: str) -> alt.LayerChart:
    """The treated regions day by day, what was expected of them dashed, a rule where it began.

    Columns `date, observed, expected`.
    """
    days = table.assign(date=pd.to_datetime(table["date"]))
    base = alt.Chart(days).encode(x=alt.X("date:T", title=None, axis=dates()))
    scale = alt.Scale(zero=False)
    tips = [
        alt.Tooltip("date:T"),
        *(alt.Tooltip(f"{n}:Q", format=",.4~g") for n in table.columns[1:]),
    ]
    seen = base.mark_line(color=TIERS[1]).encode(
        y=alt.Y("observed:Q", title=unit, axis=short_numbers(5), scale=scale), tooltip=tips
    )
    meant = base.mark_line(color=PLANNED, strokeDash=[5, 3]).encode(y="expected:Q")
    began = alt.Chart(pd.DataFrame({"date": pd.to_datetime([start])}))
    rule = began.mark_rule(color=TODAY).encode(x="date:T")
    return alt.LayerChart(layer=[seen, meant, rule]).properties(width="container", height=300)


def methods_picture(table: pd.DataFrame) -> alt.LayerChart:
    """A row a method, in shares: its interval and estimate.

    Columns `method, estimate, low, high`.
    """
    base = alt.Chart(table).encode(y=alt.Y("method:N", title=None, sort=None))
    axis = alt.Axis(format="%")
    ranges = base.mark_rule(strokeWidth=2, color=TIERS[1]).encode(
        x=alt.X("low:Q", title="effect", axis=axis), x2="high:Q"
    )
    tips = [alt.Tooltip(f"{name}:Q", format=".2%") for name in ("estimate", "low", "high")]
    dots = base.mark_point(filled=True, size=60, color=TIERS[1]).encode(
        x="estimate:Q", tooltip=tips
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color=TODAY).encode(x="x:Q")
    return alt.LayerChart(layer=[zero, ranges, dots]).properties(width="container", height=150)
