"""Scorecards: goals with their chances, then every KPI by tier, the best against the baseline."""

import math

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import called, differences, signed_range
from experiments.report.html import bilingual, join, section, table, tag
from experiments.risk import all_goals
from experiments.stats import Interval
from experiments.wording import TIERS, in_unit, kpi_name
from scenarios import KPIS
from tiermix.core.figures import short_percent


def scorecards(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    best = comparison.shown
    parts = [_goals(comparison, best), _kpis(comparison, best)]
    return section("scorecards", "Scorecards by tier", "分级记分卡", *parts)


def _goals(comparison: Comparison, best: str) -> Markup:
    goals = comparison.goal_probabilities()
    if goals.empty:
        return Markup("")
    old = goals[goals["strategy"] == comparison.baseline].set_index("goal")
    rows = [
        [
            str(row["goal"]).replace("_", " "),
            in_unit(row["kpi"], row["target"], comparison.currency),
            in_unit(row["kpi"], row["actual"], comparison.currency),
            _chance(row),
            _chance(old.loc[row["goal"]]) if row["goal"] in old.index else "–",
        ]
        for _, row in goals[goals["strategy"] == best].iterrows()
    ]
    together = all_goals(comparison.goals)
    both = [together.get(name) for name in (best, comparison.baseline)]
    rows.append(["all of them together", "", "", *(chance_of(one) if one else "–" for one in both)])
    chances = [f"chance: {called(comparison, s)}" for s in (best, comparison.baseline)]
    return table(["Goal", "target", "expected", *chances], rows)


def _chance(row: pd.Series) -> Markup:
    ends = (float(row[key]) for key in ("probability", "low", "high"))
    return chance_of(Interval(next(ends), math.nan, *ends))


def chance_of(chance: Interval[float]) -> Markup:
    """A chance with its interval and a bar."""
    fill = tag("i", "", style=f"width:{100 * chance.estimate:.0f}%")
    low, high = (short_percent(end) for end in (chance.low, chance.high))
    ends = tag("span", f"[{low}, {high}]", class_="even")
    words = f"{short_percent(chance.estimate)} "
    return join([words, ends, tag("span", fill, class_="bar", aria_hidden="true")])


def _kpis(comparison: Comparison, best: str) -> Markup:
    kpis = comparison.kpis()
    means = kpis[kpis["scope"] == "all"].set_index(["strategy", "kpi"])["mean"]
    steps = _steps(comparison, best)
    rows: list[list[object]] = []
    for tier in (None, *TIERS):
        known = [k for k, kpi in KPIS.items() if kpi.tier == tier and (best, k) in means.index]
        if known:
            words = ("Whole company", "整体") if tier is None else TIERS[tier]
            rows.append([bilingual(words[0] if tier is None else f"{tier} · {words[0]}", words[1])])
            rows += [_kpi(comparison, kpi, best, means, steps) for kpi in known]
    names = [comparison.label(name) for name in (comparison.baseline, best)]
    return table(["KPI", *names, "difference [95 %]"], rows)


def _steps(comparison: Comparison, best: str) -> pd.DataFrame:
    steps = differences(comparison)
    if steps is None:
        return pd.DataFrame()
    return steps[(steps["strategy"] == best) & (steps["scope"] == "all")].set_index("kpi")


def _kpi(
    comparison: Comparison, kpi: str, best: str, means: pd.Series, steps: pd.DataFrame
) -> list[object]:
    both = [means.get((name, kpi), math.nan) for name in (comparison.baseline, best)]
    values = [in_unit(kpi, float(value), comparison.currency) for value in both]
    step: object = "–"
    if kpi in steps.index:
        step = signed_range(kpi, steps.loc[kpi], comparison.currency)
    return [tag("span", kpi_name(kpi), title=KPIS[kpi].definition), *values, step]
