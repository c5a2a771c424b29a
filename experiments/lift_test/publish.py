"""The command `tiermix lift`: make the test, write the page, log the run, tell the document."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from experiments.folders import folder_for
from experiments.lift_test.run import lift
from experiments.lift_test.views import page, record
from experiments.publish import Opening, tracked_document
from experiments.report.page import write_page
from scenarios import Scenario
from tiermix.core.progress import Progress


def lift_job(
    scenario: Scenario,
    channel: str,
    design: str,
    *,
    out: Path | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Test a channel, write `lift-CHANNEL-DESIGN.html` in `out`, log a run; the JSON document.

    `out` is in `runs/lift` unless given; `more` goes to `lift`.
    """
    began = time.perf_counter()
    found = lift(scenario, channel, design, seed=seed, progress=progress, **more)
    # Only now: a mistake in the design is told before a store is opened.
    opening = Opening()
    folder = out or folder_for("lift", scenario, seed, **more)
    report = write_page(folder / f"lift-{channel}-{design}.html", page(found))
    tracked = opening.store().log(f"tiermix/{scenario.name}/lift", [record(found, (report,))])
    return {
        **found.to_dict(),
        "summary": repr(found),
        "seconds": time.perf_counter() - began,
        "report": str(report),
        "mlflow": tracked_document(tracked),
    }
