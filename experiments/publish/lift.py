"""`tiermix lift`: a test of a channel, as a page and a tracked run."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any, NotRequired, cast

from experiments.folders import folder_for
from experiments.lift_test.document import LiftDocument
from experiments.lift_test.result import Lift
from experiments.lift_test.run import lift
from experiments.publish.lift_workbook import write_lift_workbook
from experiments.publish.publication import Publication, TrackedDocument, check_places, publish
from experiments.report.lift import page
from experiments.tracking.lift import lift_records
from scenarios import MediaPlan, Scenario
from sim import Workers
from tiermix.core.outputs import replacing
from tiermix.core.progress import Progress


class PublishedLift(LiftDocument):
    """The JSON document of `tiermix lift`; `summary` is the test as a terminal shows it."""

    summary: str
    seconds: float
    report: str
    mlflow: TrackedDocument
    workbook: NotRequired[str]


def lift_job(
    scenario: Scenario,
    channel: str,
    design: str,
    *,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    plan: MediaPlan | None = None,
    kpi: str = "conversions",
    share: float | None = None,
    message: str | None = None,
    change: float | None = None,
    start: str | dt.date | None = None,
    weeks: int | None = None,
    watch: int = 0,
    workers: Workers = None,
    out: Path | None = None,
    xlsx: Path | None = None,
    progress: Progress | None = None,
) -> PublishedLift:
    """Test a channel, write `lift-CHANNEL-DESIGN.html` in `out`, log a run.

    `out` is in `runs/lift` unless given; with `xlsx` the answer is a workbook too; all else is as
    in `lift`.
    """
    began = time.perf_counter()
    question: dict[str, Any] = {"kpi": kpi, "share": share, "message": message, "change": change}
    question |= {"start": start, "weeks": weeks, "watch": watch, "plan": plan}
    question |= {"customers": customers, "replications": replications}
    folder = out or folder_for("lift", scenario, seed, **question)
    file = folder / f"lift-{channel}-{design}.html"
    check_places([file, *([xlsx] if xlsx else [])], "lift")
    place: dict[str, Any] = {"workers": workers, "progress": progress}
    found = lift(scenario, channel, design, seed=seed, **place, **question)
    published = _published(found, file, scenario)
    document: dict[str, Any] = {
        **found.to_dict(), "summary": repr(found), "seconds": time.perf_counter() - began,
        "report": str(published.report), "mlflow": published.mlflow,
    }  # fmt: skip
    if xlsx is not None:
        with replacing(xlsx, "lift"):
            write_lift_workbook(xlsx, found)
        document["workbook"] = str(xlsx)
    return cast(PublishedLift, document)


def _published(found: Lift, file: Path, scenario: Scenario) -> Publication:
    """The store is opened only when the test is made: a mistake in its design is told before."""
    text = page(found)
    return publish(
        text,
        file,
        lambda files: lift_records(found, files),
        command="lift",
        experiment=f"tiermix/{scenario.name}/lift",
        scenario=scenario,
    )
