"""The page of a company's own test: the result, its picture, all methods, placebo tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from markupsafe import Markup

from experiments.field_test.regions import RegionTable
from experiments.field_test.result import HEAD, FieldTest
from experiments.field_test.run import panel_of
from experiments.report.charts.common import themed
from experiments.report.charts.field_test import expected_picture, methods_picture
from experiments.report.frame import document
from experiments.report.html import chart, masthead, rich, section, table, tag


def page(found: FieldTest) -> str:
    """The test as one HTML document that opens without a network."""
    title = f"A test of {found.channel or found.table.kpi}: {Path(found.table.source).name}"
    sections = [_picture(found), _methods(found), _checks(found), _remarks(found)]
    return document(title, _top(found, title), *filter(None, sections))


def _top(found: FieldTest, title: str) -> Markup:
    data = found.table
    if isinstance(data, RegionTable):
        made = (
            f"{', '.join(data.treated)} of {len(data.regions)} regions · {data.start} to {data.end}"
        )
    else:
        made = f"{data.treated.people:,.0f} people treated, {data.control.people:,.0f} not"
    said = rich(f"{found.method}: **{found.headline()}**")
    return masthead(title, made, said)


def _picture(found: FieldTest) -> Markup | None:
    data, path = found.table, found.estimate.path
    if not isinstance(data, RegionTable) or path is None:
        return None
    panel = panel_of(data)
    seen = panel.outcome[panel.treated].sum(axis=0)
    rows = pd.DataFrame({"date": list(data.dates), "observed": seen, "expected": path})
    words = "Treated regions together; dashed, what was expected of them; the line, the beginning."
    drawing = expected_picture(rows, str(data.start), unit=data.kpi)
    picture = chart(themed(drawing), key="expected", label=words, caption=words)
    return section("expected", "Day by day", "逐日", picture)


def _methods(found: FieldTest) -> Markup:
    names = ("estimate", "low", "high")
    rows = pd.DataFrame(
        [
            {"method": one.name, **dict(zip(names, one.estimate.percent, strict=True))}
            for one in found.results
            if one.estimate
        ]
    )
    words = "Each method's effect with its 95 % interval, of what was expected."
    picture = chart(themed(methods_picture(rows)), key="methods", label=words, caption=words)
    return section("methods", "Methods", "方法", picture, table(HEAD, list(found.rows())))


def _checks(found: FieldTest) -> Markup | None:
    rows = [(one.method, one.check, one.says) for r in found.results for one in r.checks]
    if not rows:
        return None
    drawn = table(("Method", "where", "what it says"), rows, words=3)
    return section("checks", "Placebo tests", "安慰剂检验", drawn)


def _remarks(found: FieldTest) -> Markup | None:
    if not found.remarks:
        return None
    return section("remarks", "To know", "备注", tag("ul", *(tag("li", r) for r in found.remarks)))
