"""Where work runs: in this process, in copies of it, in joblib's processes, or on a cluster."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TypeVar

from sim.cluster import on_cluster
from tiermix.core.forked import apart as forked_apart
from tiermix.core.forked import can_fork, forked, is_worker
from tiermix.core.progress import Progress

T = TypeVar("T")
R = TypeVar("R")
Workers = int | str | None
"""A number of processes, the address of a Dask scheduler, or None for all cores."""


def default_workers() -> int:
    """Cores that this process may use; one in a worker, whose siblings have the others."""
    if is_worker():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(workers: Workers) -> int:
    """In how many pieces it pays to cut work that one process could do alone."""
    if isinstance(workers, str):
        return 16
    return workers or default_workers()


def run_tasks(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "tasks",
) -> list[R]:
    """Results of `function` over tasks, in their order.

    `workers` is a number of processes (all cores if None) or the address of a Dask scheduler.
    `progress` hears of the tasks done under the name `what`. With one worker nothing leaves this
    process.
    """
    return list(stream_tasks(function, tasks, workers=workers, progress=progress, what=what))


def stream_tasks(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "tasks",
) -> Iterator[R]:
    """The same one by one as they are done, for results that are too many to keep."""
    items = list(tasks)
    results = _stream(function, items, workers or default_workers())
    for done, result in enumerate(results, start=1):
        yield result
        if progress:
            progress(what, done, len(items))


def run_here(function: Callable[[T], R], items: Iterable[T], *, workers: Workers = None) -> list[R]:
    """The same for what this process holds: in copies of it, or in itself, but never sent away."""
    if not can_fork():
        workers = 1
    elif isinstance(workers, str):
        workers = None
    return run_tasks(function, items, workers=workers)


@contextmanager
def apart(work: Callable[[], R], *, workers: Workers = None) -> Iterator[Callable[[], R]]:
    """Work that a copy of this process does meanwhile, if it may have another process.

    What is lent waits for its result; whoever leaves without asking stops it.
    """
    with forked_apart(work) if worker_count(workers) > 1 else nullcontext(work) as result:
        yield result


def _stream(function: Callable[[T], R], items: list[T], workers: int | str) -> Iterator[R]:
    if isinstance(workers, int) and (workers <= 1 or len(items) <= 1):
        yield from (_undisturbed(function, item) for item in items)
        return
    if isinstance(workers, int) and can_fork():
        yield from forked(partial(_undisturbed, function), items, min(workers, len(items)))
        return
    if isinstance(workers, str):
        yield from on_cluster(partial(_undisturbed, function), items, workers)
        return
    import joblib

    # Workers are renewed when their memory has grown, which is no news to whoever reads a terminal.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    with joblib.parallel_config("loky"):
        pool = joblib.Parallel(n_jobs=min(workers, len(items)), return_as="generator")
        yield from pool(joblib.delayed(_undisturbed)(function, item) for item in items)


def _undisturbed(function: Callable[[T], R], item: T) -> R:
    """The result, with the garbage collector looking at new objects only.

    Compilers and tables leave millions of objects; to look through them again and again took a
    twenty-fifth of the time of a run.
    """
    if gc.get_freeze_count():  # whoever froze these will thaw them
        return function(item)
    gc.freeze()
    try:
        return function(item)
    finally:
        gc.unfreeze()
