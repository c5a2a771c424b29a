"""Pictures of a validation: an error along a sweep, one line per model."""

import altair as alt
import pandas as pd

from experiments.report.charts.common import MODELS


def along_sweep(errors: pd.DataFrame, *, swept: str, measure: str) -> alt.LayerChart:
    """A measure as a function of what is swept, with its intervals.

    `errors` has the columns `at, model, mean, low, high`. Lookback and sample size are drawn on a
    logarithmic axis.
    """
    wide = errors["at"].min() > 0 and errors["at"].max() >= 10 * errors["at"].min()
    scale = alt.Scale(type="log") if wide else alt.Scale(zero=False)
    ticks = sorted(errors["at"].unique().tolist())
    models = list(dict.fromkeys(errors["model"]))
    colours = [MODELS[index % len(MODELS)] for index in range(len(models))]
    # More models than colours: dashes tell the second round from the first.
    dashes = [[1, 0] if index < len(MODELS) else [5, 3] for index in range(len(models))]
    x = alt.X("at:Q", title=swept, scale=scale, axis=alt.Axis(values=ticks))
    legend = alt.Legend(title=None, orient="right")
    colour = alt.Color("model:N", scale=alt.Scale(domain=models, range=colours), legend=legend)
    dash = alt.StrokeDash("model:N", scale=alt.Scale(domain=models, range=dashes), legend=legend)
    y = alt.Y("mean:Q", title=measure, scale=alt.Scale(zero=False))
    base = alt.Chart(errors).encode(x=x, color=colour)
    tips = [
        alt.Tooltip("model:N"),
        alt.Tooltip("at:Q", format=",.3~r", title=swept),
        alt.Tooltip("mean:Q", format=",.3~r", title=measure),
    ]
    lines = base.mark_line(point=True).encode(y=y, strokeDash=dash, tooltip=tips)
    ranges = base.mark_rule(opacity=0.35).encode(y="low:Q", y2="high:Q")
    return alt.LayerChart(layer=[ranges, lines]).properties(width="container", height=360)
