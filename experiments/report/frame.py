"""The frame of every page: one HTML file that opens without a network and runs our scripts only."""

import base64
import hashlib
import os
from pathlib import Path

from markupsafe import Markup

from experiments.report.charts.common import script
from experiments.report.html import join
from experiments.report.style import SCRIPT, SORT_SCRIPT, STYLE
from tiermix.core.files import write_text
from tiermix.core.language import language, said

FRAME = Markup(
    """<!doctype html>
<html lang="{language}">
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
<noscript>{without}</noscript>
{scripts}</body>
</html>
"""
)


WITHOUT_SCRIPT = "The charts need JavaScript; every number is in the tables too."


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page whole or not at all, into a folder that is made if need be."""
    return write_text(path, text)


def document(title: str, *content: object, sorts: bool = False) -> str:
    """Sections as one HTML document that opens without a network; only our scripts run in it.

    With `sorts` it has no charts, and tables in a `sorts` box are sorted by a click on a head.
    """
    scripts = [SORT_SCRIPT] if sorts else [script(), SCRIPT]
    return str(
        FRAME.format(
            policy=_policy(scripts),
            title=said(title),
            language=language(),
            without=said(WITHOUT_SCRIPT),
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
