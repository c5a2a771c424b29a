"""`tiermix run`: strategies compared, credit against the truth beside them, report and plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

import pandas as pd

from experiments.cases.plausibility import Believability
from experiments.comparison.document import ComparisonDocument
from experiments.comparison.own_plan import OwnPlan
from experiments.comparison.result import SHOWN_WORLD, Comparison, Study
from experiments.comparison.run import UntilDocument, study, told
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import USUAL
from experiments.comparison.strategy import Strategy
from experiments.credit import attribution_against_truth
from experiments.folders import folder_for
from experiments.publish.publication import Opening, Publication, TrackedDocument, publish
from experiments.publish.run_workbook import write_run_workbook
from experiments.study import Clock
from experiments.tracking.comparison import comparison_records
from experiments.tracking.record import scenario_text
from scenarios import Scenario
from sim import Workers, apart
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress


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
    until: UntilDocument | None
    workbook: NotRequired[str]


def main_job(
    scenario: Scenario,
    *,
    strategies: Sequence[str | Strategy] | None = None,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    until: float | None = None,
    workers: Workers = None,
    out: Path | None = None,
    xlsx: Path | None = None,
    progress: Progress | None = None,
) -> RunDocument:
    """Compare, attribute, report, track; the JSON document of `tiermix run`.

    The report lies in `out` (in `runs/run` unless given) and appears whole or not at all, and
    beside it the recommended plan as `plan.csv`, which can be simulated again. With `xlsx` the
    answer is an Excel workbook too.
    """
    began = time.perf_counter()
    tried = chosen(strategies or USUAL, scenario)
    asked = None if strategies is None else [_asked(strategy) for strategy in tried]
    size: dict[str, Any] = {"customers": customers, "replications": replications, "until": until}
    folder = out or folder_for("run", scenario, seed, strategies=asked, **size)
    files = [folder / "report.html", folder / "plan.csv", *([xlsx] if xlsx else [])]
    check_replaceable(files, "run")
    opening = Opening()
    progress = opening.watched(progress)
    found = study(scenario, tried, seed=seed, workers=workers, progress=progress, **size)
    clock = Clock(progress)
    seen = beside(scenario, seed, customers, workers, clock)
    # The page draws charts while runs are logged: either is one process's work.
    with apart(partial(page_of, scenario, found, seen), workers=workers) as text:
        published, plan = publish_comparison(scenario, found, text, seen, folder, opening, clock)
    seconds = {**clock.seconds, "total": time.perf_counter() - began}
    document = _document(found.comparison, published, plan, seconds, until)
    if xlsx is not None:
        document["workbook"] = _workbook(xlsx, document, found, scenario)
    return cast(RunDocument, document)


def _document(
    comparison: Comparison,
    published: Publication,
    plan: Path,
    seconds: dict[str, float],
    until: float | None,
) -> dict[str, Any]:
    return {
        **comparison.to_dict(),
        "seconds": {**comparison.seconds, **seconds},
        "plan": plan_document(comparison, plan),
        "report": str(published.report),
        "mlflow": published.mlflow,
        "until": None if until is None else told(comparison, until),
    }


def _workbook(xlsx: Path, document: Mapping[str, Any], found: Study, scenario: Scenario) -> str:
    media = found.choices[found.comparison.shown][SHOWN_WORLD].media.monthly()
    with replacing(xlsx, "run"):
        write_run_workbook(xlsx, document, media, scenario)
    return str(xlsx)


def _asked(strategy: Strategy) -> str:
    """A strategy as a question: another plan in a file of the same name is another question."""
    mine = strategy.plan
    return f"{strategy.name}:{mine.media.hash}" if isinstance(mine, OwnPlan) else strategy.name


@dataclass(frozen=True)
class Beside:
    """What stands beside a comparison: credit against the truth, by which rule, and beliefs."""

    credit: pd.DataFrame
    rule: str
    plausibility: pd.DataFrame


def beside(
    scenario: Scenario, seed: int, customers: int | None, workers: Workers, clock: Clock
) -> Beside:
    """Attribution against the truth, and whether the scenario is plausible, in one market."""
    credit = attribution_against_truth(
        scenario, seed=seed, customers=customers, workers=workers, progress=clock.progress
    )
    clock.lap("attribution")
    checked = Believability(scenario, seed, customers, workers, credit.table).table
    clock.lap("plausibility")
    return Beside(credit.table, f"{credit.cut.words} {credit.truth}", checked)


def page_of(scenario: Scenario, found: Study, seen: Beside) -> str:
    """The report as one HTML document."""
    from experiments.report.comparison.data import report_data
    from experiments.report.page import page

    data = report_data(
        scenario,
        found,
        attribution=seen.credit,
        credit_rule=seen.rule,
        plausibility=seen.plausibility,
    )
    return page(found.comparison, data)


def publish_comparison(
    scenario: Scenario,
    found: Study,
    text: Callable[[], str],
    seen: Beside,
    folder: Path,
    opening: Opening,
    clock: Clock,
) -> tuple[Publication, Path]:
    """The report and the runs of a comparison, and the recommended plan as a CSV beside them."""
    comparison = found.comparison
    plan = write_plan(folder, found)
    published = publish(
        text,
        folder / "report.html",
        lambda files: comparison_records(
            comparison,
            scenario_yaml=scenario_text(scenario),
            attribution=seen.credit,
            files=files,
        ),
        command="run",
        experiment=f"tiermix/{scenario.name}",
        scenario=scenario,
        files=[plan],
        opening=opening,
        clock=clock,
    )
    return published, plan


def write_plan(folder: Path, found: Study) -> Path:
    """The recommended plan as a CSV: that of the best strategy in the world that is shown."""
    best = found.comparison.shown
    with replacing(folder / "plan.csv", "run") as place:
        return found.choices[best][SHOWN_WORLD].media.to_csv(place)


def plan_document(comparison: Comparison, file: Path) -> PlanDocument:
    """Whose plan the file holds, and in which world it was made."""
    best = comparison.shown
    return {
        "file": str(file),
        "strategy": best,
        "world": SHOWN_WORLD,
        "same_in_every_world": not comparison.plan_differs(best),
    }
