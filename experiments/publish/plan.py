"""A plan brought to files: its money by month (and week) as CSV, and its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.publish.publication import Opening, TrackedDocument, track
from experiments.tracking.plan import frontier_record, plan_record
from scenarios import KPIS, build_scenario
from tiermix.core.outputs import replacing

if TYPE_CHECKING:
    from optimize import Frontier, Plan
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


def track_plan(
    made: Plan, market: Scenario, files: Mapping[str, str], opening: Opening, **more: Any
) -> TrackedDocument:
    """Log a plan with the files that were written of it; `more` as in `plan_record`.

    The scenario that is kept asks what the plan was asked: whoever opens the study goes on there.
    """
    asked = _as_asked(market, made.objective.name, made.provenance["budget"])
    record = plan_record(made, asked, files=[Path(file) for file in files.values()], **more)
    return track(record, command="plan", scenario=asked, opening=opening)


def _as_asked(market: Scenario, objective: str, budget: float) -> Scenario:
    """The scenario with the budget and the objective of an answer, where options gave others."""
    asked: dict[str, Any] = {"budget": budget}
    if objective in KPIS:  # weighted sums are asked by options alone
        asked["objective"] = objective
    as_it_is = market.model_dump(mode="json")
    if all(as_it_is[field] == value for field, value in asked.items()):
        return market
    return build_scenario({**as_it_is, **asked}, {}, market.name)


def track_frontier(
    found: Frontier, market: Scenario, files: Sequence[Path], opening: Opening, **more: Any
) -> TrackedDocument:
    """Log a frontier with its files; `more` as in `frontier_record`."""
    asked = _as_asked(market, found.objective, market.budget)
    record = frontier_record(found, asked, files=files, **more)
    return track(record, command="frontier", scenario=asked, opening=opening)


def _title(market: Scenario) -> str:
    """The plan's heading, with what is counted where it is no orders."""
    counted = "" if market.outcome == "orders" else f", by {market.outcome}"
    return f"Plan: {market.name}{counted}"
