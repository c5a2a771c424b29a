"""Every strategy against the baseline: picture, table, and how each makes its plan."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import AS_IT_WAS, BEST_FOUND, Comparison
from experiments.report.charts import comparison as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import (
    amount,
    called,
    differences,
    of_objective,
    signed_range,
    strategy_name,
    verdict,
    with_error,
    with_unit,
)
from experiments.report.html import bilingual, chart, facts, join, section, table, tag
from experiments.wording import kpi_name
from tiermix.core.figures import short_money

MEANING = (
    "Paired differences: every strategy lived through the same worlds with the same random numbers."
    " Regret is what is lost against the best found, chosen on other worlds than judge it; where"
    " chance puts it below nothing it is told as nothing. Colours"
    " mark differences that remain after a correction for their number: of this objective over"
    " strategies (Holm), of all other figures on this page together (Benjamini and Yekutieli)."
    " Intervals are each for itself."
)

JUDGED = (
    "Rules on money are judged on the plan, exactly, in every draw. Rules on what the money brings "
    "are judged by what was lived: broken where the mean over draws lies outside the bound by more "
    "than chance explains (one-sided 95 %), or where no draw of five or more keeps it."
)


def strategies(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    steps = differences(comparison)
    mine = None if steps is None else of_objective(steps, comparison)
    return section(
        "strategies",
        "Strategies compared",
        "策略对比",
        tag("p", MEANING, class_="note"),
        Markup("") if mine is None else _chart(comparison, mine),
        _table(comparison, mine),
        _expected(comparison, data),
        _rules(comparison),
        _explained(comparison),
    )


def _chart(comparison: Comparison, steps: pd.DataFrame) -> Markup:
    rows = steps.sort_values("difference", ascending=False).reset_index()
    rows["label"] = [comparison.label(name) for name in rows["strategy"]]
    rows["verdict"] = [verdict(row) for _, row in rows.iterrows()]
    goal, old = kpi_name(comparison.objective), called(comparison, comparison.baseline)
    drawing = charts.strategies(
        rows[["label", "difference", "low", "high", "verdict"]],
        unit=with_unit(comparison.objective, f"more {goal}", comparison.currency),
    )
    words = f"Each strategy's {goal} against {old}, with its 95 % interval."
    return chart(themed(drawing), key="strategies", label=words, caption=words)


def _table(comparison: Comparison, steps: pd.DataFrame | None) -> Markup:
    means = comparison.values(comparison.objective).mean().sort_values(ascending=False)
    regrets, spend = comparison.regret().set_index("strategy"), comparison.spend()
    kpis = of_objective(comparison.kpis(), comparison)
    rows: list[list[object]] = [
        [
            strategy_name(comparison, str(name)),
            short_money(float(spend[name]), comparison.currency),
            with_error(comparison, kpis.loc[name, "mean"], kpis.loc[name, "se"]),
            _step(comparison, steps, name),
            BEST_FOUND
            if regrets.loc[name, "best_found"]
            else with_error(
                comparison, max(regrets.loc[name, "mean"], 0.0), regrets.loc[name, "se"]
            ),
            _broken(comparison, str(name)),
        ]
        for name in means.index
    ]
    rows += _as_it_was(comparison)
    old = f"against {called(comparison, comparison.baseline)} [95 %]"
    return table(
        ["Strategy", "spend", kpi_name(comparison.objective), old, "regret", "rules broken"], rows
    )


EXPECTED = (
    "What each plan was expected to bring by the curves that it was made on, and what the market "
    "gave for it. Brackets: how well the curves are known (90 %)."
)


def _expected(comparison: Comparison, data: ReportData) -> Markup:
    """The optimizer's expectation beside what was lived."""
    if data.expected is None or data.expected.empty:
        return Markup("")
    kpis = of_objective(comparison.kpis(), comparison)
    rows = []
    for one in data.expected.to_dict("records"):
        name = str(one["strategy"])
        if name not in kpis.index:
            continue
        mine = kpis.loc[name]
        lived, error = float(mine["mean"]), float(mine["se"])
        ends = [amount(comparison, float(one[key])) for key in ("low", "high")]
        known = tag("span", f" [{ends[0]}, {ends[1]}]", class_="even") if "–" not in ends else ""
        rows.append([
            strategy_name(comparison, name),
            join([amount(comparison, float(one["expected"])), known]),
            with_error(comparison, lived, error),
            amount(comparison, lived - float(one["expected"]), signed=True),
        ])  # fmt: skip
    if not rows:
        return Markup("")
    goal = kpi_name(comparison.objective)
    head = ["Strategy", f"{goal} expected", "the market gave ± se", "difference"]
    title = tag("h3", bilingual("The optimizer expected, the market gave", "优化预期与市场实际"))
    return join([title, tag("p", EXPECTED, class_="note"), table(head, rows)])


def _as_it_was(comparison: Comparison) -> list[list[object]]:
    """Last year as a row of its own: no strategy, but what all of them are held against."""
    found = comparison.before()
    kpis = found[found["scope"] == "all"].set_index("kpi")
    if "spend" not in kpis.index or comparison.objective not in kpis.index:
        return []
    means, errors = kpis["mean"].to_dict(), kpis["se"].to_dict()
    mean, error = means[comparison.objective], errors[comparison.objective]
    spent = short_money(float(means["spend"]), comparison.currency)
    name = bilingual(AS_IT_WAS.capitalize(), "去年实际")
    return [[name, spent, with_error(comparison, mean, error), "", "", ""]]


def _step(comparison: Comparison, steps: pd.DataFrame | None, name: Any) -> Markup:
    if steps is None or name not in steps.index:
        return tag("span", "–", class_="even")
    return signed_range(comparison.objective, steps.loc[name], comparison.currency)


def _broken(comparison: Comparison, name: str) -> Markup:
    """How many rules a strategy breaks."""
    count = len(comparison.standing(name).broken)
    return tag("span", str(count) if count else "none", class_="down" if count else "even")


def _rules(comparison: Comparison) -> Markup:
    """Which rules each strategy breaks, by how much, and what came of rules on outcomes."""
    rows = []
    for name in comparison.strategies:
        standing = comparison.standing(name)
        said = [rule.words for rule in standing.broken]
        said += [
            rule.words if rule.kept == rule.draws else f"{rule.words} (no breach told)"
            for rule in standing.lived
            if not rule.broken
        ]
        said += [f"{rule}: not judged, the market has no figure" for rule in standing.unjudged]
        if standing.fallback_draws:
            said.append(
                f"no plan of its own in {standing.fallback_draws} of {standing.draws} draws, where "
                "it kept last year's"
            )
        rows += [
            [strategy_name(comparison, name) if not n else "", line] for n, line in enumerate(said)
        ]
    if not rows:
        return Markup("")
    return join([
        tag("h3", bilingual("Rules, strategy by strategy", "规则遵守情况")),
        tag("p", JUDGED, class_="note"),
        table(["Strategy", "rule"], rows, words=2),
    ])  # fmt: skip


def _explained(comparison: Comparison) -> Markup:
    """How each strategy makes its plan, and which of them no company can follow."""
    words = {}
    for name in comparison.strategies:
        strategy = comparison.strategy(name)
        if strategy is not None and (strategy.explains or strategy.privileged):
            said = [strategy.explains] if strategy.explains else []
            if strategy.privileged and "only a simulator" not in strategy.explains:
                said.append("Only a simulator can follow it.")
            if cost := comparison.tests_cost(name):
                money = short_money(cost, comparison.currency)
                said.append(f"Its tests cost {money} of last year's margin, not counted here.")
            words[strategy.label] = " ".join(said)
    return facts(words) if words else Markup("")
