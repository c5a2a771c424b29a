"""`tiermix benchmark`: results written, scored and shown as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.benchmark.folder import SuiteFolder
from experiments.benchmark.make import make_suite
from experiments.benchmark.results import give_results, read_results, write_results
from experiments.benchmark.scoring import Scores, score
from experiments.benchmark.table import ENDS, document_of
from experiments.publish.arena import tests_beside
from experiments.report.benchmark import page
from experiments.report.frame import write_page
from experiments.study import StudyError
from experiments.validation.references import check_names
from sim import Workers
from tiermix.core.files import whole_file
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress

OURS, TABLE, SCORES = "tiermix.csv", "table.html", "scores.csv"
COMMAND = "benchmark"


def benchmark_run(
    out: Path,
    *,
    size: str = "full",
    markets: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    estimand: str = "removal",
    bootstrap: int = 0,
    workers: Workers = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make the suite, let our models answer, score every result that lies there, write the page."""
    check_replaceable([out / TABLE, out / SCORES, out / "results" / OURS], COMMAND)
    work: dict[str, Any] = {"workers": workers, "progress": progress}
    suite = make_suite(out, size=size, markets=markets, **work)
    table = give_results(suite, models, draws=bootstrap, **work)
    with replacing(out / "results" / OURS, COMMAND) as place:
        write_results(table, place)
    return benchmark_table(out, estimand=estimand, **work)


def benchmark_table(
    out: Path,
    more: Sequence[Path] = (),
    *,
    truth: Path | None = None,
    estimand: str = "removal",
    workers: Workers = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score all results in `out/results`, and `more`, and write `table.html` and `scores.csv`."""
    check_replaceable([out / TABLE, out / SCORES], COMMAND)
    suite, tests = SuiteFolder.open(out, truth), tests_beside(out)
    files = [*sorted((out / "results").glob("*.csv")), *more]
    if not files:
        raise StudyError(f"{out / 'results'}: holds no results; name some, or run our models first")
    found = score(suite, _together(files, suite), estimand=estimand, workers=workers,
                  progress=progress)  # fmt: skip
    with replacing(out / SCORES, COMMAND) as place, whole_file(place) as draft:
        flat(found).to_csv(draft, index=False)
    with replacing(out / TABLE, COMMAND) as place:
        drawn = write_page(place, page(found, tests))
    return {**document_of(found), "scores_file": str(out / SCORES), "page": str(drawn)}


def benchmark_score(
    result: Path,
    out: Path,
    *,
    truth: Path | None = None,
    estimand: str = "removal",
    workers: Workers = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score one result beside the references alone; nothing is written."""
    suite = SuiteFolder.open(out, truth)
    results = read_results(result, suite)
    return document_of(score(suite, results, estimand=estimand, workers=workers, progress=progress))


def flat(scores: Scores) -> pd.DataFrame:
    """The scores as a table: `market, model, measure, mean, se, low, high, group, rank_low, …`."""
    rows = [
        {"market": cell["market"], "model": cell["model"], "measure": measure,
         **{end: figures[end] for end in ENDS}, "group": cell["group"],
         "rank_low": cell["rank_low"], "rank_high": cell["rank_high"]}
        for cell in document_of(scores)["scores"]
        for measure, figures in cell["measures"].items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _together(files: Sequence[Path], suite: SuiteFolder) -> pd.DataFrame:
    """Results of several files; raises `StudyError` for a model that two of them answer for."""
    tables = [read_results(file, suite) for file in files]
    seen: dict[str, Path] = {}
    for file, table in zip(files, tables, strict=True):
        for model in table["model"].unique():
            if model in seen:
                raise StudyError(
                    f"{file}: credit of '{model}' stands in {seen[model]} already; give it another "
                    "name in the column model"
                )
            seen[model] = file
    check_names(seen)
    return pd.concat(tables, ignore_index=True)
