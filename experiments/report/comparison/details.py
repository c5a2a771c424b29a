"""The report's later sections: scorecards, attribution against truth, provenance, limits."""

import math
from collections.abc import Mapping

import pandas as pd

from experiments.comparison.result import Comparison
from experiments.report.charts import comparison as plots
from experiments.report.comparison.data import Evidence
from experiments.report.comparison.sections import section, signed_range, themed
from experiments.report.html import Html, bilingual, chart, join, table, tag
from experiments.wording import MODELS, TIERS, in_unit, kpi_name, percent, strategy_name
from scenarios.kpis import KPIS

LIMITS = (
    "The market is a model. Intervals cover luck and the uncertainty that the scenario writes "
    "down; they cannot cover what the scenario leaves out.",
    "Response curves hold near the plans they were measured around. The further a plan moves "
    "money, the more it trusts the shape of a curve rather than a measurement.",
    "The best strategy is the best of those that were tried, not of all that could be thought of.",
    "A chance of meeting a goal is a share of the worlds that were drawn; its interval says how "
    "few they are.",
    "What a channel's removal would cost is told for one channel at a time. Such effects overlap "
    "and do not add up to all sales.",
)


def scorecards(comparison: Comparison, evidence: Evidence) -> Html:
    """Goals with their chances, then every KPI by tier, best strategy against the baseline."""
    best = comparison.best().strategy
    parts = [_goal_table(comparison, best), _kpi_table(comparison, best)]
    return section("scorecards", "Scorecards by tier", "分级记分卡", *parts)


def attribution(comparison: Comparison, evidence: Evidence) -> Html:
    """Credit by each model beside the true removal effect of each channel."""
    if evidence.attribution is None or evidence.attribution.empty:
        return Html("")
    frame = evidence.attribution.assign(
        label=[evidence.label(str(name))[0] for name in evidence.attribution["channel"]],
        model=[MODELS.get(name, name) for name in evidence.attribution["model"]],
    )
    drawing = plots.credit_against_truth(frame, unit="conversions")
    caption = (
        "Bars are the truth: conversions that would be missing without the channel, with their "
        "95 % interval. Marks are what each model credits the channel with."
    )
    return section(
        "attribution",
        "Who earned it, and who got the credit",
        "归因与真实增量",
        tag("p", _over_credit(frame), class_="lead"),
        chart(themed(drawing), key="attribution", label="Credit against truth", caption=caption),
        _credit_table(frame, evidence),
    )


def believability(comparison: Comparison, evidence: Evidence) -> Html:
    """What the scenario implies beside what has been published."""
    if evidence.believability is None or evidence.believability.empty:
        return Html("")
    rows = [
        [row["what"], row["source"], f"{row['here']:.3g}", _published(row), _inside(row)]
        for _, row in evidence.believability.iterrows()
    ]
    head = ["Figure", "source", "here", "published", ""]
    return section("believable", "Is the market believable?", "可信度", table(head, rows, words=2))


def provenance(comparison: Comparison, evidence: Evidence) -> Html:
    """What was simulated, with how much error, and how to make it again."""
    facts: dict[str, object] = {
        "scenario": comparison.scenario,
        "scenario hash": comparison.scenario_hash,
        "seed": comparison.seed,
        "worlds": comparison.replications,
        "customers in each": f"{comparison.customers:,}",
        **evidence.provenance,
    }
    seconds = {f"seconds: {name}": f"{value:,.1f}" for name, value in comparison.seconds.items()}
    left = tag("div", tag("h3", "Sampling budget"), _facts({**evidence.sampling, **seconds}))
    right = tag("div", tag("h3", "Provenance"), _facts(facts))
    return section(
        "provenance",
        "How this was made",
        "样本与来源",
        _error_table(comparison),
        tag("div", left, right, class_="two"),
    )


def limits(comparison: Comparison, evidence: Evidence) -> Html:
    """What the model cannot say."""
    items = [tag("li", sentence) for sentence in (*evidence.limits, *LIMITS)]
    return section("limits", "What this cannot say", "模型的局限", tag("ul", *items))


def _goal_table(comparison: Comparison, best: str) -> Html:
    goals = comparison.goal_probabilities()
    if goals.empty:
        return Html("")
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
    head = ["Goal", "target", "expected", f"chance: {strategy_name(best).lower()}"]
    before = f"chance: {strategy_name(comparison.baseline).lower()}"
    return table([*head, before], rows)


def _chance(row: pd.Series) -> Html:
    fill = tag("i", "", style=f"width:{100 * row['probability']:.0f}%")
    words = f"{percent(row['probability'])} "
    ends = tag("span", f"[{percent(row['low'])}, {percent(row['high'])}]", class_="even")
    return join([words, ends, tag("span", fill, class_="bar", aria_hidden="true")])


def _kpi_table(comparison: Comparison, best: str) -> Html:
    kpis = comparison.kpis()
    means = kpis[kpis["scope"] == "all"].set_index(["strategy", "kpi"])["mean"]
    steps = _steps(comparison, best)
    rows: list[list[object]] = []
    for tier in (None, *TIERS):
        known = [k for k, kpi in KPIS.items() if kpi.tier == tier and (best, k) in means.index]
        if known:
            words = ("Whole company", "整体") if tier is None else TIERS[tier]
            rows.append([bilingual(words[0] if tier is None else f"{tier} · {words[0]}", words[1])])
            rows += [_kpi_row(comparison, kpi, best, means, steps) for kpi in known]
    names = [strategy_name(comparison.baseline), strategy_name(best)]
    return table(["KPI", *names, "difference [95 %]"], rows)


def _steps(comparison: Comparison, best: str) -> pd.DataFrame:
    if comparison.baseline not in comparison.strategies:
        return pd.DataFrame()
    steps = comparison.against()
    return steps[(steps["strategy"] == best) & (steps["scope"] == "all")].set_index("kpi")


def _kpi_row(
    comparison: Comparison, kpi: str, best: str, means: pd.Series, steps: pd.DataFrame
) -> list[object]:
    both = [means.get((name, kpi), math.nan) for name in (comparison.baseline, best)]
    values = [in_unit(kpi, float(value), comparison.currency) for value in both]
    step: object = "–"
    if kpi in steps.index:
        step = signed_range(kpi, steps.loc[kpi], comparison.currency)
    return [tag("span", kpi_name(kpi), title=KPIS[kpi].definition), *values, step]


def _over_credit(frame: pd.DataFrame) -> str:
    """The channel that is given most beyond what it earned, in words."""
    frame = frame.reset_index(drop=True)
    sure = frame[(frame["truth"] > 2 * frame["truth_se"]) & (frame["truth"] > 0)]
    if sure.empty:
        return "No channel's true effect stands out from its error: simulate more customers."
    worst = sure.loc[(sure["credit"] - sure["truth"]).idxmax()]
    times = worst["credit"] / worst["truth"]
    return (
        f"{worst['model'].capitalize()} gives {worst['label']} {worst['credit']:,.0f} conversions. "
        f"Without the channel {worst['truth']:,.0f} would be missing: "
        f"the credit is {times:.1f} times the truth."
    )


def _credit_table(frame: pd.DataFrame, evidence: Evidence) -> Html:
    models = list(dict.fromkeys(frame["model"]))
    wide = frame.pivot_table(index="channel", columns="model", values="credit", sort=False)
    truth = frame.drop_duplicates("channel").set_index("channel")[["truth", "truth_se"]]
    rows = [
        [
            bilingual(*evidence.label(str(channel))),
            f"{truth.loc[channel, 'truth']:,.0f} ± {truth.loc[channel, 'truth_se']:,.0f}",
            *(f"{wide.loc[channel, model]:,.0f}" for model in models),
        ]
        for channel in truth.sort_values("truth", ascending=False).index
    ]
    return table(["Channel", "truth ± se", *models], rows)


def _published(row: pd.Series) -> str:
    return f"{row['low']:.3g} to {row['high']:.3g}"


def _inside(row: pd.Series) -> Html:
    inside = row["low"] <= row["here"] <= row["high"]
    return tag("span", "within" if inside else "outside", class_="up" if inside else "down")


def _facts(facts: Mapping[str, object]) -> Html:
    pairs = [part for name, value in facts.items() for part in (tag("dt", name), tag("dd", value))]
    return tag("dl", *pairs, class_="facts")


def _error_table(comparison: Comparison) -> Html:
    """Where the uncertainty of the answer comes from: worlds, or too few customers."""
    kpis = comparison.kpis()
    here = (kpis["scope"] == "all") & (kpis["kpi"] == comparison.objective)
    rows = [
        [
            strategy_name(row["strategy"]),
            *(
                in_unit(comparison.objective, row[name], comparison.currency)
                for name in ("mean", "se", "spread", "simulation_se")
            ),
        ]
        for _, row in kpis[here].iterrows()
    ]
    head = [kpi_name(comparison.objective).capitalize(), "mean", "standard error"]
    return table([*head, "spread between worlds", "error of simulation"], rows)
