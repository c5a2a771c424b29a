"""The page of a lift test: what it says week by week, its figures, and repetitions of it."""

from __future__ import annotations

from markupsafe import Markup

from experiments.lift_test.result import Lift
from experiments.report.charts import lift as charts
from experiments.report.charts.common import themed
from experiments.report.frame import document
from experiments.report.html import chart, masthead, rich, section, table, tag
from experiments.wording import kpi_name

INTERFERENCE = {
    "ab": (
        "People who are held out hear by word of mouth from those who are not: the test compares "
        "the two groups as they are, the truth a market with the channel and one without it. Money "
        "that is paid per event is saved for those who are held out; a platform may spend it on "
        "the others. Standard errors are clustered by community, within which people influence one "
        "another."
    ),
    "geo": (
        "Communities are closed to one another: what happens in a treated one does not spill over "
        "to its control. Communities of one pair were alike before the test; standard errors are "
        "those of the regression, robust to unequal variance (HC2)."
    ),
}


def page(lift: Lift) -> str:
    """The test as one HTML document that opens without a network."""
    title = f"A test of {lift.design.channel} in {lift.scenario.name}"
    sections = [_curve(lift), _figures(lift)]
    if len(lift.outcomes) > 1:
        sections.append(_worlds(lift))
    return document(title, _top(lift, title), *sections)


def _top(lift: Lift, title: str) -> Markup:
    made = f"{lift.customers:,} customers · seed {lift.seed} · scenario {lift.scenario.hash}"
    estimate, truth = lift.in_words(lift.first.final), lift.figure(lift.truth)
    said = f"The test says **{estimate}** {kpi_name(lift.design.kpi)}; the truth is {truth}"
    return masthead(title, f"{lift.title()} · {made}", rich(said))


def _curve(lift: Lift) -> Markup:
    words = "The cumulative estimate with its 95 % interval; the dashed line is the truth."
    drawing = charts.adding_up(lift.curve, unit=kpi_name(lift.design.kpi))
    return section(
        "curve",
        "Week by week",
        "逐周累计",
        chart(themed(drawing), key="curve", label=words, caption=words),
        tag("p", INTERFERENCE[lift.design.kind], class_="note"),
    )


def _figures(lift: Lift) -> Markup:
    return section("figures", "Figures", "数字", table(["", lift.design.kpi], lift.rows(), words=2))


def _worlds(lift: Lift) -> Markup:
    words = "Each world's interval; the tick is the truth of that world."
    drawing = charts.worlds(lift.worlds, unit=kpi_name(lift.design.kpi))
    picture = chart(themed(drawing), key="worlds", label=words, caption=words)
    return section("worlds", "Repeated in drawn worlds", "重复试验", picture)
