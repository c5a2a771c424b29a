"""A plan brought to files: its money by month (and week) as CSV, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tiermix.core.outputs import replacing

if TYPE_CHECKING:
    from optimize import Plan
    from scenarios import Scenario

FILES, WEEKS = ("plan.csv", "plan.html"), "weeks.csv"
"""What is written, and what a plan by week adds."""


def plan_files(out: Path, *, weeks: bool = False) -> list[Path]:
    """The files of a plan in a folder."""
    return [out / name for name in ((*FILES, WEEKS) if weeks else FILES)]


def write_plan(
    made: Plan, market: Scenario, out: Path, *, weeks: bool = False, command: str = "plan"
) -> dict[str, str]:
    """Write a plan into a folder; gives the paths as `csv`, `weeks`, `picture`."""
    from experiments.report.charts.plan import plan_page, save_chart  # what draws comes late

    table, picture = (out / name for name in FILES)
    with replacing(table, command):
        made.monthly.to_csv(table)
    files = {"csv": str(table)}
    if weeks:
        with replacing(out / WEEKS, command) as by_week:
            made.media.to_csv(by_week)
        files["weeks"] = str(by_week)
    with replacing(picture, command):
        save_chart(plan_page(made, market), picture, _title(market))
    return {**files, "picture": str(picture)}


def _title(market: Scenario) -> str:
    """The plan's heading, with what is counted where it is no orders."""
    counted = "" if market.outcome == "orders" else f", by {market.outcome}"
    return f"Plan: {market.name}{counted}"
