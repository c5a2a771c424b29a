"""`tiermix sensitivity`: what the recommendation hangs on, as a page, tables and a document."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

from experiments.folders import folder_for
from experiments.publish.publication import TrackedDocument, check_places, publish
from experiments.report.sensitivity import page
from experiments.sensitivity.run import sensitivity
from experiments.tracking.sensitivity import sensitivity_records
from scenarios import Scenario
from sim import Workers
from tiermix.core.progress import Progress
from tiermix.core.tables.formulas import write_table

COMMAND = "sensitivity"
PAGE, PARAMETERS, DRAWN, KEPT = "sensitivity.html", "parameters.csv", "draws.csv", "kept"


class PublishedSensitivity(TypedDict):
    """The JSON document of `tiermix sensitivity`; `files` are the tables that were written.

    `parameters[]` have `name, value, low, high` (tenth and ninetieth percentile), `share` of the
    variance of the lead, `evpi` (of the parameter), `turns_at` (null where not told), each with
    what tells how far it can be trusted.
    """

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    replications: int
    repeats: int
    objective: str
    currency: str
    strategies: list[str]
    left_out: dict[str, str]
    recommended: str
    runner_up: str | None
    lead: dict[str, float] | None
    probability_best: float
    best_in_draws: dict[str, float]
    evpi: dict[str, Any] | None
    parameters: list[dict[str, Any]]
    words: list[str]
    reused: int
    seconds: dict[str, float]
    report: str
    files: list[str]
    mlflow: TrackedDocument


def sensitivity_job(
    scenario: Scenario,
    strategies: Sequence[str] | None = None,
    *,
    seed: int = 1,
    out: Path | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    **question: Any,
) -> PublishedSensitivity:
    """Make the study, write `sensitivity.html`, `parameters.csv` and `draws.csv`, log a run.

    `out` is in `runs/sensitivity` unless given; pieces that are done are kept there. The `question`
    is that of `sensitivity`.
    """
    began = time.perf_counter()
    folder = out or folder_for(COMMAND, scenario, seed, strategies=strategies, **question)
    check_places([folder / name for name in (PAGE, PARAMETERS, DRAWN)], COMMAND)
    found = sensitivity(
        scenario, strategies, seed=seed, workers=workers, kept=folder / KEPT, progress=progress,
        **question,
    )  # fmt: skip
    tables = {PARAMETERS: found.table(), DRAWN: found.draws()}
    files = [write_table(folder / name, table, COMMAND) for name, table in tables.items()]
    published = publish(
        page(found), folder / PAGE, lambda kept: sensitivity_records(found, kept),
        command=COMMAND, experiment=f"tiermix/{scenario.name}/sensitivity", files=files,
        scenario=scenario,
    )  # fmt: skip
    seconds = {**found.seconds, "total": time.perf_counter() - began}
    document = {**found.to_dict(), "seconds": seconds}
    more = {"report": str(published.report), "files": [str(file) for file in files]}
    return cast(PublishedSensitivity, {**document, **more, "mlflow": published.mlflow})
