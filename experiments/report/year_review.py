"""The page of a year's review: what to do, how the year will end, plan against actual."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.report.charts import year_review as charts
from experiments.report.charts.common import themed
from experiments.report.frame import document
from experiments.report.html import chart, join, masthead, rich, section, table, tag
from experiments.wording import in_unit, kpi_name
from experiments.year_review.decisions import Decision
from experiments.year_review.outlook import Forecast
from experiments.year_review.result import YearReview
from tiermix.core.figures import number, short_money

SURE = 1.64
DECIDED = (
    "Money is that of the months to come. A channel is scaled or cut where its money moves by more "
    "than a tenth; it is tested where it is held, nobody can tell whether its next unit pays, and "
    "not knowing costs most. Figures are those that were known at this review."
)
FOUND = (
    "Curves move only where something differs more than a year that goes as expected would, by "
    "chance, one time in twenty: causes and months are judged together, clicks beside outcomes."
)
GOALS = (
    "A year is its months so far, as they came, and the rest as drawn: from the curves' errors, "
    "the level that the months so far tell, and months around their season. Intervals are 90 %."
)
EXPECTED = (
    "Expected is what the curves say of the money that was spent; its error is that of the level "
    "of the year, of single months and of what channels bring, which months have in common."
)


def page(found: YearReview) -> str:
    """The review as one HTML document that opens without a network."""
    parts = (_top, _decisions, _findings, _goals, _outcomes, _money)
    return document(_title(found), *(part(found) for part in parts))


def _title(found: YearReview) -> str:
    return f"The year so far: {found.scenario}"


def _top(found: YearReview) -> Markup:
    made = (
        f"{found.months[0]} to {found.months[found.passed - 1]} in {found.source} · curves: "
        f"{found.curves_source} · scenario {found.scenario_hash}"
    )
    first, *rest = found.words
    return masthead(_title(found), made, rich(f"**{first}**; {'; '.join(rest)}"))


def _decisions(found: YearReview) -> Markup:
    head = ["Channel", "decision", "reason", "money before", "now"]
    rows = [decision_row(one, found.currency) for one in found.decisions]
    return section(
        "decisions", "What to do", "渠道决策", tag("p", DECIDED, class_="note"),
        table(head, rows, words=3),
    )  # fmt: skip


def decision_row(one: Decision, currency: str) -> list[object]:
    """A channel's decision as a row of words and money."""
    money = [short_money(amount, currency) for amount in (one.before, one.after)]
    return [f"{one.channel} (tier {one.tier})", one.decision, one.reason, *money]


def _findings(found: YearReview) -> Markup:
    said = [tag("p", line + ".") for line in found.judgement.words]
    unit = found.kpi.replace("_", " ")
    rows = [
        [one.channel, one.delivers, number(one.expected),
         f"± {number(one.error)}" if one.error == one.error else "–"]
        for one in found.channels
    ]  # fmt: skip
    head = ["Channel", "delivers", f"{unit} expected of it so far", "error"]
    return section(
        "found", "What differs from what was expected", "偏差诊断", *said,
        tag("p", FOUND, class_="note"), table(head, rows, words=2),
    )  # fmt: skip


def _goals(found: YearReview) -> Markup:
    rows = [
        _goal(found, before, now)
        for before, now in zip(found.goals_before, found.goals, strict=True)
    ]
    head = ["Goal", "so far", "at the end", "90 %", "goal", "chance, plan", "chance, re-plan"]
    return section(
        "goals", "How the year will end", "年末预测", tag("p", GOALS, class_="note"),
        table(head, rows),
    )  # fmt: skip


def _goal(found: YearReview, before: Forecast, now: Forecast) -> list[object]:
    if now.mean is None or now.low is None or now.high is None:
        return [join([now.goal, " (", now.note, ")"]), "–", "–", "–", "–", "–", "–"]

    def told(value: float | None) -> str:
        return "–" if value is None else in_unit(now.kpi, value, found.currency)

    chances = (
        "–" if one.probability is None else f"{one.probability:.0%}" for one in (before, now)
    )
    span = f"[{told(now.low)}, {told(now.high)}]"
    return [now.goal, told(now.so_far), told(now.mean), span, told(now.target), *chances]


def _outcomes(found: YearReview) -> Markup:
    if not found.outcomes:
        return Markup("")
    rows = [
        [kpi_name(row.kpi), row.month, number(row.planned), number(row.expected),
         f"± {number(row.error)}", number(row.actual), f"{row.z:+.1f}".replace("-", "−")]
        for row in found.outcomes
    ]  # fmt: skip
    mine = [row for row in found.outcomes if row.kpi == found.kpi]
    drawn = pd.DataFrame(
        [{**row.to_dict(), "label": row.month, "low": row.expected - SURE * row.error,
          "high": row.expected + SURE * row.error} for row in mine]
    )  # fmt: skip
    words = f"{kpi_name(found.kpi)} as it came (points) on what was to be expected (90 % band)."
    picture = chart(
        themed(charts.outcome(drawn, unit=kpi_name(found.kpi))),
        key="outcome", label=words, caption=words,
    )  # fmt: skip
    head = ["KPI", "month", "planned", "expected", "error", "actual", "in errors"]
    return section(
        "outcomes", "Outcomes, month by month", "月度结果", picture,
        tag("p", EXPECTED, class_="note"), table(head, rows, words=2, wide=True),
    )  # fmt: skip


def _money(found: YearReview) -> Markup:
    months = found.months[: found.passed]
    cells = {(row.channel, row.month): row for row in found.money}
    rows = []
    for name in dict.fromkeys(row.channel for row in found.money):
        mine = [cells[name, month] for month in months]
        pairs = [f"{number(row.actual)} / {number(row.planned)}" for row in mine]
        whole = (sum(row.actual for row in mine), sum(row.planned for row in mine))
        rows.append([name, *pairs, f"{number(whole[0])} / {number(whole[1])}"])
    head = ["Channel", *months, "all"]
    return section(
        "money", f"Money spent / planned ({found.currency})", "花费对比",
        table(head, rows, wide=True),
    )  # fmt: skip
