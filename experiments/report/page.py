"""The report: one HTML file that opens without a network, with the answer on its first screen."""

import os
from pathlib import Path

from experiments.comparison.result import Comparison
from experiments.report.comparison.assumptions import assumptions
from experiments.report.comparison.attribution import attribution
from experiments.report.comparison.budget import budget
from experiments.report.comparison.curves import curves
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.diary import diary
from experiments.report.comparison.effects import effects
from experiments.report.comparison.first_screen import first_screen, top
from experiments.report.comparison.limits import limits
from experiments.report.comparison.plan import plan
from experiments.report.comparison.plausibility import plausibility
from experiments.report.comparison.provenance import provenance
from experiments.report.comparison.risk import risk
from experiments.report.comparison.scorecards import scorecards
from experiments.report.comparison.strategies import strategies
from experiments.report.frame import document, write_page

SECTIONS = (
    top,
    first_screen,
    effects,
    plan,
    budget,
    strategies,
    risk,
    diary,
    curves,
    scorecards,
    attribution,
    plausibility,
    assumptions,
    provenance,
    limits,
)
"""The sections of the report in their order: each is a function in the module of its name."""


def write_report(path: str | os.PathLike[str], comparison: Comparison, data: ReportData) -> Path:
    """Write the report of a comparison; the file appears whole or not at all."""
    return write_page(path, page(comparison, data))


def page(comparison: Comparison, data: ReportData) -> str:
    """The report as one HTML document: style, charts and their script are all inside."""
    return document(data.title, *(section(comparison, data) for section in SECTIONS))
