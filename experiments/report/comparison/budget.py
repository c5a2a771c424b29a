"""Other budgets: a slider over plans that were worked out beforehand, each with its certificate."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.charts import money as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import with_unit
from experiments.report.comparison.money import BudgetPlan, Budgets
from experiments.report.html import bilingual, chart, embedded, join, section, table, tag
from experiments.wording import in_unit, kpi_name
from tiermix.core.figures import money, percent, short_money, short_percent
from tiermix.core.language import said

MEANING = (
    "Each budget has the best plan that keeps the rules, on the curves that the shown plan was "
    "made on, worked out beforehand: figures are what these curves expect, before amounts are "
    "made calm and round. The market was not lived with them."
)
NO_PLAN = "no plan keeps the rules"


def budget(comparison: Comparison, data: ReportData) -> Markup:
    """The section; nothing where plans for other budgets were not worked out."""
    found = data.budgets
    if found is None:
        return Markup("")
    return section(
        "budget",
        "What another budget brings",
        "预算推演",
        tag("p", MEANING, class_="note"),
        _slider(found, comparison, data),
        _picture(found, comparison),
        _table(found, comparison),
    )


def _slider(found: Budgets, comparison: Comparison, data: ReportData) -> Markup:
    """A slider and a table; the page's script writes another budget's words into its cells."""
    channels = [
        n for n in map(str, data.channels["channel"]) if any(n in p.spend for p in found.plans)
    ]
    texts = [_texts(plan, found, channels, comparison, data) for plan in found.plans]
    usual = min(range(len(texts)), key=lambda i: abs(found.plans[i].budget - found.usual))
    cells = [tag("span", words, data_cell=i) for i, words in enumerate(texts[usual])]
    figures, amounts = cells[:4], cells[4:]
    rows = [
        [bilingual(*data.label(name)), *amounts[2 * i : 2 * i + 2]]
        for i, name in enumerate(channels)
    ]
    scale = tag(
        "input", type="range", min=0, max=len(texts) - 1, value=usual, step=1,
        aria_label="Budget of the year",
    )  # fmt: skip
    names = ("Budget", kpi_name(found.objective), _last(comparison.currency), "certificate")
    facts = [
        part for n, c in zip(names, figures, strict=True) for part in (tag("dt", n), tag("dd", c))
    ]
    spoken = [[said(word) for word in one] for one in texts]
    data_ = tag("script", embedded(spoken), type="application/json")
    change = "against last year"
    return tag(
        "div", tag("p", tag("label", "Budget of the year", " ", scale), class_="range"),
        tag("dl", *facts, class_="facts"), table(["Channel", "plan", change], rows), data_,
        class_="slider",
    )  # fmt: skip


def _last(currency: str) -> str:
    return f"the last {money(1, currency)} adds"


def _texts(
    plan: BudgetPlan, found: Budgets, channels: list[str], comparison: Comparison, data: ReportData
) -> list[str]:
    """All that the slider shows of a budget: four figures, then money and change by channel."""
    currency = comparison.currency
    share = plan.budget / found.usual - 1
    amount = short_money(plan.budget, currency)
    head = amount if abs(share) < 1e-9 else f"{amount} ({short_percent(share, signed=True)})"
    if not plan.spend:
        return [head, NO_PLAN, "–", "–", *["–"] * (2 * len(channels))]
    gap = (plan.upper - plan.value) / max(abs(plan.upper), 1e-12)
    certificate = f"within {percent(max(gap, 1e-5), 1)} of the best possible"
    texts = [
        head, in_unit(found.objective, plan.value, currency), _added(plan, found, currency),
        certificate,
    ]  # fmt: skip
    before = data.spent_by_channel
    for name in channels:
        now, was = plan.spend.get(name, 0.0), before.get(name, 0.0)
        texts += [
            short_money(now, currency),
            short_percent(now / was - 1, signed=True) if was else "–",
        ]
    return texts


def _added(plan: BudgetPlan, found: Budgets, currency: str) -> str:
    """What one unit more adds to the objective."""
    marginal = 0.0 if abs(plan.marginal) < 5e-4 else plan.marginal
    return in_unit(found.objective, marginal, currency, signed=True)


def _picture(found: Budgets, comparison: Comparison) -> Markup:
    points = pd.DataFrame(
        [(p.budget, p.value) for p in found.plans if p.spend], columns=["budget", "value"]
    )
    if len(points) < 2:
        return Markup("")
    marks = [(found.usual, "this budget", 4)]
    if found.pays_until is not None and points["budget"].min() < found.pays_until:
        marks.append((found.pays_until, "pays until here", 20))
    drawing = charts.by_budget(
        points, pd.DataFrame(marks, columns=["budget", "words", "place"]),
        x_title=with_unit("spend", "budget", comparison.currency),
        y_title=with_unit(found.objective, kpi_name(found.objective), comparison.currency),
    )  # fmt: skip
    words = f"The best {kpi_name(found.objective)} by budget, as the curves expect it."
    return chart(themed(drawing), key="budgets", label=words, caption=words)


def _table(found: Budgets, comparison: Comparison) -> Markup:
    currency, rows = comparison.currency, []
    usual = next((p.value for p in found.plans if abs(p.budget / found.usual - 1) < 1e-9), None)
    for plan in found.plans:
        share = short_percent(plan.budget / found.usual - 1, signed=True)
        cells: list[object] = [join([short_money(plan.budget, currency), " ", share])]
        if not plan.spend:
            rows.append([*cells, NO_PLAN, "–", "–"])
            continue
        step = "–" if usual is None else in_unit(
            found.objective, plan.value - usual, currency, signed=True
        )  # fmt: skip
        value = in_unit(found.objective, plan.value, currency)
        rows.append([*cells, value, step, _added(plan, found, currency)])
    goal = kpi_name(found.objective)
    return table(["Budget", goal, "against this budget", _last(currency)], rows)
