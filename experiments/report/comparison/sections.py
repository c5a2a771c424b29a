"""The report's first sections: the answer, the strategies, the plan, the response curves."""

from typing import Any

import pandas as pd

from experiments.comparison.result import PRIVILEGED, Comparison
from experiments.report.charts import comparison as plots
from experiments.report.comparison.data import Evidence
from experiments.report.comparison.summary import answer
from experiments.report.html import Html, bilingual, chart, join, rich, table, tag
from experiments.wording import (
    TIERS,
    in_unit,
    kpi_name,
    money,
    percent,
    strategy_name,
    strategy_name_zh,
)


def themed(drawing: plots.Chart) -> dict[str, Any]:
    """A chart's specification with our colours as CSS variables, so that dark and paper work."""
    return dict(_with_variables(drawing.to_dict()))


def section(key: str, english: str, chinese: str, *content: object) -> Html:
    """A titled section that links can point to."""
    return tag("section", tag("h2", bilingual(english, chinese)), *content, id=key)


def first_screen(comparison: Comparison, evidence: Evidence) -> Html:
    """The answer: headline, what surrounds it, four cards, and the strategies in one picture."""
    found = answer(comparison, evidence)
    cards = [
        tag(
            "div",
            tag("dt", title),
            tag("dd", big, class_="big"),
            tag("dd", small, class_="small"),
            class_="card",
        )
        for title, big, small in found.cards
    ]
    return tag(
        "section",
        tag("div", rich(found.headline), class_="headline", role="heading", aria_level="1"),
        *(tag("p", rich(sentence), class_="lead") for sentence in found.sentences),
        tag("dl", *cards, class_="cards"),
        id="answer",
    )


def strategies(comparison: Comparison, evidence: Evidence) -> Html:
    """Every strategy against the baseline: picture, table, and what the marks mean."""
    steps = _objective(comparison.against(), comparison) if _has_baseline(comparison) else None
    picture = _strategy_chart(comparison, steps) if steps is not None else Html("")
    told = "Paired differences: every strategy lived through the same worlds with the same luck. "
    told += "Regret is what is lost against the best found, chosen on other worlds than judge it."
    return section(
        "strategies",
        "Strategies compared",
        "策略对比",
        tag("p", told, class_="note"),
        picture,
        _strategy_table(comparison, steps),
        _privileged_note(comparison),
    )


def plan(comparison: Comparison, evidence: Evidence) -> Html:
    """The best strategy's money by tier, channel and month, against the baseline's."""
    best = comparison.best().strategy
    new = _with_tiers(comparison.plan(best), evidence)
    if new.empty:
        return Html("")
    old = new.iloc[:0]
    if _has_baseline(comparison):
        old = _with_tiers(comparison.plan(comparison.baseline), evidence)
    before = old.groupby("month")["amount"].sum().reset_index()
    drawing = plots.plan_by_month(new, before, unit=comparison.currency)
    words = f"{strategy_name(best)}: money by month and tier."
    caption = f"{words} The line across each bar is last year's plan."
    return section(
        "plan",
        "The plan",
        "预算方案",
        chart(themed(drawing), key="plan", label=words, caption=caption),
        _plan_table(new, old, comparison.currency, evidence),
        _prices(evidence),
    )


def curves(comparison: Comparison, evidence: Evidence) -> Html:
    """One small picture per channel: response to money, today and as planned."""
    if evidence.curves is None or evidence.curves.empty:
        return Html("")
    points = evidence.points if evidence.points is not None else _no_points()
    pictures: list[Html] = []
    for channel, curve in evidence.curves.groupby("channel", sort=False):
        english, chinese = evidence.label(str(channel))
        drawing = plots.response_curve(
            curve,
            points[points["channel"] == channel],
            colour=plots.TIERS[evidence.tier(str(channel))],
        )
        picture = chart(
            themed(drawing),
            key=f"curve-{len(pictures)}",
            label=f"Response of {english} to monthly spend",
        )
        pictures.append(tag("div", tag("h3", bilingual(english, chinese)), picture))
    note = (
        f"Across: spend a month ({comparison.currency}). Up: {evidence.response_unit}. "
        "The band is the 95 % interval; the grey dot is today, the red diamond is planned."
    )
    return section(
        "curves",
        "What more money does",
        "响应曲线",
        tag("p", note, class_="note"),
        tag("div", *pictures, class_="few"),
    )


def _with_variables(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_variables(item) for key, item in value.items() if key != "$schema"}
    if isinstance(value, list):
        return [_with_variables(item) for item in value]
    name = next((name for name, colour in plots.COLOURS.items() if colour == value), None)
    return f"var(--{name})" if name else value


def _has_baseline(comparison: Comparison) -> bool:
    return comparison.baseline in comparison.strategies


def _objective(table_: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    here = (table_["scope"] == "all") & (table_["kpi"] == comparison.objective)
    return table_[here].set_index("strategy")


def _verdict(row: pd.Series) -> str:
    if row["better"]:
        return "better"
    apart = row["low"] > 0 or row["high"] < 0
    return "worse" if apart else "not told apart"


def _strategy_chart(comparison: Comparison, steps: pd.DataFrame) -> Html:
    rows = steps.sort_values("difference", ascending=False).reset_index()
    rows["label"] = [strategy_name(name) for name in rows["strategy"]]
    rows["verdict"] = [_verdict(row) for _, row in rows.iterrows()]
    goal, old = kpi_name(comparison.objective), strategy_name(comparison.baseline).lower()
    drawing = plots.strategies(
        rows[["label", "difference", "low", "high", "verdict"]],
        unit=f"more {goal} ({comparison.currency})",
    )
    words = f"Each strategy's {goal} against {old}, with its 95 % interval."
    return chart(themed(drawing), key="strategies", label=words, caption=words)


def _strategy_table(comparison: Comparison, steps: pd.DataFrame | None) -> Html:
    means = comparison.values(comparison.objective).mean().sort_values(ascending=False)
    regrets, spend = comparison.regret().set_index("strategy"), comparison.spend()
    kpis = _objective(comparison.kpis(), comparison)
    rows = [
        [
            bilingual(strategy_name(str(name)), strategy_name_zh(str(name))),
            money(float(spend[name]), comparison.currency),
            _plus_minus(comparison, kpis.loc[name, "mean"], kpis.loc[name, "se"]),
            _step_cell(comparison, steps, name),
            _plus_minus(comparison, regrets.loc[name, "mean"], regrets.loc[name, "se"]),
        ]
        for name in means.index
    ]
    old = f"against {strategy_name(comparison.baseline).lower()} [95 %]"
    return table(["Strategy", "spend", kpi_name(comparison.objective), old, "regret"], rows)


def _plus_minus(comparison: Comparison, value: Any, error: Any) -> Html:
    words = [in_unit(comparison.objective, float(x), comparison.currency) for x in (value, error)]
    return join([words[0], tag("span", f" ± {words[1]}", class_="even")])


def _step_cell(comparison: Comparison, steps: pd.DataFrame | None, name: Any) -> Html:
    if steps is None or name not in steps.index:
        return tag("span", "–", class_="even")
    row = steps.loc[name]
    return signed_range(comparison.objective, row, comparison.currency)


def signed_range(kpi: str, row: Any, currency: str) -> Html:
    """A difference with its interval, coloured when it excludes zero."""
    step, low, high = (
        in_unit(kpi, float(row[key]), currency, signed=True)
        for key in ("difference", "low", "high")
    )
    style = {"better": "up", "worse": "down"}.get(_verdict(row), "even")
    return join([tag("span", step, class_=style), tag("span", f" [{low}, {high}]", class_="even")])


def _privileged_note(comparison: Comparison) -> Html:
    known = [strategy_name(name).lower() for name in comparison.strategies if name in PRIVILEGED]
    if not known:
        return Html("")
    words = " and ".join(known)
    return tag("p", f"Only a simulator can follow: {words}.", class_="note")


def _with_tiers(amounts: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    return amounts.assign(tier=[evidence.tier(str(name)) for name in amounts["channel"]])


def _plan_table(new: pd.DataFrame, old: pd.DataFrame, currency: str, evidence: Evidence) -> Html:
    months = sorted(new["month"].unique())
    rows: list[list[object]] = []
    for tier, (english, chinese) in TIERS.items():
        mine, before = new[new["tier"] == tier], old[old["tier"] == tier]
        if mine["amount"].sum() + before["amount"].sum() == 0:
            continue
        share = percent(mine["amount"].sum() / new["amount"].sum())
        key = tag("span", "", class_="key", style=f"background:var(--tier-{tier})")
        rows.append([join([key, bilingual(f"{tier} · {english}", chinese), f" · {share}"])])
        channels = [c for c in _ordered(new, evidence) if evidence.tier(c) == tier]
        for channel in channels:
            line = mine[mine["channel"] == channel], before[before["channel"] == channel]
            rows.append(_plan_row(bilingual(*evidence.label(channel)), *line, months, currency))
    rows.append([tag("strong", cell) for cell in _plan_row("All", new, old, months, currency)])
    head = ["Channel", "year", "change", *(month[5:] for month in months)]
    return table(head, rows, wide=True)


def _ordered(amounts: pd.DataFrame, evidence: Evidence) -> list[str]:
    used = list(dict.fromkeys(map(str, amounts["channel"])))
    known = [str(name) for name in evidence.channels["channel"] if name in used]
    return known + [name for name in used if name not in known]


def _plan_row(
    name: object, new: pd.DataFrame, old: pd.DataFrame, months: list[str], currency: str
) -> list[object]:
    total, before = float(new["amount"].sum()), float(old["amount"].sum())
    by_month = new.groupby("month")["amount"].sum()
    change = percent(total / before - 1, signed=True) if before else ("new" if total else "–")
    cells = [money(float(by_month.get(month, 0.0)), "") for month in months]
    return [name, money(total, currency), change, *cells]


def _prices(evidence: Evidence) -> Html:
    if not evidence.binding:
        return Html("")
    rows = [
        [price.rule.replace("_", " "), price.words, f"{price.price:,.3g}".replace("-", "−")]
        for price in evidence.binding
    ]
    return join(
        [
            tag("h3", bilingual("Rules that bind, and what they cost", "约束与影子价格")),
            table(["Rule", "In words", "price"], rows, words=2),
        ]
    )


def _no_points() -> pd.DataFrame:
    return pd.DataFrame(columns=["channel", "point", "spend", "response"])
