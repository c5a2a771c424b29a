"""Pictures of a calibration: fitted and observed weeks, spend by channel, priors and posteriors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from experiments.report.charts.common import PLANNED, TIERS, TODAY

if TYPE_CHECKING:
    from experiments.calibration.result import Calibration

SHORT = alt.Axis(format="~s", tickCount=5)


def calibration_page(found: Calibration) -> alt.VConcatChart:
    """Conversions by week above spend by channel above what was learned of each parameter."""
    page: alt.VConcatChart = alt.vconcat(
        weeks_picture(found).properties(width=760, height=260),
        spend_picture(found),
        parameters_picture(found),
    ).resolve_scale(color="independent")
    return page


def weeks_picture(found: Calibration) -> alt.LayerChart:
    """Observed conversions, the fit, and what a fit that has not seen the last weeks expects."""
    table = found.table
    lines = {"fitted": table["fitted_conversions"], "observed": table["conversions"]}
    blind = table["blind_conversions"].where(table["held_out"])
    frame = pd.concat(
        [
            pd.DataFrame({"week": table["week"].astype(str), "what": what, "conversions": values})
            for what, values in {**lines, "fitted without these weeks": blind}.items()
        ]
    ).dropna()
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(
            domain=["observed", "fitted", "fitted without these weeks"],
            range=[TODAY, PLANNED, TIERS[1]],
        ),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(frame).encode(
        x=alt.X("week:T", title=None),
        y=alt.Y("conversions:Q", title="conversions a week", axis=SHORT),
        color=colour,
        tooltip=["week:N", "what:N", alt.Tooltip("conversions:Q", format=",.0f")],
    )
    return alt.LayerChart(layer=[base.mark_line(strokeWidth=2), base.mark_point(size=18)])


def spend_picture(found: Calibration) -> alt.FacetChart:
    """Weekly spend of each channel: of the company, and as the fitted market was billed."""
    real, fitted = found.history, found.whole.answer
    rows = [
        (name, str(week), what, float(source.spend[w, c]))
        for what, source in (("observed", real), ("fitted", fitted))
        for c, name in enumerate(real.channels)
        for w, week in enumerate(real.weeks)
    ]
    frame = pd.DataFrame(rows, columns=["channel", "week", "what", "spend"])
    chart = alt.Chart(frame).mark_line(strokeWidth=1.3).encode(
        x=alt.X("week:T", title=None, axis=alt.Axis(format="%b", tickCount=4)),
        y=alt.Y("spend:Q", title=None, axis=alt.Axis(format="~s", tickCount=3)),
        color=alt.Color(
            "what:N",
            scale=alt.Scale(domain=["observed", "fitted"], range=[TODAY, PLANNED]),
            legend=None,
        ),
    )  # fmt: skip
    small: alt.FacetChart = (
        chart.properties(width=170, height=70)
        .facet(
            facet=alt.Facet("channel:N", title=f"spend a week, {found.base.currency}"), columns=4
        )
        .resolve_scale(y="independent")
    )
    return small


def parameters_picture(found: Calibration) -> alt.LayerChart:
    """Each parameter on its own scale: the prior as a pale bar, the 95 % after the data dark."""
    rows = []
    for k, parameter in enumerate(found.problem.parameters):
        at, spread = found.whole.theta[k], found.whole.spread[k]
        prior = 2 * parameter.width
        rows.append((parameter.name, at, at - 2 * spread, at + 2 * spread, -prior, prior))
    columns = ["parameter", "at", "low", "high", "prior_low", "prior_high"]
    base = alt.Chart(pd.DataFrame(rows, columns=columns)).encode(
        y=alt.Y("parameter:N", sort=None, title=None, axis=alt.Axis(labelLimit=0))
    )
    title = "log of the factor on the base, ± 2 standard deviations"
    x = alt.X("prior_low:Q", title=title)
    prior_bar = base.mark_bar(opacity=0.25, color=TODAY).encode(x=x, x2="prior_high:Q")
    after = base.mark_rule(strokeWidth=3, color=PLANNED).encode(x="low:Q", x2="high:Q")
    dots = base.mark_point(filled=True, color=PLANNED, opacity=1).encode(x="at:Q")
    chart: alt.LayerChart = alt.LayerChart(layer=[prior_bar, after, dots]).properties(width=520)
    return chart
