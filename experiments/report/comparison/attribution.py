"""Attribution: credit by each model beside what would truly be missing without each channel."""

import pandas as pd
from markupsafe import Markup

from attribution import LABELS
from experiments.comparison.result import Comparison
from experiments.report.charts import comparison as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.html import bilingual, chart, section, table, tag

CAPTION = (
    "Bars are the truth: conversions that would be missing without the channel, with their "
    "95 % interval. Marks are what each model credits the channel with."
)


def attribution(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    if data.attribution is None or data.attribution.empty:
        return Markup("")
    frame = data.attribution.assign(
        label=[data.label(str(name))[0] for name in data.attribution["channel"]],
        model=[LABELS.get(name, name) for name in data.attribution["model"]],
    )
    drawing = charts.credit_against_truth(frame, unit="conversions")
    return section(
        "attribution",
        "Who earned it, and who got the credit",
        "归因与真实增量",
        tag("p", _over_credit(frame), class_="lead"),
        tag("p", data.credit_rule, class_="note") if data.credit_rule else "",
        chart(themed(drawing), key="attribution", label="Credit against truth", caption=CAPTION),
        _table(frame, data),
    )


def _over_credit(frame: pd.DataFrame) -> str:
    """The channel that is given most beyond what it earned, in words."""
    frame = frame.reset_index(drop=True)
    sure = frame[(frame["truth"] > 2 * frame["truth_se"]) & (frame["truth"] > 0)]
    if sure.empty:
        return "No channel's true effect stands out from its error: simulate more customers."
    worst = sure.loc[(sure["credit"] - sure["truth"]).idxmax()]
    times = worst["credit"] / worst["truth"]
    return (
        f"{worst['model'].capitalize()} gives {worst['label']} {worst['credit']:,.0f} conversions. "
        f"Without the channel {worst['truth']:,.0f} would be missing: "
        f"the credit is {times:,.1f} times the truth."
    )


def _table(frame: pd.DataFrame, data: ReportData) -> Markup:
    models = list(dict.fromkeys(frame["model"]))
    wide = frame.pivot_table(index="channel", columns="model", values="credit", sort=False)
    truth = frame.drop_duplicates("channel").set_index("channel")[["truth", "truth_se"]]
    rows = [
        [
            bilingual(*data.label(str(channel))),
            f"{truth.loc[channel, 'truth']:,.0f} ± {truth.loc[channel, 'truth_se']:,.0f}",
            *(f"{wide.loc[channel, model]:,.0f}" for model in models),
        ]
        for channel in truth.sort_values("truth", ascending=False).index
    ]
    return table(["Channel", "truth ± se", *models], rows)
