"""The recommended plan by tier, channel and month, and what the rules of it cost."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import SHOWN_WORLD, Comparison
from experiments.report.charts import comparison as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.quarters import by_quarter
from experiments.report.html import bilingual, chart, join, section, table, tag
from experiments.wording import TIERS
from tiermix.core.figures import short_money, short_number, short_percent


def plan(comparison: Comparison, data: ReportData) -> Markup:
    """The best strategy's money against last year's: one plan, the one of `plan.csv`."""
    best = comparison.shown
    new = _with_tiers(comparison.shown_plan(best), data)
    if new.empty:
        return Markup("")
    before = new.iloc[:0] if data.last_year is None else _with_tiers(data.last_year, data)
    by_month = before.groupby("month")["amount"].sum().reset_index()
    name = "last year's money"
    drawing = charts.plan_by_month(new, by_month, unit=comparison.currency, against=name)
    words = f"{comparison.label(best)}: money by month and tier."
    caption = words if before.empty else f"{words} The line across each bar is {name}."
    return section(
        "plan",
        "The plan",
        "预算方案",
        tag("p", which(comparison, best), class_="note"),
        chart(themed(drawing), key="plan", label=words, caption=caption),
        _table(comparison, best, new, before, data),
        by_quarter(comparison, new, data),
        _prices(data),
    )


def which(comparison: Comparison, strategy: str) -> str:
    """Which plan is shown, where a strategy plans otherwise in each world."""
    kept = "It is the file plan.csv beside this page."
    if not comparison.plan_differs(strategy):
        return f"The plan is the same in every world. {kept}"
    return (
        f"{comparison.label(strategy)} plans on what a company sees, which differs between worlds. "
        f"Shown is the plan of one: the first of {comparison.replications:,} worlds "
        f"(world {SHOWN_WORLD} of the tracked runs). Prices, binding rules and curves belong to "
        f"that plan; outcomes are means over all worlds. {kept}"
    )


def _with_tiers(amounts: pd.DataFrame, data: ReportData) -> pd.DataFrame:
    return amounts.assign(tier=[data.tier(str(name)) for name in amounts["channel"]])


def _table(
    comparison: Comparison, best: str, new: pd.DataFrame, old: pd.DataFrame, data: ReportData
) -> Markup:
    months, currency = sorted(new["month"].unique()), comparison.currency
    ranges = _ranges(comparison, best) if comparison.plan_differs(best) else None
    rows: list[list[object]] = []
    for tier, (english, chinese) in TIERS.items():
        mine, before = new[new["tier"] == tier], old[old["tier"] == tier]
        if mine["amount"].sum() + before["amount"].sum() == 0:
            continue
        share = short_percent(mine["amount"].sum() / new["amount"].sum())
        key = tag("span", "", class_="key", style=f"background:var(--tier-{tier})")
        rows.append([join([key, bilingual(f"{tier} · {english}", chinese), f" · {share}"])])
        for channel in (c for c in _ordered(new, data) if data.tier(c) == tier):
            pair = mine[mine["channel"] == channel], before[before["channel"] == channel]
            cells = _row(bilingual(*data.label(channel)), *pair, months, currency)
            rows.append(_with_range(cells, ranges, channel))
    everything = _with_range(_row("All", new, old, months, currency), ranges, "")
    rows.append([tag("strong", cell) for cell in everything])
    head = ["Channel", "last year", "year", "change", *(month[5:] for month in months)]
    return table(
        _with_range(head, {"": "worlds from … to"} if ranges else None, ""), rows, wide=True
    )


def _ranges(comparison: Comparison, strategy: str) -> dict[str, str]:
    """Least and most money of the year over worlds, by channel and for all of them ("")."""
    rows = comparison.plans[comparison.plans["strategy"] == strategy]
    by_world = rows.groupby(["channel", "world"])["amount"].sum().reset_index()
    whole = by_world.groupby("world")["amount"].sum().reset_index().assign(channel="")
    ends = pd.concat([by_world, whole]).groupby("channel")["amount"].agg(["min", "max"])
    return {
        str(name): f"{short_number(low)} … {short_number(high)}"
        for name, low, high in ends.itertuples()
    }


def _with_range(cells: list[object], ranges: dict[str, str] | None, channel: str) -> list[object]:
    """A row with its range over worlds behind the change, where plans differ between worlds."""
    return cells if ranges is None else [*cells[:4], ranges.get(channel, "–"), *cells[4:]]


def _ordered(amounts: pd.DataFrame, data: ReportData) -> list[str]:
    used = list(dict.fromkeys(map(str, amounts["channel"])))
    known = [str(name) for name in data.channels["channel"] if name in used]
    return known + [name for name in used if name not in known]


def _row(
    name: object, new: pd.DataFrame, old: pd.DataFrame, months: list[str], currency: str
) -> list[object]:
    total, before = float(new["amount"].sum()), float(old["amount"].sum())
    last = short_money(before, currency) if before else "–"
    by_month = new.groupby("month")["amount"].sum()
    change = short_percent(total / before - 1, signed=True) if before else ("new" if total else "–")
    cells = [short_money(float(by_month.get(month, 0.0)), "") for month in months]
    return [name, last, short_money(total, currency), change, *cells]


def _prices(data: ReportData) -> Markup:
    if not data.binding:
        return Markup("")
    rows = [
        [price.rule.replace("_", " "), price.words, short_number(price.price)]
        for price in data.binding
    ]
    title = bilingual("Rules that bind, and what they cost", "约束与影子价格")
    return join([tag("h3", title), table(["Rule", "In words", "price"], rows, words=2)])
