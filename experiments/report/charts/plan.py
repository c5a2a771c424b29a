"""Pictures of the annual plan, of its frontier, and of what binds, as Altair charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from experiments.report import html as markup
from experiments.report.charts.common import PLANNED, TIERS, TODAY, Chart, short_numbers, themed
from experiments.report.charts.comparison import plan_by_month
from experiments.report.frame import document, write_page
from experiments.report.html import tag

if TYPE_CHECKING:
    from optimize import Frontier, Plan
    from scenarios import Scenario


def plan_picture(plan: Plan, scenario: Scenario) -> alt.LayerChart:
    """Money by month (or week), stacked by tier, with last year's plan as ticks."""
    cells = plan.media.to_frame()
    cells["tier"] = [scenario.tier_of(str(name)) for name in cells["channel"]]
    months = cells.groupby(["tier", "month"])["amount"].sum().reset_index()
    before = scenario.reference_plan.by_periods_of(plan.media).by_month
    ticks = pd.DataFrame({"month": list(before), "amount": list(before.values())})
    unit = f"{scenario.currency} a {plan.unit}"
    return plan_by_month(months, ticks, unit=unit, tick=26 if plan.unit == "month" else 10)


def frontier_picture(frontier: Frontier, today: float | None = None) -> alt.LayerChart:
    """The best outcome along the number, its upper bound as a band; gaps where no plan is.

    The number of `today` is marked.
    """
    table = frontier.to_frame().rename(columns={frontier.of: "number"})
    found = table[[point.has_plan for point in frontier.points]]
    x = alt.X("number:Q", title=frontier.of, axis=short_numbers(5), scale=alt.Scale(zero=False))
    y = alt.Y(
        "value:Q", title=frontier.objective, axis=short_numbers(5), scale=alt.Scale(zero=False)
    )
    base = alt.Chart(found).encode(x=x)
    told = ("number", "value", "marginal")
    tips = [alt.Tooltip(f"{name}:Q", format=",.4~g") for name in told]
    band = base.mark_area(opacity=0.2, color=PLANNED).encode(
        y=alt.Y("lower:Q", title=None), y2="upper:Q"
    )
    line = base.mark_line(color=PLANNED, point=True).encode(y=y, tooltip=tips)
    layers = [band, line, *_pays_until(frontier), *_today(today)]
    return alt.LayerChart(layer=layers).properties(width="container", height=260)


def _today(number: float | None) -> list[alt.Chart]:
    """A line at the budget of today."""
    if number is None:
        return []
    where = alt.Chart(pd.DataFrame({"number": [number], "words": ["this budget"]}))
    where = where.encode(x="number:Q", tooltip=["words:N"])
    said = where.mark_text(align="right", baseline="bottom", dx=-5, color=TODAY)
    return [where.mark_rule(color=TODAY), said.encode(text="words:N", y=alt.value(250))]


def _pays_until(frontier: Frontier) -> list[alt.Chart]:
    """A line where the last unit of money begins to return less than it costs."""
    if frontier.pays_until is None:
        return []
    words = "from here on the last unit of money returns less than it costs"
    mark = pd.DataFrame({"number": [frontier.pays_until], "words": [words]})
    where = alt.Chart(mark).encode(x="number:Q", tooltip=["words:N"])
    rule = where.mark_rule(color=TODAY, strokeDash=[4, 3])
    said = where.mark_text(align="left", baseline="top", dx=5, color=TODAY, limit=300)
    return [rule, said.encode(text="words:N", y=alt.value(4))]


def binding_picture(plan: Plan) -> alt.Chart:
    """Each binding rule with what one step of its number is worth."""
    rows = [(p.rule, p.step, p.price, p.words) for p in plan.shadow_prices if p.binds]
    table = pd.DataFrame(rows, columns=["rule", "step", "price", "words"])
    table["label"] = table["rule"] + ": " + table["step"]
    sign = alt.condition("datum.price > 0", alt.value(TIERS[3]), alt.value(TODAY))
    bars = alt.Chart(table).mark_bar().encode(
        y=alt.Y("label:N", sort="-x", title=None, axis=alt.Axis(labelLimit=0)),
        x=alt.X("price:Q", title=f"{plan.objective.name} for one step", axis=short_numbers(5)),
        color=sign,
        tooltip=["words:N"],
    )  # fmt: skip
    chart: alt.Chart = bars.properties(width="container", height=max(26 * len(table), 60))
    return chart


def save_chart(chart: Chart, path: Path, title: str) -> Path:
    """A chart as one page like the report's, that needs no network and runs no text as script."""
    drawing = markup.chart(themed(chart), key="only", label=title)
    return write_page(path, document(title, tag("h1", title), drawing))


def plan_page(plan: Plan, scenario: Scenario) -> alt.VConcatChart:
    """The plan above what binds."""
    return alt.vconcat(
        plan_picture(plan, scenario).properties(width=640),
        binding_picture(plan).properties(width=420),
    )
