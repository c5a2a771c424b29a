"""The command `tiermix validate`: validate, write the page, log the runs, tell the document."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.folders import folder_for
from experiments.publish import Opening, tracked_document
from experiments.report.validation import write_validation
from experiments.validation.run import validate
from experiments.validation.views import records
from scenarios import Scenario
from tiermix.core.progress import Progress


def validation_job(
    scenario: Scenario,
    *,
    models: Sequence[str] | None = None,
    out: Path | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Validate models, write `validation.html` in `out`, log runs; the JSON document.

    `out` is in `runs/validate` unless given; `more` goes to `validate`.
    """
    began = time.perf_counter()
    opening = Opening()
    found = validate(scenario, models, seed=seed, progress=progress, **more)
    folder = out or folder_for("validate", scenario, seed, models=models, **more)
    report = write_validation(folder / "validation.html", found)
    tracked = opening.store().log(f"tiermix/{scenario.name}/validation", records(found, (report,)))
    document = found.to_dict()
    document["seconds"]["total"] = time.perf_counter() - began
    document["report"] = str(report)
    document["mlflow"] = tracked_document(tracked)
    return document
