"""Studies brought to their readers: the page is written, the runs are tracked, and both are told.

`publish` does so for any study; `main_job` is the study of `tiermix run`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, cast

from experiments.calibration.result import CalibrationDocument
from experiments.calibration.run import calibrate
from experiments.calibration.write import header_of, write_scenario
from experiments.cases.plausibility import Believability
from experiments.comparison.document import ComparisonDocument
from experiments.comparison.result import SHOWN_WORLD, Comparison, Study
from experiments.comparison.run import study
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import USUAL
from experiments.comparison.strategy import Strategy
from experiments.credit import attribution_against_truth
from experiments.folders import folder_for
from experiments.lift_test.document import LiftDocument
from experiments.lift_test.run import lift
from experiments.report.calibration import page as calibration_page
from experiments.report.comparison.data import ReportData, report_data
from experiments.report.lift import page as lift_page
from experiments.report.page import page, write_page
from experiments.report.validation import page as validation_page
from experiments.study import Clock
from experiments.tracking.calibration import calibration_records
from experiments.tracking.comparison import comparison_records
from experiments.tracking.lift import lift_records
from experiments.tracking.record import RunRecord
from experiments.tracking.store import Store, Tracked, tracking_uri
from experiments.tracking.validation import validation_records
from experiments.validation.document import ValidationDocument
from experiments.validation.run import validate
from scenarios import Scenario
from sim import Workers
from tiermix.core.progress import Progress

__all__ = ["Opening", "Publication", "attribution_against_truth", "main_job", "publish"]


class TrackedDocument(TypedDict):
    """Where the runs are: `compare` opens those of one world side by side."""

    tracking_uri: str
    experiment: str
    compare: str


class PlanDocument(TypedDict):
    """The file of the recommended plan: whose it is, and in which world it was made."""

    file: str
    strategy: str
    world: int
    same_in_every_world: bool


class RunDocument(ComparisonDocument):
    """The JSON document of `tiermix run`."""

    plan: PlanDocument
    report: str
    mlflow: TrackedDocument


class Opening:
    """A tracking store that is opened while the market is simulated: it costs seconds."""

    def __init__(self) -> None:
        pool = ThreadPoolExecutor(1, "tracking")
        self._opened = pool.submit(lambda: Store(tracking_uri()))
        pool.shutdown(wait=False)

    def store(self) -> Store:
        """The open store; raises what opening raised."""
        return self._opened.result()


@dataclass(frozen=True)
class Publication:
    """A study that was published: its page, and where its runs are tracked."""

    report: Path
    tracked: Tracked

    @property
    def mlflow(self) -> TrackedDocument:
        """What the JSON of every study says under `mlflow`."""
        return tracked_document(self.tracked)


def tracked_document(tracked: Tracked) -> TrackedDocument:
    """What the JSON of every study says under `mlflow`."""
    return {
        "tracking_uri": tracked.tracking_uri,
        "experiment": tracked.experiment,
        "compare": tracked.compare_url,
    }


def publish(
    text: str,
    path: Path,
    records: Callable[[Sequence[Path]], Iterable[RunRecord]],
    *,
    experiment: str,
    files: Sequence[Path] = (),
    opening: Opening | None = None,
    clock: Clock | None = None,
) -> Publication:
    """Write a study's page to `path` and log its runs in an experiment.

    `records` is given the files to keep with the study: the page, and `files` that lie on disk
    already. The page appears whole or not at all. Raises `TrackingError`.
    """
    clock = clock or Clock(None)
    report = write_page(path, text)
    clock.lap("report")
    runs = list(records([report, *files]))
    heard, done = clock.of("tracking"), 0

    def logged(_: RunRecord) -> None:
        nonlocal done
        done += 1
        if heard:
            heard("runs", done, len(runs))

    tracked = (opening or Opening()).store().log(experiment, runs, on_run=logged)
    clock.lap("tracking")
    return Publication(report, tracked)


def main_job(
    scenario: Scenario,
    *,
    strategies: Sequence[str | Strategy] | None = None,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> RunDocument:
    """Compare, attribute, report, track; the JSON document of `tiermix run`.

    The report lies in `out` (in `runs/run` unless given) and appears whole or not at all, and
    beside it the recommended plan as `plan.csv`, which can be simulated again.
    """
    began = time.perf_counter()
    tried = chosen(strategies or USUAL)
    asked = None if strategies is None else [strategy.name for strategy in tried]
    question = {"strategies": asked, "customers": customers, "replications": replications}
    folder = out or folder_for("run", scenario, seed, **question)
    opening = Opening()
    found = study(
        scenario,
        tried,
        replications=replications,
        seed=seed,
        customers=customers,
        workers=workers,
        progress=progress,
    )
    clock = Clock(progress)
    data = beside(scenario, found, seed, customers, workers, clock)
    published, plan = publish_comparison(scenario, found, data, folder, opening, clock)
    comparison = found.comparison
    seconds = {**comparison.seconds, **clock.seconds, "total": time.perf_counter() - began}
    document = {
        **comparison.to_dict(),
        "seconds": seconds,
        "plan": plan_document(comparison, plan),
        "report": str(published.report),
        "mlflow": published.mlflow,
    }
    return cast(RunDocument, document)


def beside(
    scenario: Scenario,
    found: Study,
    seed: int,
    customers: int | None,
    workers: Workers,
    clock: Clock,
) -> ReportData:
    """What stands beside the comparison: attribution against the truth, and plausibility checks."""
    credit = attribution_against_truth(
        scenario, seed=seed, customers=customers, workers=workers, progress=clock.progress
    )
    clock.lap("attribution")
    checked = Believability(scenario, seed, customers, workers, credit.table).table
    clock.lap("plausibility")
    return report_data(
        scenario,
        found,
        attribution=credit.table,
        credit_rule=f"{credit.cut.words} {credit.truth}",
        plausibility=checked,
    )


def publish_comparison(
    scenario: Scenario,
    found: Study,
    data: ReportData,
    folder: Path,
    opening: Opening,
    clock: Clock,
) -> tuple[Publication, Path]:
    """The report and the runs of a comparison, and the recommended plan as a CSV beside them."""
    comparison = found.comparison
    text = page(comparison, data)
    plan = write_plan(folder, found)
    published = publish(
        text,
        folder / "report.html",
        lambda files: comparison_records(
            comparison,
            scenario_yaml=scenario_text(scenario),
            attribution=data.attribution,
            files=files,
        ),
        experiment=f"tiermix/{scenario.name}",
        files=[plan],
        opening=opening,
        clock=clock,
    )
    return published, plan


def write_plan(folder: Path, found: Study) -> Path:
    """The recommended plan as a CSV: that of the best strategy in the world that is shown."""
    folder.mkdir(parents=True, exist_ok=True)
    best = found.comparison.best().strategy
    return found.choices[best][SHOWN_WORLD].media.to_csv(folder / "plan.csv")


def plan_document(comparison: Comparison, file: Path) -> PlanDocument:
    """Whose plan the file holds, and in which world it was made."""
    best = comparison.best().strategy
    return {
        "file": str(file),
        "strategy": best,
        "world": SHOWN_WORLD,
        "same_in_every_world": not comparison.plan_differs(best),
    }


def scenario_text(scenario: Scenario) -> str:
    """The scenario as it is kept with each run: JSON, which is YAML too."""
    return json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False, indent=1)


# ---- the other studies: each is run, written to its page, tracked, and told as one document


class PublishedValidation(ValidationDocument):
    """The JSON document of `tiermix validate`."""

    report: str
    mlflow: TrackedDocument


def validation_job(
    scenario: Scenario,
    *,
    models: Sequence[Any] | Mapping[str, Any] | None = None,
    seed: int = 1,
    workers: Workers = None,
    out: Path | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> PublishedValidation:
    """Validate models, write `validation.html` in `out`, log a run for each model.

    `out` is in `runs/validate` unless given; `options` are the others of `validate`.
    """
    began, opening = time.perf_counter(), Opening()
    found = validate(scenario, models, seed=seed, workers=workers, progress=progress, **options)
    folder = out or folder_for("validate", scenario, seed, models=models, **options)
    published = publish(
        validation_page(found),
        folder / "validation.html",
        lambda files: validation_records(found, files),
        experiment=f"tiermix/{scenario.name}/validation",
        opening=opening,
    )
    document = found.to_dict()
    document["seconds"]["total"] = time.perf_counter() - began
    return {**document, "report": str(published.report), "mlflow": published.mlflow}


class PublishedLift(LiftDocument):
    """The JSON document of `tiermix lift`; `summary` is the test as a terminal shows it."""

    summary: str
    seconds: float
    report: str
    mlflow: TrackedDocument


def lift_job(
    scenario: Scenario,
    channel: str,
    design: str,
    *,
    seed: int = 1,
    out: Path | None = None,
    progress: Progress | None = None,
    workers: Workers = None,
    **options: Any,
) -> PublishedLift:
    """Test a channel, write `lift-CHANNEL-DESIGN.html` in `out`, log a run.

    `out` is in `runs/lift` unless given; `options` are the others of `lift`.
    """
    began = time.perf_counter()
    more: dict[str, Any] = {"workers": workers, "progress": progress, **options}
    found = lift(scenario, channel, design, seed=seed, **more)
    folder = out or folder_for("lift", scenario, seed, **options)
    # The store is opened only now: a mistake in the design is told before.
    published = publish(
        lift_page(found),
        folder / f"lift-{channel}-{design}.html",
        lambda files: lift_records(found, files),
        experiment=f"tiermix/{scenario.name}/lift",
    )
    return {
        **found.to_dict(),
        "summary": repr(found),
        "seconds": time.perf_counter() - began,
        "report": str(published.report),
        "mlflow": published.mlflow,
    }


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
    found = calibrate(history, base, seed=seed, workers=workers, progress=progress, **asked)
    digest = found.problem.history.digest
    target = out or folder_for("calibrate", base, seed, history=digest, **asked)
    if target.suffix not in (".yaml", ".yml"):
        target = target / f"{history.stem}.yaml"
    header = header_of(found.problem, extends, seed)
    written = write_scenario(target, found.scenario, extends, header)
    published = publish(
        calibration_page(found),
        target.with_suffix(".html"),
        lambda files: calibration_records(found, files),
        experiment=f"tiermix/{base.name}/calibration",
        files=[written],
    )
    return {
        **found.to_dict(),
        "scenario": str(written),
        "page": str(published.report),
        "mlflow": published.mlflow,
    }
