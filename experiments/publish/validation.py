"""`tiermix validate`: models against the truth, as a page and tracked runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.folders import folder_for
from experiments.publish.publication import Opening, TrackedDocument, publish
from experiments.report.validation import page
from experiments.tracking.validation import validation_records
from experiments.validation.document import ValidationDocument
from experiments.validation.run import validate
from scenarios import Scenario
from sim import Workers
from tiermix.core.outputs import check_replaceable
from tiermix.core.progress import Progress


class PublishedValidation(ValidationDocument):
    """The JSON document of `tiermix validate`."""

    report: str
    mlflow: TrackedDocument


def validation_job(
    scenario: Scenario,
    *,
    models: Sequence[Any] | Mapping[str, Any] | None = None,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    estimand: str = "removal",
    sweep: str | None = None,
    values: Sequence[float] | None = None,
    until: float | None = None,
    bootstrap: int = 0,
    out: Path | None = None,
    progress: Progress | None = None,
) -> PublishedValidation:
    """Validate models, write `validation.html` in `out`, log a run for each model.

    `out` is in `runs/validate` unless given; all else is as in `validate`.
    """
    began = time.perf_counter()
    question: dict[str, Any] = {"replications": replications, "customers": customers}
    question |= {"estimand": estimand, "sweep": sweep, "values": values, "until": until}
    question |= {"bootstrap": bootstrap}
    folder = out or folder_for("validate", scenario, seed, models=models, **question)
    file = folder / "validation.html"
    check_replaceable([file], "validate")
    opening = Opening()
    found = validate(scenario, models, seed=seed, workers=workers, progress=progress, **question)
    published = publish(
        page(found),
        file,
        lambda files: validation_records(found, files),
        command="validate",
        experiment=f"tiermix/{scenario.name}/validation",
        scenario=scenario,
        opening=opening,
    )
    document = found.to_dict()
    document["seconds"]["total"] = time.perf_counter() - began
    return {**document, "report": str(published.report), "mlflow": published.mlflow}
