"""The report: one HTML file that opens without a network, with the answer on its first screen."""

import os
from pathlib import Path

from experiments.comparison.result import Comparison
from experiments.report.charts import comparison as plots
from experiments.report.comparison import details, sections
from experiments.report.comparison.data import Evidence
from experiments.report.html import Html, bilingual, escape, join, tag
from experiments.report.style import SCRIPT, STYLE
from experiments.wording import counted
from tiermix.core.files import write_text

SECTIONS = (
    sections.first_screen,
    sections.strategies,
    sections.plan,
    sections.curves,
    details.scorecards,
    details.attribution,
    details.believability,
    details.provenance,
    details.limits,
)


def write_report(path: str | os.PathLike[str], comparison: Comparison, evidence: Evidence) -> Path:
    """Write the report of a comparison; the file appears whole or not at all."""
    return write_page(path, page(comparison, evidence))


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page whole or not at all, into a folder that is made if need be."""
    return write_text(path, text)


def page(comparison: Comparison, evidence: Evidence) -> str:
    """The report as one HTML document: style, charts and their script are all inside."""
    parts = [make(comparison, evidence) for make in SECTIONS]
    return document(evidence.title, _top(comparison, evidence), *parts)


def document(title: str, *content: object) -> str:
    """Sections as one HTML document that opens without a network."""
    head = join(
        [
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<link rel="icon" href="data:,">'),
            tag("title", f"{title} · Tiermix"),
            tag("style", Html(STYLE)),
        ]
    )
    main = tag("main", *content)
    scripts = [tag("script", Html(plots.script())), tag("script", Html(SCRIPT))]
    blind = tag("noscript", "The charts need JavaScript; every number is in the tables too.")
    body = tag("body", main, blind, *scripts)
    return f"<!doctype html>\n{tag('html', tag('head', head), body, lang='en')}\n"


def _top(comparison: Comparison, evidence: Evidence) -> Html:
    worlds = counted(comparison.replications, "world")
    made = f"{worlds} of {comparison.customers:,} customers · seed {comparison.seed}"
    about = tag("p", escape(evidence.about), class_="note") if evidence.about else ""
    title = tag("h1", bilingual(evidence.title, evidence.title_zh))
    return join([tag("header", title, tag("p", made, class_="note")), about])
