"""judge_tests: estimators of tests on markets whose truth is known, many tests a market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.arena.conditions import COMMUNITIES, CONDITIONS, PEOPLE_CONDITIONS
from experiments.arena.market import arena_market
from experiments.arena.trials import COLUMNS, Row, people_rows, region_rows
from experiments.study import StudyError
from sim import Setting, Workers, simulate_tasks
from tiermix.core.hints import hint
from tiermix.core.progress import Progress
from tiermix.core.seeds import BENCHMARK_TESTS, seeds_of

CUSTOMERS = 125 * COMMUNITIES


@dataclass(frozen=True)
class Size:
    """How many markets, and tests in each of them."""

    markets: int
    tests: int


SIZES = {"full": Size(60, 8), "tiny": Size(3, 2)}


@dataclass(frozen=True)
class _Task:
    number: int
    setting: Setting
    tests: int
    conditions: tuple[str, ...]


def judge_tests(
    *,
    size: str = "full",
    conditions: Sequence[str] | None = None,
    seed: int = 1,
    workers: Workers = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Every test of every market as a table (`COLUMNS`); raises `StudyError` for unknown names.

    Conditions share their markets and, as far as they can, who is treated, so that what differs
    between them is the condition.
    """
    if size not in SIZES:
        raise StudyError(f"size: '{size}' is not known; use {' or '.join(SIZES)}")
    known = list(dict.fromkeys([*CONDITIONS, *PEOPLE_CONDITIONS]))
    for name in conditions or ():
        if name not in known:
            raise StudyError(f"conditions: '{name}' is none; {hint(name, known)}")
    chosen, scale = tuple(conditions or known), SIZES[size]
    market = arena_market()
    tasks = [
        _Task(number, Setting(market, CUSTOMERS, one), scale.tests, chosen)
        for number, one in enumerate(seeds_of(BENCHMARK_TESTS, seed, scale.markets), start=1)
    ]
    settings = [task.setting for task in tasks]
    parts = simulate_tasks(
        _judged, tasks, settings, workers=workers, progress=progress, what="markets tested"
    )
    table = pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))
    return table.sort_values("kind", ascending=False, kind="stable", ignore_index=True)


def _judged(task: _Task) -> list[Row]:
    """All tests of one market, by condition."""
    by_regions = [CONDITIONS[name] for name in task.conditions if name in CONDITIONS]
    by_people = [PEOPLE_CONDITIONS[name] for name in task.conditions if name in PEOPLE_CONDITIONS]
    where = (task.setting, task.number, task.tests)
    return [*region_rows(by_regions, *where), *people_rows(by_people, *where)]
