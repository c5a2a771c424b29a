"""Response curves: one small picture per channel, today and as planned."""

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.charts import comparison as charts
from experiments.report.charts.common import TIERS, themed
from experiments.report.comparison.data import ReportData
from experiments.report.html import bilingual, chart, section, tag


def curves(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    if data.curves is None or data.curves.empty:
        return Markup("")
    points = data.points
    if points is None:
        points = pd.DataFrame(columns=["channel", "point", "spend", "response"])
    pictures: list[Markup] = []
    for channel, curve in data.curves.groupby("channel", sort=False):
        english, chinese = data.label(str(channel))
        drawing = charts.response_curve(
            curve, points[points["channel"] == channel], colour=TIERS[data.tier(str(channel))]
        )
        picture = chart(
            themed(drawing),
            key=f"curve-{len(pictures)}",
            label=f"Response of {english} to monthly spend",
        )
        pictures.append(tag("div", tag("h3", bilingual(english, chinese)), picture))
    return section(
        "curves",
        "What more money does",
        "响应曲线",
        tag("p", _note(comparison, data), class_="note"),
        tag("div", *pictures, class_="few"),
    )


def _note(comparison: Comparison, data: ReportData) -> str:
    axes = f"Across: spend a month ({comparison.currency}). Up: {data.response_unit}."
    marks = "The band holds 90 % of the draws; the grey dot is today, the red diamond is planned."
    return " ".join(filter(None, [data.curves_from, axes, marks]))
