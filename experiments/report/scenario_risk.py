"""Risk on the page of a comparison over scenarios, and what money buys of the objective."""

from __future__ import annotations

import math

import pandas as pd
from markupsafe import Markup

from experiments.front import front
from experiments.report.charts import risk as pictures
from experiments.report.charts.common import themed
from experiments.report.comparison.figures import with_unit
from experiments.report.html import chart, join, section, table, tag
from experiments.risk import Spread, spreads
from experiments.scenario_comparison.result import ScenarioComparison, cell_of
from experiments.wording import in_unit, kpi_name

MOST_POINTS = 24
"""Cells up to which the picture of money against the objective shows every one."""


def risk(found: ScenarioComparison) -> Markup:
    """How the objective lies over draws, and money against it."""
    told: dict[str, Spread] = {}
    for n, one in found.compared.items():
        told |= {f"{n}:{name}": x for name, x in spreads(one.outcomes, one.objective).items()}
    rows = []
    for cell in found.shown:
        one, mine = found.compared[cell.variant], told[cell.name]
        ends = [q.value if q else math.nan for q in (mine.p5, mine.p50, mine.p95)]
        figures = [in_unit(one.objective, end, one.currency) for end in ends]
        worst = [in_unit(one.objective, x, one.currency) for x in mine.worst or ()]
        rows.append([found.label(cell), *figures, " ± ".join(worst) or "–"])
    said = list(
        dict.fromkeys(told[cell.name].words for cell in found.shown if told[cell.name].words)
    )
    head = ["Best plan of each variant", "P5", "median", "P95", "worst fifth"]
    return section(
        "risk",
        "Risk, and what money buys",
        "风险与预算",
        table(head, rows) if rows else "",
        tag("p", "; ".join(said) + ".", class_="note") if said else "",
        _money_against_objective(found),
    )


def _money_against_objective(found: ScenarioComparison) -> Markup:
    """Spend against the objective, where both are in one money and of one objective."""
    if found.not_compared and len({one.currency for one in found.compared.values()}) > 1:
        return Markup("")
    outcomes = found.outcomes
    wide = outcomes[outcomes["kpi"].isin(["spend", found.objective])].pivot_table(
        index=["strategy", "world"], columns="kpi", values="value"
    )
    if found.objective == "spend" or not {"spend", found.objective} <= set(wide.columns):
        return Markup("")
    points = wide.dropna().reset_index().rename(columns={"spend": "x", found.objective: "y"})
    if points["strategy"].nunique() > MOST_POINTS:
        points = points[points["strategy"].isin([cell.name for cell in found.shown])]
    means = points.groupby("strategy", sort=False)[["x", "y"]].mean()
    best = front(
        means.rename(columns={"x": "spend", "y": found.objective}), "spend", found.objective
    )
    for frame in (points, means):
        names = frame.get("strategy", frame.index)
        frame["label"] = [found.label(cell_of(str(name))) for name in names]
    titles = [with_unit(kpi, kpi_name(kpi), found.currency) for kpi in ("spend", found.objective)]
    drawing = pictures.two_kpis(
        points[["label", "x", "y"]], means[["label", "x", "y"]], best[["x", "y"]],
        x=titles[0], y=titles[1],
    )  # fmt: skip
    words = (
        f"{kpi_name(found.objective).capitalize()} against spend in every draw, means large. The "
        "line joins cells that no other one beats: more for less."
    )
    return join([
        chart(themed(drawing), key="front", label=words, caption=words),
        tag("p", _prices(found, best), class_="note"),
    ])  # fmt: skip


def _prices(found: ScenarioComparison, best: pd.DataFrame) -> str:
    """Along the front, what one more unit of money brings."""
    names = [found.label(cell_of(str(name))) for name in best.index]
    gains = [in_unit(found.objective, float(p), found.currency) for p in best["price"].iloc[1:]]
    said = [
        f"from {a} to {b} one more {found.currency} brings {gain}"
        for a, b, gain in zip(names, names[1:], gains, strict=False)
    ]
    if not said:
        return ""
    return f"Along the line, in {kpi_name(found.objective)}: {'; '.join(said)} (means over draws)."
