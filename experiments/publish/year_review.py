"""`tiermix replan`: a year's review as a page, the plan of the rest, and a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from experiments.company_data.result import CheckedTable
from experiments.folders import folder_for
from experiments.publish.publication import TrackedDocument, check_places, publish
from experiments.publish.replan_workbook import write_replan_workbook
from experiments.report.year_review import page
from experiments.tracking.year_review import review_records
from experiments.year_review.actuals import actuals_of, last_year_in
from experiments.year_review.run import STABILITY, year_review
from optimize import ResponseCurves
from scenarios import MediaPlan, Scenario
from tiermix.core.outputs import replacing
from tiermix.core.progress import Progress

COMMAND = "replan"
PAGE, PLAN = "replan.html", "plan.csv"


class PublishedReplan(TypedDict):
    """The JSON document of `tiermix replan`.

    `plan_against_actual[]` have `month, channel, kpi, planned, actual`: money by channel (`kpi` is
    spend), outcomes of the company (`channel` is total) with `expected, error, z`. `goals[]` are
    forecasts under the re-plan, each with the one `under_the_plan`; `decisions[]` have `channel,
    tier, decision, reason, known`. `csv` is the re-plan, passed months as they were spent.
    """

    scenario: str
    scenario_hash: str
    currency: str
    objective: str
    passed: list[str]
    actuals: str
    curves: str
    plan_against_actual: list[dict[str, Any]]
    channels: list[dict[str, Any]]
    findings: dict[str, Any]
    goals: list[dict[str, Any]]
    spend: list[dict[str, Any]]
    moved: float
    decisions: list[dict[str, Any]]
    given_up: list[str]
    words: list[str]
    remarks: list[str]
    csv: str
    report: str
    mlflow: TrackedDocument
    workbook: NotRequired[str]


def replan_job(
    scenario: Scenario,
    plan: MediaPlan,
    table: CheckedTable,
    curves: Callable[[], ResponseCurves],
    *,
    seed: int = 1,
    stability: float = STABILITY,
    out: Path | None = None,
    xlsx: Path | None = None,
    progress: Progress | None = None,
    **asked: Any,
) -> PublishedReplan:
    """Review the year, write `replan.html` and `plan.csv`, log a run.

    `curves` gives the curves once the table is seen to be of this year: measuring them takes a
    while. `out` is in `runs/replan` unless given, by the question and what else was `asked`. With
    `xlsx` the answer is a workbook too.
    """
    actuals = actuals_of(table, scenario)
    asked |= {"stability": stability if stability != STABILITY else None}
    question = {"plan": plan, "actuals": table.digest, **asked}
    folder = out or folder_for(COMMAND, scenario, seed, **question)
    check_places([folder / PAGE, folder / PLAN, *([xlsx] if xlsx else [])], COMMAND)
    before, known = last_year_in(table, scenario), curves()
    known = replace(known, last_year={**before, **known.last_year})
    found = year_review(
        scenario, known, plan, actuals, stability=stability, seed=seed, progress=progress
    )
    with replacing(folder / PLAN, COMMAND) as place:
        made = found.replan.to_csv(place)
    published = publish(
        page(found), folder / PAGE, lambda files: review_records(found, seed, stability, files),
        command=COMMAND, experiment=f"tiermix/{scenario.name}/replan", files=[made],
        scenario=scenario,
    )  # fmt: skip
    document = {**found.to_dict(), "csv": str(made), "report": str(published.report)}
    if xlsx is not None:
        with replacing(xlsx, COMMAND):
            write_replan_workbook(xlsx, document, found.replan, scenario)
        document["workbook"] = str(xlsx)
    return cast(PublishedReplan, {**document, "mlflow": published.mlflow})
