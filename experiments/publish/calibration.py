"""`tiermix calibrate`: a scenario fitted to a history, as a file, a page and a tracked run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.calibration.result import CalibrationDocument
from experiments.calibration.run import calibrate
from experiments.calibration.write import header_of, write_scenario
from experiments.folders import folder_for
from experiments.lifts import MeasuredLift
from experiments.publish.publication import TrackedDocument, check_places, publish
from experiments.report.calibration import page
from experiments.tracking.calibration import calibration_records
from scenarios import Scenario
from sim import Workers
from tiermix.core.outputs import replacing
from tiermix.core.progress import Progress


class PublishedCalibration(CalibrationDocument):
    """The JSON document of `tiermix calibrate`; `scenario` is the file that was written."""

    scenario: str
    page: str
    mlflow: TrackedDocument


def calibration_job(
    history: Path,
    base: Scenario,
    extends: str,
    *,
    names: Mapping[str, str] | None = None,
    lifts: Sequence[MeasuredLift] = (),
    out: Path | None = None,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> PublishedCalibration:
    """Calibrate, write the scenario (`out`, or a folder for it) and its page, log a run.

    `extends` is how the written file names the base; it lies in `runs/calibrate` unless `out` is
    given.
    """
    asked: dict[str, Any] = {"names": names, "customers": customers, "replications": replications}
    asked["lifts"] = tuple(lifts)
    if out is not None:
        target = _target(out, history)
        check_places([target, target.with_suffix(".html")], "calibrate")
    found = calibrate(history, base, seed=seed, workers=workers, progress=progress, **asked)
    digest = found.problem.history.digest
    target = _target(out or folder_for("calibrate", base, seed, history=digest, **asked), history)
    header = header_of(found.problem, base, extends, seed)
    with replacing(target, "calibrate") as place:
        written = write_scenario(place, found.scenario, extends, header)
    published = publish(
        page(found),
        target.with_suffix(".html"),
        lambda files: calibration_records(found, files),
        command="calibrate",
        experiment=f"tiermix/{base.name}/calibration",
        scenario=base,
        files=[written],
    )
    return {
        **found.to_dict(),
        "scenario": str(written),
        "page": str(published.report),
        "mlflow": published.mlflow,
    }


def _target(out: Path, history: Path) -> Path:
    """The YAML file that `out` names, or one in the folder that it names."""
    return out if out.suffix in (".yaml", ".yml") else out / f"{history.stem}.yaml"
