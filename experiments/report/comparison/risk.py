"""Risk: how the objective lies over draws, the chance of all goals, two KPIs and their price."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.front import front, pair_of
from experiments.report.charts import risk as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import called, strategy_name, with_unit
from experiments.report.comparison.scorecards import chance_of
from experiments.report.html import bilingual, chart, join, section, table, tag
from experiments.risk import Quantile, Spread, all_goals, spreads
from experiments.wording import in_unit, kpi_name

MEANING = (
    "Draws are markets that the scenario holds possible. P5, median and P95 are quantiles over "
    "them with their 95 % intervals; an end that so few draws do not bound is –. The worst fifth "
    "is the mean of the worst 20 % of draws (conditional value at risk) with its standard error. "
    "The noise of the simulation is taken out of all of these; points in the pictures have it."
)


def risk(comparison: Comparison, data: ReportData) -> Markup:
    """The section; empty where one draw shows nothing and no goals are set."""
    found = spreads(comparison.outcomes, comparison.objective)
    if comparison.replications < 2 and comparison.goals.empty:
        return Markup("")
    return section(
        "risk",
        "Risk",
        "风险",
        tag("p", MEANING, class_="note"),
        _draws(comparison, found),
        _table(comparison, found),
        _limits(found),
        two_kpis(comparison),
    )


def _draws(comparison: Comparison, found: dict[str, Spread]) -> Markup:
    values = comparison.values(comparison.objective)
    order = list(values.mean().sort_values(ascending=False).index)
    labels = {name: comparison.label(str(name)) for name in order}
    points = [(labels[name], float(value)) for name in order for value in values[name].dropna()]
    marks = [
        (
            labels[name],
            mine.p50.value if mine.p50 else None,
            mine.worst[0] if mine.worst else None,
        )
        for name in order
        if (mine := found[str(name)])
    ]
    drawing = charts.draws(
        pd.DataFrame(points, columns=["label", "value"]),
        pd.DataFrame(marks, columns=["label", "median", "worst"]).astype(
            {"median": float, "worst": float}
        ),
        unit=with_unit(comparison.objective, kpi_name(comparison.objective), comparison.currency),
    )
    words = (
        f"{kpi_name(comparison.objective).capitalize()} of each strategy in every draw: the median "
        "as a dot, the mean of the worst fifth as a tick."
    )
    return chart(themed(drawing), key="risk", label=words, caption=words)


def _table(comparison: Comparison, found: dict[str, Spread]) -> Markup:
    together = all_goals(comparison.goals)
    rows = [
        [
            strategy_name(comparison, name),
            *(_quantile(comparison, q) for q in (mine.p5, mine.p50, mine.p95)),
            _worst(comparison, mine),
            chance_of(together[name]) if name in together else "–",
        ]
        for name, mine in found.items()
    ]
    head = ["Strategy", "P5", "median", "P95", "worst fifth", "all goals together"]
    return table(head, rows)


def _limits(found: dict[str, Spread]) -> Markup:
    """What so few or so noisy draws do not tell, said once."""
    said = list(dict.fromkeys(mine.words for mine in found.values() if mine.words))
    return tag("p", "; ".join(said) + ".", class_="note") if said else Markup("")


def two_kpis(comparison: Comparison) -> Markup:
    """The picture of a KPI against the objective, and what the one costs in the other."""
    pair = pair_of(comparison.outcomes, comparison.goals, comparison.objective)
    if pair is None:
        return Markup("")
    x, y = pair
    wide = pd.DataFrame({
        key: comparison.values(kpi).stack()  # noqa: PD013 - one row a draw and strategy
        for key, kpi in (("x", x), ("y", y))
    }).dropna()  # fmt: skip
    points = wide.reset_index()
    points["label"] = [comparison.label(str(name)) for name in points["strategy"]]
    means = points.groupby("strategy", sort=False)[["x", "y"]].mean()
    best = front(means.rename(columns={"x": x, "y": y}), x, y)
    means["label"] = [comparison.label(str(name)) for name in means.index]
    titles = [with_unit(kpi, kpi_name(kpi), comparison.currency) for kpi in pair]
    drawing = charts.two_kpis(
        points[["label", "x", "y"]], means[["label", "x", "y"]], best[["x", "y"]],
        x=titles[0], y=titles[1],
    )  # fmt: skip
    words = (
        f"{kpi_name(y).capitalize()} against {kpi_name(x)} in every draw, means large. The line "
        "joins strategies that no other one beats in both."
    )
    return join([
        tag("h3", bilingual("Two KPIs against each other", "两项指标的取舍")),
        chart(themed(drawing), key="front", label=words, caption=words),
        tag("p", _prices(comparison, best, x, y), class_="note"),
    ])  # fmt: skip


def _prices(comparison: Comparison, best: pd.DataFrame, x: str, y: str) -> str:
    """Along the front, what one unit of a KPI costs in the other."""
    names = [called(comparison, str(name)) for name in best.index]
    if len(names) < 2:
        return f"{names[0][:1].upper()}{names[0][1:]} is best in both." if names else ""
    ends = zip(names, names[1:], best["price"].iloc[1:], strict=False)
    said = [
        f"from {a} to {b} one more unit of {kpi_name(x)} costs "
        f"{in_unit(y, float(price), comparison.currency)} of {kpi_name(y)}"
        for a, b, price in ends
    ]
    return f"Along the line: {'; '.join(said)} (means over draws)."


def _quantile(comparison: Comparison, told: Quantile | None) -> Markup | str:
    if told is None:
        return "–"
    value, low, high = (
        in_unit(comparison.objective, end, comparison.currency)
        for end in (told.value, told.low, told.high)
    )
    return join([value, tag("span", f" [{low}, {high}]", class_="even")])


def _worst(comparison: Comparison, mine: Spread) -> Markup | str:
    if mine.worst is None:
        return "–"
    value, se = (in_unit(comparison.objective, x, comparison.currency) for x in mine.worst)
    return join([value, tag("span", f" ± {se}", class_="even")])
