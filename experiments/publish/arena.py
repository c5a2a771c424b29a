"""`tiermix benchmark tests`: estimators of tests judged, every test and the scores written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.arena.document import ArenaDocument, arena_document, as_text, read_document
from experiments.arena.judging import judge_tests
from experiments.report.arena import page
from experiments.report.frame import write_page
from sim import Workers
from tiermix.core.files import whole_file, write_text
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress

TESTS, SCORES, PAGE = "tests.csv", "tests.json", "tests.html"
COMMAND = "benchmark"


def benchmark_tests(
    out: Path,
    *,
    size: str = "full",
    conditions: Sequence[str] | None = None,
    seed: int = 1,
    workers: Workers = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Judge estimators of tests by regions and people; write every test, the scores, the page."""
    check_replaceable([out / TESTS, out / SCORES, out / PAGE], COMMAND)
    table = judge_tests(
        size=size, conditions=conditions, seed=seed, workers=workers, progress=progress
    )
    found = arena_document(table, size, seed)
    with replacing(out / TESTS, COMMAND) as place, whole_file(place) as draft:
        table.to_csv(draft, index=False, float_format="%.6g")
    with replacing(out / SCORES, COMMAND) as place:
        write_text(place, as_text(found))
    with replacing(out / PAGE, COMMAND) as place:
        drawn = write_page(place, page(found))
    files = {"tests_file": str(out / TESTS), "scores_file": str(out / SCORES), "page": str(drawn)}
    return {**found, **files}


def tests_beside(out: Path) -> ArenaDocument | None:
    """The scores of tests that lie in the folder of a suite, if there are any."""
    file = out / SCORES
    return read_document(file) if file.is_file() else None
