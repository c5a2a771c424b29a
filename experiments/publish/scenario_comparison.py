"""`tiermix compare`: strategies in several scenarios, as one page, plans, and tracked runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, cast

from experiments.comparison.result import SHOWN_WORLD
from experiments.folders import folder_for
from experiments.publish.compare_workbook import write_compare_workbook
from experiments.publish.publication import (
    Opening,
    Publication,
    TrackedDocument,
    publish,
)
from experiments.report.scenario_comparison import page
from experiments.scenario_comparison.document import ScenarioComparisonDocument
from experiments.scenario_comparison.result import ScenarioComparison
from experiments.scenario_comparison.run import compare_scenarios
from experiments.scenario_comparison.variants import Variant, variants_of
from experiments.study import Clock
from experiments.tracking.scenario_comparison import scenario_records
from scenarios import Scenario
from sim import Workers
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress
from tiermix.core.tables.formulas import write_table

PAGE, KEPT = "compare.html", "kept"


class PublishedScenarioComparison(ScenarioComparisonDocument):
    """The JSON document of `tiermix compare`; each variant names the file of its `plan`."""

    report: str
    mlflow: TrackedDocument
    workbook: NotRequired[str]


def scenario_comparison_job(
    scenarios: Sequence[str | Path | Scenario],
    changes: Mapping[str, Sequence[Any]] | None = None,
    *,
    strategies: Sequence[str] | None = None,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    out: Path | None = None,
    xlsx: Path | None = None,
    progress: Progress | None = None,
) -> PublishedScenarioComparison:
    """Compare, write `compare.html` and each variant's recommended plan, log a run a cell.

    `out` is in `runs/compare` unless given; variants that are done are kept there. All else is as
    in `variants_of` and `compare_scenarios`. With `xlsx` the answer is a workbook too.
    """
    began = time.perf_counter()
    variants = variants_of(scenarios, changes)
    question = {"strategies": strategies, "customers": customers, "replications": replications}
    folder = out or folder_of(variants, seed, question)
    check_replaceable([folder / PAGE, *([xlsx] if xlsx else [])], "compare")
    opening = Opening()
    found = compare_scenarios(
        variants,
        strategies,
        seed=seed,
        customers=customers,
        replications=replications,
        workers=workers,
        kept=folder / KEPT,
        progress=progress,
    )
    clock = Clock(progress)
    published, plans = _published(found, folder, opening, clock)
    document = found.to_dict()
    for n, told in enumerate(document["variants"]):
        told["plan"] = str(plans[n]) if n in plans else None
    total = {"total": time.perf_counter() - began}
    document["seconds"] = {**found.seconds, **clock.seconds, **total}
    more: dict[str, Any] = {"report": str(published.report), "mlflow": published.mlflow}
    if xlsx is not None:
        more["workbook"] = _workbook(xlsx, document, found, plans)
    return cast(PublishedScenarioComparison, {**document, **more})


def _workbook(
    xlsx: Path, told: Mapping[str, Any], found: ScenarioComparison, plans: Mapping[int, Path]
) -> str:
    with replacing(xlsx, "compare"):
        write_compare_workbook(xlsx, told, found.variants, plans)
    return str(xlsx)


def _published(
    found: ScenarioComparison, folder: Path, opening: Opening, clock: Clock
) -> tuple[Publication, dict[int, Path]]:
    """The page, the plans and the runs of a study; plans by the number of their variant."""
    plans = _plans(found, folder)
    published = publish(
        page(found),
        folder / PAGE,
        lambda files: scenario_records(found, files),
        command="compare",
        experiment=f"tiermix/{' · '.join(dict.fromkeys(v.name for v in found.variants))}/compare",
        files=list(plans.values()),
        opening=opening,
        clock=clock,
    )
    return published, plans


def folder_of(variants: Sequence[Variant], seed: int, question: Mapping[str, Any]) -> Path:
    """Where a study lies unless told: the same for the same question."""
    every = [variant.scenario.hash for variant in variants]
    return folder_for("compare", variants[0].scenario, seed, variants=every, **question)


def _plans(found: ScenarioComparison, folder: Path) -> dict[int, Path]:
    """The recommended plan of each variant as a CSV, in the first draw; by the variant's number."""
    files = {}
    for cell in found.best:
        table = found.compared[cell.variant].plan(cell.strategy, world=SHOWN_WORLD)
        file = folder / f"plan-{cell.variant + 1}.csv"
        files[cell.variant] = write_table(file, table, "compare")
    return files
