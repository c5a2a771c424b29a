"""The page of a comparison over scenarios: which variant, at what chance, with which plan."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.comparison.cells import of_kpi
from experiments.report.charts import comparison as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.figures import signed_range, verdict, with_unit
from experiments.report.comparison.scorecards import chance_of
from experiments.report.frame import document
from experiments.report.html import chart, facts, join, masthead, rich, section, table, tag
from experiments.report.scenario_risk import risk
from experiments.risk import all_goals
from experiments.scenario_comparison.result import Cell, ScenarioComparison, cell_of
from experiments.stats import Interval
from experiments.wording import counted, in_unit, kpi_name
from optimize import InfeasiblePlan
from scenarios import KPIS
from tiermix.core.figures import short_money

MEANING = (
    "All variants live through the same draws: the same people, the same luck, and the same draw "
    "of every uncertain parameter that they have in common. Differences are paired over draws, "
    "with 95 % intervals each for itself; colours mark those that remain after a correction for "
    "their number."
)


def page(found: ScenarioComparison) -> str:
    """The page as one HTML document."""
    return document(_title(found), *(part(found) for part in SECTIONS))


def _title(found: ScenarioComparison) -> str:
    return f"Scenarios compared: {', '.join(dict.fromkeys(v.name for v in found.variants))}"


def _top(found: ScenarioComparison) -> Markup:
    made = (
        f"{counted(len(found.variants), 'variant')} · {counted(found.replications, 'draw')} · seed "
        f"{found.seed} · against {found.label(found.baseline)}"
    )
    return masthead(_title(found), made, rich(_headline(found)))


def _headline(found: ScenarioComparison) -> str:
    """The variant whose best plan earns most, against the first, and whether that may be chance."""
    best, goal = found.best, kpi_name(found.objective)
    if not best:
        return "**Nothing to recommend**: no strategy keeps all rules and can be followed."
    first = found.variants[best[0].variant].label
    if len(best) < 2:
        return f"**{found.compared[best[0].variant].label(best[0].strategy)}** is best in {first}."
    steps = of_kpi(found.against(best[0], best), found.objective)
    if steps.empty:
        return f"**{len(best)} variants**, each with a best plan; no differences can be told."
    lead = steps["difference"]
    top = str(lead.idxmax())
    if not lead[top] > 0:
        return f"**{first}**: no other variant earns more {goal} with its best plan."
    step = steps.loc[top]
    name = found.variants[int(top.partition(":")[0])].label
    gain = in_unit(found.objective, float(step["difference"]), found.currency)
    sure = "" if step["better"] else ", but that may be chance"
    return f"**{name}** earns **{gain}** more {goal} than {first}, each with its best plan{sure}."


def _answer(found: ScenarioComparison) -> Markup:
    """A row a variant: what it recommends, and what that brings."""
    together = all_goals(found.goals)
    steps = of_kpi(found.between, found.objective)
    rows = []
    for cell in found.shown:
        one = found.compared[cell.variant]
        rows.append([
            found.variants[cell.variant].label, _recommended(found, cell),
            short_money(float(one.spend()[cell.strategy]), one.currency),
            _mean(found, cell, one.objective), _mean(found, cell, beside(found.objective)),
            _step(found, steps, cell),
            chance_of(together[cell.name]) if cell.name in together else "–",
        ])  # fmt: skip
    first = found.label(found.shown[0])
    head = ["Variant", "recommended", "spend", *_heads(found), f"against {first} [95 %]"]
    words = [tag("p", line + ".", class_="note") for line in found.not_compared]
    return section(
        "answer",
        "The best plan of each variant",
        "各组的最优方案",
        tag("p", MEANING, class_="note"),
        table([*head, "all goals together"], rows, words=2) if rows else "",
        *words,
    )


def beside(objective: str) -> str:
    """The KPI that stands beside the objective: profit, or what it comes from."""
    return "revenue" if objective == "profit" else "profit"


def _heads(found: ScenarioComparison) -> list[str]:
    every = {one.objective for one in found.compared.values()}
    own = kpi_name(found.objective) if len(every) == 1 else "objective"
    return [own, kpi_name(beside(found.objective))]


def _recommended(found: ScenarioComparison, cell: Cell) -> str:
    """A variant's best plan; where none keeps all rules, what is shown in its place."""
    label = found.compared[cell.variant].label(cell.strategy)
    if found.recommended(cell.variant) is not None:
        return label
    return f"none that keeps all rules and can be followed; shown: {label}, which earns most"


def _refused(found: ScenarioComparison) -> Markup:
    """Variants in which no plan keeps the rules, and which rules conflict."""
    rows = [
        [variant.label, str(one)]
        for variant, one in zip(found.variants, found.found, strict=True)
        if isinstance(one, InfeasiblePlan)
    ]
    if not rows:
        return Markup("")
    body = table(["Variant", "what cannot hold together"], rows, words=2)
    return section("refused", "No plan keeps the rules", "规则无法同时满足", body)


def _cells(found: ScenarioComparison) -> Markup:
    steps, together = of_kpi(found.steps, found.objective), all_goals(found.goals)
    rows: list[list[object]] = []
    for n, one in found.compared.items():
        rows.append([found.variants[n].label])
        for name in one.strategies:
            cell, broken = Cell(n, name), len(one.standing(name).broken)
            rows.append([
                one.label(name), short_money(float(one.spend()[name]), one.currency),
                _mean(found, cell, one.objective), _mean(found, cell, beside(found.objective)),
                _step(found, steps, cell),
                chance_of(together[cell.name]) if cell.name in together else "–",
                tag("span", broken or "none", class_="down" if broken else "even"),
            ])  # fmt: skip
    head = ["Strategy", "spend", *_heads(found), f"against {found.label(found.baseline)}"]
    return section(
        "cells",
        "All variants and strategies",
        "全部组与策略",
        _differences(found, steps),
        table([*head, "all goals together", "rules broken"], rows),
    )


def _differences(found: ScenarioComparison, steps: pd.DataFrame) -> Markup:
    """The picture of all cells against the baseline."""
    if steps.empty:
        return Markup("")
    drawn = steps.reset_index()
    drawn["label"] = [found.label(cell_of(name)) for name in drawn["strategy"]]
    drawn["verdict"] = [verdict(row) for _, row in drawn.iterrows()]
    goal, base = kpi_name(found.objective), found.label(found.baseline)
    unit = with_unit(found.objective, f"more {goal}", found.currency)
    picture = charts.strategies(drawn[["label", "difference", "low", "high", "verdict"]], unit=unit)
    words = f"The {goal} of each cell against {base}, with its 95 % interval."
    return chart(themed(picture), key="cells", label=words, caption=words)


def _goals(found: ScenarioComparison) -> Markup:
    """The chance of each goal with each variant's best plan."""
    names = list(dict.fromkeys(found.goals["goal"]))
    if not names:
        return Markup("")
    told = {
        n: one.goal_probabilities().set_index(["strategy", "goal"])
        for n, one in found.compared.items()
    }
    together = all_goals(found.goals)
    rows: list[list[object]] = []
    for goal in names:
        cells = []
        for cell in found.shown:
            mine, key = told[cell.variant], (cell.strategy, goal)
            cells.append(_chance(mine.loc[key]) if key in mine.index else "–")
        rows.append([str(goal).replace("_", " "), *cells])
    every = [chance_of(together[c.name]) if c.name in together else "–" for c in found.shown]
    rows.append(["all of them together", *every])
    head = ["Goal", *(found.label(cell) for cell in found.shown)]
    return section("goals", "Chances of the goals", "目标达成概率", table(head, rows, wide=True))


def _plans(found: ScenarioComparison) -> Markup:
    """The year's money of each variant's best plan by channel, side by side."""
    years, before = {}, {}
    for cell in found.shown:
        plan = found.compared[cell.variant].shown_plan(cell.strategy)
        years[cell] = plan.groupby("channel", sort=False)["amount"].sum()
        before[cell] = found.variants[cell.variant].scenario.last_year.by_channel
    channels = list(dict.fromkeys(name for year in years.values() for name in year.index))
    rows = [
        [
            name.replace("_", " "),
            *(
                _money(found, cell, years[cell].get(name), before[cell].get(name))
                for cell in found.shown
            ),
        ]
        for name in channels
    ]
    totals = [_money(found, c, years[c].sum(), sum(before[c].values())) for c in found.shown]
    head = ["Channel", *(found.label(cell) for cell in found.shown)]
    note = (
        "A year's money of each best plan as made in the first draw, with the change on last year."
    )
    return section(
        "plans",
        "The plans side by side",
        "方案对照",
        tag("p", note, class_="note"),
        table(head, [*rows, ["all", *totals]], wide=True),
    )


def _money(found: ScenarioComparison, cell: Cell, now: Any, last: Any) -> Markup | str:
    if now is None:
        return "–"
    words = short_money(float(now), found.compared[cell.variant].currency)
    change = f" ({float(now) / last - 1:+.0%})".replace("-", "−") if last else ""
    return join([words, tag("span", change, class_="even")])


def _kpis(found: ScenarioComparison) -> Markup:
    """KPIs of each variant's best plan, with differences to the first where they can be told."""
    steps = found.between.set_index(["strategy", "kpi"]) if len(found.shown) > 1 else None
    rows = []
    for kpi in KPIS:
        cells: list[object] = []
        for cell in found.shown:
            value = _mean(found, cell, kpi)
            row = None
            if steps is not None and (cell.name, kpi) in steps.index:
                row = steps.loc[(cell.name, kpi)]
            step = Markup("") if row is None else signed_range(kpi, row, found.currency)
            cells.append(join([value, tag("div", step)]) if row is not None else value)
        if any(str(x) != "–" for x in cells):
            rows.append([tag("span", kpi_name(kpi), title=KPIS[kpi].definition), *cells])
    head = ["KPI", *(found.label(cell) for cell in found.shown)]
    return section("kpis", "KPIs side by side", "指标对照", table(head, rows, wide=True))


def _provenance(found: ScenarioComparison) -> Markup:
    pairs: dict[str, object] = {
        variant.label: f"{variant.scenario.hash} · {customers:,} customers"
        for variant, customers in zip(found.variants, found.customers, strict=True)
    }
    kept = {"variants kept from a run that was cut off": found.reused} if found.reused else {}
    return section("provenance", "Provenance", "可复现信息", facts({**pairs, **kept}))


def _mean(found: ScenarioComparison, cell: Cell, kpi: str) -> Markup | str:
    """A KPI's mean over draws, with its error."""
    if (cell.name, kpi) not in found.means:
        return "–"
    currency = found.compared[cell.variant].currency
    mean, se = (in_unit(kpi, x, currency) for x in found.means[cell.name, kpi])
    return join([mean, tag("span", f" ± {se}", class_="even")])


def _step(found: ScenarioComparison, steps: pd.DataFrame, cell: Cell) -> Markup:
    if cell.name not in steps.index:
        return tag("span", "–", class_="even")
    return signed_range(found.objective, steps.loc[cell.name], found.currency)


def _chance(row: pd.Series) -> Markup:
    ends = [float(row[key]) for key in ("probability", "low", "high")]
    return chance_of(Interval(ends[0], math.nan, ends[1], ends[2]))


SECTIONS = (_top, _answer, _refused, _cells, _goals, risk, _plans, _kpis, _provenance)
"""The parts of the page in their order."""
