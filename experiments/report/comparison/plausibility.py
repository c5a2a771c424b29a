"""Plausibility: what the scenario implies beside the ranges that it is expected to lie in."""

import math

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.html import section, table, tag
from experiments.wording import in_unit, kpi_name
from scenarios import KPIS
from tiermix.core.figures import short_number
from tiermix.core.language import named, said

NOTE = (
    "Figures of the market as written, beside published or assumed ranges; what is near lies "
    "within two standard errors of its range, what is unclear has an error too large to tell."
)
STYLES = {"inside": "up", "outside": "down"}


def plausibility(comparison: Comparison, data: ReportData) -> Markup:
    """The section; nothing where the scenario names no ranges."""
    if data.plausibility is None or data.plausibility.empty:
        return Markup("")
    rows = [_row(row, comparison.currency, data) for _, row in data.plausibility.iterrows()]
    head = ["Figure", "source", "here ± se", "expected range", ""]
    return section(
        "plausibility",
        "Is the market plausible?",
        "可信度",
        tag("p", NOTE, class_="note"),
        table(head, rows, words=2),
    )


def _row(row: pd.Series, currency: str, data: ReportData) -> list[object]:
    kpi, _, scope = str(row["figure"]).partition("@")
    value, se, low, high = (
        _figure(kpi, row[key], currency) for key in ("value", "se", "low", "high")
    )
    here = f"{value} ± {se}" if math.isfinite(row["se"]) else value
    why = str(row["why"]) if row["verdict"] != "inside" else ""
    source = str(row["source"]).replace("*", "") + (f". Here: {why}" if why else "")
    verdict = tag("span", row["verdict"], class_=STYLES.get(str(row["verdict"]), "even"))
    return [_name(kpi, scope, data), source, here, f"{low} to {high}", verdict]


def _name(kpi: str, scope: str, data: ReportData) -> str:
    words = {"ltv_per_cac": "LTV per CAC"}.get(kpi, kpi_name(kpi))
    of = scope.removeprefix("channel:").replace(":", " ")
    return f"{said(words)}, {named(*data.label(of))}" if of else words


def _figure(kpi: str, value: float, currency: str) -> str:
    return in_unit(kpi, float(value), currency) if kpi in KPIS else short_number(float(value))
