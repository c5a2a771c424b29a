"""The report: one HTML file that opens without a network, with the answer on its first screen."""

import base64
import hashlib
import os
from pathlib import Path

from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.charts.common import script
from experiments.report.comparison.attribution import attribution
from experiments.report.comparison.curves import curves
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.first_screen import first_screen, top
from experiments.report.comparison.limits import limits
from experiments.report.comparison.plan import plan
from experiments.report.comparison.plausibility import plausibility
from experiments.report.comparison.provenance import provenance
from experiments.report.comparison.scorecards import scorecards
from experiments.report.comparison.strategies import strategies
from experiments.report.html import join
from experiments.report.style import SCRIPT, STYLE
from tiermix.core.files import write_text

SECTIONS = (
    top,
    first_screen,
    strategies,
    plan,
    curves,
    scorecards,
    attribution,
    plausibility,
    provenance,
    limits,
)
"""The sections of the report in their order: each is a function in the module of its name."""

FRAME = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title} · Tiermix</title>
<style>{style}</style>
</head>
<body>
<main>{content}</main>
<noscript>The charts need JavaScript; every number is in the tables too.</noscript>
{scripts}</body>
</html>
"""
)


def write_report(path: str | os.PathLike[str], comparison: Comparison, data: ReportData) -> Path:
    """Write the report of a comparison; the file appears whole or not at all."""
    return write_page(path, page(comparison, data))


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page whole or not at all, into a folder that is made if need be."""
    return write_text(path, text)


def page(comparison: Comparison, data: ReportData) -> str:
    """The report as one HTML document: style, charts and their script are all inside."""
    return document(data.title, *(section(comparison, data) for section in SECTIONS))


def document(title: str, *content: object) -> str:
    """Sections as one HTML document that opens without a network; only our scripts run in it."""
    scripts = [script(), SCRIPT]
    return str(
        FRAME.format(
            policy=_policy(scripts),
            title=title,
            style=Markup(STYLE),
            content=join(content),
            scripts=join(Markup("<script>{}</script>\n").format(Markup(s)) for s in scripts),
        )
    )


def _policy(scripts: list[str]) -> Markup:
    """What a browser may do with the page: run these scripts, use its styles, ask for nothing."""
    sums = (hashlib.sha256(script.encode()).digest() for script in scripts)
    known = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in sums)
    return Markup(
        f"default-src 'none'; script-src {known}; style-src 'unsafe-inline'; img-src data:"
    )
