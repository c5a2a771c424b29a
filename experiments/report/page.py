"""The report: one HTML file that opens without a network, with the answer on its first screen."""

import base64
import hashlib
import os
from pathlib import Path

from experiments.comparison.result import Comparison
from experiments.report.charts import comparison as plots
from experiments.report.comparison import details, sections
from experiments.report.comparison.data import Evidence
from experiments.report.html import Html, bilingual, escape, join, tag
from experiments.report.style import SCRIPT, STYLE
from experiments.wording import counted

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
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, "utf-8")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def page(comparison: Comparison, evidence: Evidence) -> str:
    """The report as one HTML document: style, charts and their script are all inside."""
    parts = [make(comparison, evidence) for make in SECTIONS]
    return document(evidence.title, _top(comparison, evidence), *parts)


def document(title: str, *content: object) -> str:
    """Sections as one HTML document that opens without a network; only our scripts run in it."""
    scripts = [plots.script(), SCRIPT]
    head = join(
        [
            Html('<meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<link rel="icon" href="data:,">'),
            tag("title", f"{title} · Tiermix"),
            tag("style", Html(STYLE)),
        ]
    )
    main = tag("main", *content)
    blind = tag("noscript", "The charts need JavaScript; every number is in the tables too.")
    body = tag("body", main, blind, *(tag("script", Html(script)) for script in scripts))
    return f"<!doctype html>\n{tag('html', tag('head', head), body, lang='en')}\n"


def _policy(scripts: list[str]) -> str:
    """What a browser may do with the page: run these scripts, use its styles, ask for nothing."""
    sums = (hashlib.sha256(script.encode()).digest() for script in scripts)
    known = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in sums)
    return f"default-src 'none'; script-src {known}; style-src 'unsafe-inline'; img-src data:"


def _top(comparison: Comparison, evidence: Evidence) -> Html:
    worlds = counted(comparison.replications, "world")
    made = f"{worlds} of {comparison.customers:,} customers · seed {comparison.seed}"
    about = tag("p", escape(evidence.about), class_="note") if evidence.about else ""
    title = tag("h1", bilingual(evidence.title, evidence.title_zh))
    return join([tag("header", title, tag("p", made, class_="note")), about])
