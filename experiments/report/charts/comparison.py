"""Pictures of plans, curves, strategies and credit, as Altair charts on tidy frames.

Each function takes one frame and returns one chart that stretches to its container, so that it
looks the same in a notebook and in the report.
"""

from typing import Any

import altair as alt
import pandas as pd

from experiments.report.charts.common import (
    BETTER,
    MODELS,
    PLANNED,
    TIERS,
    TODAY,
    VERDICTS,
    label_axis,
    layers,
    short_numbers,
    tooltips,
    wrapped,
)


def strategies(differences: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """Each strategy's lead over the baseline with its interval.

    Columns `label, difference, low, high, verdict` (a key of `VERDICTS`), best first.
    """
    differences = differences.assign(label=differences["label"].map(wrapped))
    order = differences["label"].tolist()
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())),
        legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=0),
    )
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    base = alt.Chart(differences).encode(y=y, color=colour, tooltip=tooltips("label", "difference"))
    x = alt.X("low:Q", title=unit, axis=short_numbers(6))
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(strokeDash=[3, 3]).encode(x="x:Q")
    ranges = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=x, x2="high:Q")
    dots = base.mark_point(size=110, filled=True, opacity=1).encode(x=alt.X("difference:Q"))
    return layers(zero, ranges, dots, height=max(34 * len(order), 70))


def plan_by_month(
    plan: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    unit: str,
    tick: int = 26,
    against: str = "last year's plan",
) -> alt.LayerChart:
    """Money by month, stacked by tier, with the reference plan's total as a tick.

    `plan` has the columns `tier, month, amount`; `reference` has `month, amount` and is called
    what `against` says.
    """
    month = alt.X(
        "month:O", title=None, axis=alt.Axis(labelAngle=0, labelExpr="slice(datum.value, 5)")
    )
    money = alt.Y("sum(amount):Q", title=unit, axis=short_numbers(5))
    bars = (
        alt.Chart(plan)
        .mark_bar()
        .encode(
            x=month,
            y=money,
            color=alt.Color(
                "tier:O",
                title="tier",
                scale=alt.Scale(domain=list(TIERS), range=list(TIERS.values())),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("tier:O"),
            tooltip=["month:O", "tier:O", _money("sum(amount):Q", "amount")],
        )
    )
    ticks = (
        alt.Chart(reference)
        .mark_tick(thickness=2.5, size=tick)
        .encode(
            x=month,
            y="amount:Q",
            tooltip=["month:O", _money("amount:Q", against)],
        )
    )
    # An axis of no amounts is drawn with a complaint.
    return layers(bars, *([] if reference.empty else [ticks]), height=260)


def response_curve(curve: pd.DataFrame, points: pd.DataFrame, *, colour: str) -> alt.LayerChart:
    """One channel's response to money with its interval, today's and the planned point.

    `curve` has the columns `spend, response, low, high`; `points` has `point` (today or planned),
    `spend, response`.
    """
    x = alt.X("spend:Q", title=None, axis=short_numbers(4))
    y = alt.Y("response:Q", title=None, axis=short_numbers(4))
    base = alt.Chart(curve).encode(x=x)
    band = base.mark_area(opacity=0.18, color=colour).encode(
        y=alt.Y("low:Q", title=None), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2, color=colour).encode(y=y)
    marks = (
        alt.Chart(points)
        .mark_point(size=80, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "point:N",
                scale=alt.Scale(domain=["today", "planned"], range=[TODAY, PLANNED]),
                legend=None,
            ),
            shape=alt.Shape(
                "point:N",
                scale=alt.Scale(domain=["today", "planned"], range=["circle", "diamond"]),
                legend=None,
            ),
            tooltip=tooltips("point", "spend", "response"),
        )
    )
    return layers(band, line, marks, height=130)


def credit_against_truth(attribution: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """What each model credits a channel with, beside what would truly be missing without it.

    Columns `model, label, credit, truth, truth_se`; the truth is drawn with its 95 % interval.
    """
    attribution = attribution.assign(label=attribution["label"].map(wrapped))
    order = (
        attribution.groupby("label")["truth"].first().sort_values(ascending=False).index.tolist()
    )
    truth = attribution.drop_duplicates("label").assign(
        low=lambda t: t["truth"] - 1.96 * t["truth_se"],
        high=lambda t: t["truth"] + 1.96 * t["truth_se"],
    )
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    base = alt.Chart(truth).encode(y=y)
    bars = base.mark_bar(opacity=0.35, color=BETTER, height={"band": 0.72}).encode(
        x=alt.X("truth:Q", title=unit, axis=short_numbers(6)),
        tooltip=tooltips("label", "truth", "truth_se"),
    )
    errors = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    models = list(dict.fromkeys(attribution["model"]))
    dots = (
        alt.Chart(attribution)
        .mark_point(size=75, filled=True, opacity=0.95)
        .encode(
            y=y,
            x="credit:Q",
            color=_by_model(alt.Color, models, list(MODELS)),
            shape=_by_model(
                alt.Shape, models, ["circle", "square", "triangle-up", "diamond", "cross"]
            ),
            tooltip=tooltips("label", "model", "credit", "truth"),
        )
    )
    return layers(bars, errors, dots, height=max(30 * len(order), 90))


def _by_model(channel: Any, models: list[str], values: list[str]) -> Any:
    many = [values[index % len(values)] for index in range(len(models))]
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=0)
    return channel("model:N", scale=alt.Scale(domain=models, range=many), legend=legend)


def _money(field: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(field, format=",.0f", title=title)
