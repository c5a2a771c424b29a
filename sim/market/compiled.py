"""Compilation before any clock runs and before workers start: each would compile for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from sim.engine.jit import COMPILED, is_warm
from sim.market.setting import Setting
from sim.output.shards import community_tables
from sim.parallel import Workers, run_tasks
from sim.setup.communities import Community
from tiermix.core.progress import Progress

T = TypeVar("T")
R = TypeVar("R")
_done: set[str] = set()


def warm_up(setting: Setting, progress: Progress | None = None) -> None:
    """Compile (or load) the kernels, once in a process; whatever simulates does it by itself."""
    if COMPILED and not _done:
        if progress and not is_warm():
            progress("compiling the market, once for this version", 0, None)
        tiny = Community(0, 0, 2)
        quick = replace(setting, engine="batch", logging=True)
        population_year, _ = quick.history(tiny)
        community_tables(setting.scenario, tiny, population_year.raw_rows, setting.seed)
        _done.add("kernels")


def simulate_tasks(
    function: Callable[[T], R],
    tasks: Iterable[T],
    like: Setting,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "tasks",
) -> list[R]:
    """Results of a function that simulates markets such as `like`, over tasks, in their order.

    `workers` is a number of processes (all cores if None) or the address of a Dask scheduler;
    `progress` hears of the tasks done under the name `what`.
    """
    warm_up(like, progress)
    return run_tasks(function, tasks, workers=workers, progress=progress, what=what)
