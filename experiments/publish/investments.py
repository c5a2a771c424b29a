"""`tiermix invest`: a study of investments as a page, tables and a document."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, TypedDict, cast

from experiments.folders import folder_for
from experiments.investments.run import invest
from experiments.publish.publication import TrackedDocument, check_places, publish
from experiments.report.investments import page
from experiments.tracking.investments import investment_records
from scenarios import Scenario
from sim import Workers
from tiermix.core.outputs import replacing
from tiermix.core.progress import Progress
from tiermix.core.tables.formulas import write_table

COMMAND = "invest"
PAGE, GAINS, PLAN, KEPT = "invest.html", "investments.csv", "plan.csv", "kept"


class PublishedInvestments(TypedDict):
    """The JSON document of `tiermix invest`; `files` are the tables that were written.

    `investments[]` are candidates alone: `name, chosen, answer, gain, low, high, cost`, with
    `effect` and `media`; `best` is the package that the program took, judged alike; `chosen` names
    what to buy, empty unless `answer` is buy. `spend[]` are the media of the answer.
    """

    scenario: str
    scenario_hash: str
    currency: str
    objective: str
    budget: float
    strategy: str
    seed: int
    customers: int
    replications: int
    answer: str
    chosen: list[str]
    best: dict[str, Any]
    further_draws: int | None
    program_buys: bool
    rival: str
    over_rival: dict[str, float] | None
    investments: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    refused: dict[str, str]
    spend: list[dict[str, Any]]
    words: list[str]
    reused: int
    seconds: dict[str, float]
    report: str
    files: list[str]
    mlflow: TrackedDocument


def invest_job(
    scenario: Scenario,
    *,
    seed: int = 1,
    out: Path | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    **question: Any,
) -> PublishedInvestments:
    """Make the study, write `invest.html`, `investments.csv` and `plan.csv`, log a run.

    `out` is in `runs/invest` unless given; pieces that are done are kept there. The `question` is
    that of `invest`.
    """
    began = time.perf_counter()
    folder = out or folder_for(COMMAND, scenario, seed, **question)
    check_places([folder / name for name in (PAGE, GAINS, PLAN)], COMMAND)
    found = invest(
        scenario, seed=seed, workers=workers, kept=folder / KEPT, progress=progress, **question
    )
    gains = write_table(folder / GAINS, found.table(), COMMAND)
    with replacing(folder / PLAN, COMMAND) as place:
        plan = found.plan.to_csv(place)
    files = [gains, plan]
    published = publish(
        page(found), folder / PAGE, lambda kept: investment_records(found, kept),
        command=COMMAND, experiment=f"tiermix/{scenario.name}/invest", files=files,
        scenario=scenario,
    )  # fmt: skip
    seconds = {**found.seconds, "total": time.perf_counter() - began}
    document = {**found.to_dict(), "seconds": seconds}
    more = {"report": str(published.report), "files": [str(file) for file in files]}
    return cast(PublishedInvestments, {**document, **more, "mlflow": published.mlflow})
