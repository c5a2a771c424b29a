"""Pictures of an experiment: the estimate as it adds up, and repetitions beside their truths."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import BETTER, PLANNED, TIERS, WORSE, dates, short_numbers


def adding_up(curve: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """The cumulated effect with its interval, and the truth as a dashed line.

    Columns `date, estimate, low, high, truth`.
    """
    table = curve.assign(date=pd.to_datetime(curve["date"]))
    base = alt.Chart(table).encode(x=alt.X("date:T", title=None, axis=dates()))
    band = base.mark_area(opacity=0.18, color=TIERS[1]).encode(
        y=alt.Y("low:Q", title=unit, axis=short_numbers(5)), y2="high:Q"
    )
    tips = [alt.Tooltip("date:T"), *_tips("estimate", "low", "high", "truth")]
    line = base.mark_line(color=TIERS[1]).encode(y="estimate:Q", tooltip=tips)
    truth = base.mark_line(color=PLANNED, strokeDash=[5, 3]).encode(y="truth:Q")
    return alt.LayerChart(layer=[band, line, truth]).properties(width="container", height=300)


def worlds(table: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """A row for each repetition: its interval, green where it holds the truth, and that truth.

    Columns `world, estimate, low, high, truth, covered`.
    """
    colour = alt.condition("datum.covered", alt.value(BETTER), alt.value(WORSE))
    y = alt.Y("world:O", title="world", axis=alt.Axis(labelOverlap=True))
    base = alt.Chart(table).encode(y=y)
    ranges = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=unit, axis=short_numbers(5)), x2="high:Q", color=colour
    )
    tips = _tips("estimate", "low", "high", "truth")
    dots = base.mark_point(filled=True, size=45).encode(x="estimate:Q", color=colour, tooltip=tips)
    truth = base.mark_tick(color=PLANNED, thickness=2).encode(x="truth:Q")
    height = min(max(14 * len(table), 80), 900)
    return alt.LayerChart(layer=[ranges, dots, truth]).properties(width="container", height=height)


def _tips(*fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", format=",.4~g") for name in fields]
