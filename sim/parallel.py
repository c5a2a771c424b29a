"""Where work runs: one place that knows joblib, for this machine's cores or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[int], None]


def default_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> list[R]:
    """Results of `function` over tasks, in their order, on `workers` processes or a cluster.

    `progress` is called with the number of tasks done. With one worker nothing leaves this
    process.
    """
    items = list(tasks)
    results: list[R] = []
    for result in _stream(function, items, workers or default_workers(), cluster):
        results.append(result)
        if progress:
            progress(len(results))
    return results


def _stream(
    function: Callable[[T], R], items: list[T], workers: int, cluster: str | None
) -> Iterator[R]:
    if cluster is None and (workers <= 1 or len(items) <= 1):
        yield from map(function, items)
        return
    import joblib

    with _backend(cluster):
        pool = joblib.Parallel(
            n_jobs=-1 if cluster else min(workers, len(items)), return_as="generator"
        )
        yield from pool(joblib.delayed(function)(item) for item in items)


def _backend(cluster: str | None) -> Any:
    import joblib

    if cluster is None:
        return joblib.parallel_config("loky")
    from distributed import Client

    client = Client(cluster)
    return joblib.parallel_config("dask", client=client)
