"""The page of a validation: which model to trust here, and what it costs to trust the wrong one."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.report.charts import comparison
from experiments.report.charts.common import NOT_SIGNIFICANT, themed
from experiments.report.charts.validation import along_sweep
from experiments.report.frame import document, write_page
from experiments.report.html import chart, masthead, rich, section, table, tag
from experiments.validation.result import (
    GAPS,
    MEASURES,
    REFERENCES,
    TOGETHER,
    TOUCH_MEASURES,
    TRUE_CREDIT,
    Validation,
)
from experiments.wording import counted
from tiermix.core.figures import short_money, short_number, short_percent

SHOWN = ("last_click", "linear", "markov", "shapley_incremental", "hazard")
"""Models of the picture against the truth, where they were tried; all others are in the table."""
GROUPS = (
    "Rows that share a letter of their group are not told apart by the margin they lose, and a "
    "rank is as wide as that leaves it: intervals of all pairs hold together (95 %, Bonferroni)."
)


def write_validation(path: Path, found: Validation) -> Path:
    """Write a validation as one HTML file that opens without a network."""
    return write_page(path, page(found))


def page(found: Validation) -> str:
    """The page as one HTML document."""
    return document(f"Attribution against the truth: {found.scenario}", *sections(found))


def sections(found: Validation) -> list[Markup]:
    """The parts of the page, each a section that other pages can take over."""
    parts = [_top(found)]
    parts += [_along(found)] if found.sweep else [_regret(found), _against_truth(found)]
    parts += [_failures(found)] if found.failed else []
    return [*parts, _errors(found), _touches(found), _words(found)]


def _failures(found: Validation) -> Markup:
    items = [tag("li", what) for what in found.failed.values()]
    return section("failed", "Models without a figure", "未能评估的模型", tag("ul", *items))


def _top(found: Validation) -> Markup:
    made = (
        f"{counted(found.replications, 'world')} of {found.customers:,} customers · seed "
        f"{found.seed} · truth: {found.estimand} · scenario {found.scenario_hash}"
    )
    title = f"Attribution against the truth: {found.scenario}"
    return masthead(title, made, rich(_headline(found)))


def _headline(found: Validation) -> str:
    if found.sweep:
        table = found.along()
        table = table[table["model"].isin(found.models)]
        last = table[table["at"] == table["at"].max()].sort_values("mean")
        return (
            f"With {found.sweep} at {last['at'].iloc[0]:g}, **{last['model'].iloc[0]}** errs least"
        )
    losses = found.regret().set_index("plan")
    models = losses.loc[[name for name in losses.index if name in found.models]]
    best, worst = models.iloc[0], models.iloc[-1]
    least, most = (short_money(row["mean"], found.currency) for row in (best, worst))
    return (
        f"Planning on **{models.index[0]}** loses {least} of margin a year; "
        f"planning on {models.index[-1]} loses {most}"
    )


def _regret(found: Validation) -> Markup:
    note = (
        "The same budget is planned on curves made from each credit by one mapping (hill at last "
        "year), and each plan is lived in the same market with fresh luck. Lost is what the plan "
        "from true credit through the same mapping earns more; one column is against the best plan "
        "found, chosen in other worlds than judge it."
    )
    return section(
        "regret",
        "What it costs to trust it",
        "信错模型的代价",
        tag("p", note, class_="note"),
        _regret_picture(found),
        _regret_table(found),
        tag("p", GROUPS, class_="note"),
        tag("ul", *[tag("li", f"{name}: {words}") for name, words in REFERENCES.items()]),
        tag("p", rich(_separation(found)), class_="lead"),
    )


def _regret_picture(found: Validation) -> Markup:
    losses = found.regret()
    rows = losses.rename(columns={"plan": "label", "mean": "difference"})
    drawn = rows[rows["label"] != TRUE_CREDIT].dropna(subset=["low"])
    if drawn.empty:
        return Markup("")
    verdict = ["worse" if low > 0 else "better" if high < 0 else NOT_SIGNIFICANT
               for low, high in zip(drawn["low"], drawn["high"], strict=True)]  # fmt: skip
    unit = f"margin lost against the plan from true credit ({found.currency})"
    drawing = comparison.strategies(drawn.assign(verdict=verdict), unit=unit)
    words = "Margin lost by planning on each credit, with its 95 % interval."
    return chart(themed(drawing), key="regret", label=words, caption=words)


def _regret_table(found: Validation) -> Markup:
    cells = []
    for _, row in found.regret().merge(found.standing, on="plan").iterrows():
        ends = ("mean", "se", "low", "high", "best_mean")
        mean, se, low, high, best = (short_money(row[end], found.currency) for end in ends)
        cells.append([row["plan"], mean, se, f"[{low}, {high}]", best, _ranks(row), row["group"]])
    head = ["Plan from", "margin lost", "se", "95 %", "against best found", "rank", "group"]
    return table(head, cells)


def _separation(found: Validation) -> str:
    pairs = found.separated()
    pairs = pairs[pairs["first"].isin(found.models) & pairs["second"].isin(found.models)]
    if pairs.empty or not pairs["low"].notna().any():
        return "One model, or one world: there is no difference to test."
    apart = pairs[pairs["low"] > 0]
    ends = pairs[pairs["first"] == pairs["first"].iloc[0]].iloc[-1]
    verb = (
        "loses significantly less than"
        if ends["low"] > 0
        else "does **not** lose significantly less than"
    )
    return (
        f"{len(apart)} of {len(pairs)} pairs of models differ significantly, adjusted for the "
        f"number of pairs; the first, {ends['first']}, {verb} the last, {ends['second']}."
    )


def _ranks(row: pd.Series) -> str:
    low, high = row["rank_low"], row["rank_high"]
    return str(low) if low == high else f"{low} to {high}"


def _against_truth(found: Validation) -> Markup:
    chosen = [name for name in SHOWN if name in found.models] or list(found.models[:5])
    credit, truth = found.credit(), found.truth().set_index("channel")
    frame = credit[credit["model"].isin(chosen)].rename(columns={"channel": "label"})
    frame = frame.rename(columns={"mean": "credit"})
    frame["truth_se"] = frame["label"].map(truth["se"]).fillna(0.0)
    drawing = comparison.credit_against_truth(frame, unit="conversions, mean over worlds")
    caption = "Bars are the truth with its 95 % interval, marks are what models credit."
    wide = credit.pivot_table(index="channel", columns="model", values="mean", sort=False)
    rows = [
        [name, f"{truth.loc[name, 'mean']:,.0f} ± {truth.loc[name, 'se']:,.0f}",
         *(f"{wide.loc[name, model]:,.0f}" for model in found.models)]
        for name in wide.index
    ]  # fmt: skip
    together = f"{truth.loc[TOGETHER, 'mean']:,.0f} ± {truth.loc[TOGETHER, 'se']:,.0f}"
    rows.append(["all channels", together, *(f"{wide[m].sum():,.0f}" for m in found.models)])
    return section(
        "credit",
        "Who earned it, and who got the credit",
        "归因与真实增量",
        chart(themed(drawing), key="credit", label="Credit against truth", caption=caption),
        table(["Channel", "truth ± se", *found.models], rows, wide=True),
    )


def _along(found: Validation) -> Markup:
    parts: list[object] = []
    for measure in ("misplaced", "total_variation", "kendall"):
        drawing = along_sweep(found.along(measure), swept=str(found.sweep), measure=measure)
        words = f"{measure}: {MEASURES[measure]}; bars are 95 % intervals."
        parts.append(chart(themed(drawing), key=measure, label=words, caption=words))
    return section("sweep", f"Along {found.sweep}", "沿刻度变化", *parts)


def _errors(found: Validation) -> Markup:
    errors = found.errors()
    whole = errors[errors["scope"] == "all"]
    measures = [m for m in dict.fromkeys(whole["measure"]) if _seen(whole, m)]
    rows = [
        [_name(model, at, found), *(_plus_minus(rows, measure) for measure in measures)]
        for (at, model), rows in whole.groupby(["at", "model"], sort=False, dropna=False)
    ]
    tiers = errors[(errors["scope"] != "all") & (errors["measure"] == "bias")]
    by_tier = [
        [_name(row["model"], row["at"], found), row["scope"], f"{row['mean']:,.0f}",
         f"[{row['low']:,.0f}, {row['high']:,.0f}]"]
        for _, row in tiers.iterrows()
    ]  # fmt: skip
    meanings = [tag("li", f"{name}: {words}") for name, words in MEASURES.items()]
    return section(
        "errors",
        "Credit error",
        "归因误差",
        table(["Model", *measures], rows, wide=True),
        tag("h3", "Bias by tier: credit less truth per channel"),
        table(["Model", "tier", "conversions", "95 %"], by_tier, words=2),
        tag("ul", *meanings),
    )


def _touches(found: Validation) -> Markup:
    touches = found.touches()
    silent = ", ".join(found.without_touches)
    words = (
        "These give credit to channels only, so that their credit for single orders cannot be "
        f"checked: {silent}."
        if silent
        else ""
    )
    rows = [
        [_name(model, at, found), *(_plus_minus(rows, m) for m in TOUCH_MEASURES)]
        for (at, model), rows in touches.groupby(["at", "model"], sort=False, dropna=False)
    ]
    meanings = [tag("li", f"{name}: {about}") for name, about in TOUCH_MEASURES.items()]
    return section(
        "touches",
        "Would this order be missing?",
        "单次触点的校准",
        table(["Model", *TOUCH_MEASURES], rows, wide=True) if rows else "",
        tag("p", words, class_="note"),
        tag("ul", *meanings),
    )


def _words(found: Validation) -> Markup:
    facts, how = found.facts(), found.convention
    share = short_percent(facts["observed"] / max(facts["conversions"], 1.0))
    told = (
        f"Of {facts['conversions']:,.0f} conversions the company observes {facts['observed']:,.0f} "
        f"({share}); all channels together bring {facts['together']:,.0f}."
    )
    read = f"Cut of the log: {how['cut']}. {how['words']} {how['truth']}"
    items = [tag("li", sentence) for sentence in GAPS]
    return section(
        "gaps",
        "Which gap is which",
        "误差来自哪里",
        tag("p", read),
        tag("p", told),
        tag("ul", *items),
    )


def _name(model: Any, at: Any, found: Validation) -> str:
    return f"{model} · {at:g}" if found.sweep else str(model)


def _seen(whole: pd.DataFrame, measure: str) -> bool:
    return bool(whole.loc[whole["measure"] == measure, "mean"].notna().any())


def _plus_minus(rows: pd.DataFrame, measure: str) -> str:
    row = rows[rows["measure"] == measure]
    if row.empty or not math.isfinite(float(row["mean"].iloc[0])):
        return "–"
    mean, se = float(row["mean"].iloc[0]), float(row["se"].iloc[0])
    return f"{short_number(mean)} ± {short_number(se)}" if math.isfinite(se) else short_number(mean)
