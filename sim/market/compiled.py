"""Compilation before any clock runs and before workers start: each would compile for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sim.engine.jit import CACHE_FOLDER, COMPILED, is_warm
from sim.market.setting import Setting
from sim.market.usual import Usual
from sim.output.shards import community_tables
from sim.parallel import Workers, run_tasks
from sim.setup.communities import Community
from tiermix.core.progress import Progress

T = TypeVar("T")
R = TypeVar("R")
_done: set[str] = set()


def kernels() -> tuple[Path, bool]:
    """The folder of compiled code, and whether it is there already."""
    return CACHE_FOLDER, is_warm()


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
    markets: Sequence[Setting],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "tasks",
) -> list[R]:
    """Results of a function over tasks, in their order, which simulates some of these markets.

    What is usual in them is settled first, and travels with the tasks. `workers` is a number of
    processes (all cores if None) or the address of a Dask scheduler; `progress` hears of the tasks
    done under the name `what`.
    """
    warm_up(markets[0], progress)
    settle_usual(markets, workers)
    return run_tasks(function, tasks, workers=workers, progress=progress, what=what)


def settle_usual(markets: Sequence[Setting], workers: Workers = None) -> None:
    """Live the pilots of these markets, side by side where there are several."""
    new = list({id(market): market for market in markets if "usual" not in vars(market)}.values())
    found = run_tasks(_usual, new, workers=workers if len(new) > 1 else 1)
    for market, usual in zip(new, found, strict=True):
        vars(market)["usual"] = usual


def _usual(market: Setting) -> Usual | None:
    return market.usual
