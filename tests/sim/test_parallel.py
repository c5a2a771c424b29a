"""Where work runs: results in their order, and nothing left behind in the process."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimize import allocate
from sim.parallel import apart, default_workers, run_tasks, stream_tasks
from tests.optimize.test_allocate import random_instance
from tiermix.core.forked import AHEAD, WorkerError, can_fork, is_worker, no_copies

forks = pytest.mark.skipif(not can_fork(), reason="this platform starts workers afresh")


def _half(number: int) -> tuple[float, int]:
    """Half of an even number, and how many objects the collector overlooks meanwhile."""
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number / 2, gc.get_freeze_count()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_their_tasks(workers: int) -> None:
    heard: list[tuple[str, int, int | None]] = []
    found = run_tasks(
        _half, [2, 8, 4], workers=workers, progress=lambda *said: heard.append(said), what="halves"
    )
    assert [half for half, _ in found] == [1.0, 4.0, 2.0]
    assert heard == [("halves", 1, 3), ("halves", 2, 3), ("halves", 3, 3)]


def test_the_collector_overlooks_what_was_there_only_while_a_task_runs() -> None:
    (_, overlooked), *_ = run_tasks(_half, [2, 4], workers=1)
    assert overlooked > 1000
    assert gc.get_freeze_count() == 0
    with pytest.raises(ValueError, match="3 is odd"):
        run_tasks(_half, [2, 3], workers=1)
    assert gc.get_freeze_count() == 0


def test_whoever_froze_objects_finds_them_frozen() -> None:
    gc.freeze()
    try:
        run_tasks(_half, [2, 4], workers=1)
        assert gc.get_freeze_count() > 1000
    finally:
        gc.unfreeze()


def _killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@forks
def test_a_worker_that_is_killed_is_told_as_what_it_is() -> None:
    with pytest.raises(WorkerError, match=r"a worker process was killed .* memory ran out"):
        run_tasks(_killed, [1, 2], workers=2)
    assert not multiprocessing.active_children()


@forks
@pytest.mark.parametrize("task", [lambda x: (x, is_worker(), default_workers()), None])
def test_a_worker_has_what_its_parent_has_and_no_workers_of_its_own(
    task: Callable[[Any], Any] | None,
) -> None:
    """A lambda cannot be sent to a process that was started afresh, nor an open file."""
    with Path(__file__).open() as opened:
        if task is None:
            name, *_ = run_tasks(lambda file: file.name, [opened, opened], workers=2)
            assert name == __file__
        else:
            assert run_tasks(task, [3, 4], workers=2) == [(3, True, 1), (4, True, 1)]
    assert not is_worker()


def _slow(number: int) -> int:
    time.sleep(0.01 if number else 30)
    return number


@forks
def test_whoever_stops_asking_stops_the_work() -> None:
    started = time.monotonic()
    results = stream_tasks(_slow, [1, 0, 0, 2], workers=2)
    assert next(results) == 1
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 15
    assert not multiprocessing.active_children()


def _noted(task: tuple[Path, int]) -> int:
    folder, number = task
    (folder / str(number)).touch()
    return number


@forks
def test_results_that_nobody_has_asked_for_yet_are_few(tmp_path: Path) -> None:
    """Work goes on while results wait, but not so far that all of them lie in memory."""
    results = stream_tasks(_noted, [(tmp_path, k) for k in range(60)], workers=2)
    assert next(results) == 0
    time.sleep(0.3)
    assert len(list(tmp_path.iterdir())) <= 2 * AHEAD + 1
    assert list(results) == list(range(1, 60))


@forks
def test_no_copy_is_made_while_a_thread_imports() -> None:
    """It would wait for ever for a module that nobody goes on to import there."""
    begun, ended = threading.Event(), []

    def importing() -> None:
        with no_copies():
            begun.set()
            time.sleep(0.3)
            ended.append(time.monotonic())

    thread = threading.Thread(target=importing)
    thread.start()
    begun.wait()
    copied = run_tasks(lambda _: time.monotonic(), [1, 2], workers=2)
    thread.join()
    assert min(copied) >= ended[0]


ORPHANS = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
from sim.parallel import run_tasks

def task(number):
    os.write(1, f"{os.getpid()} ".encode())
    if number == 2:
        time.sleep(0.5)
        os.kill(os.getppid(), getattr(signal, sys.argv[1]))
    time.sleep(60)

run_tasks(task, [1, 2], workers=2)
"""


def _lives(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait to be counted."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@forks
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_workers_end_with_their_parent(name: str) -> None:
    script = [sys.executable, "-c", ORPHANS, name]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode != 0
    workers = [int(line) for line in ended.stdout.split()]
    assert len(workers) == 2
    time.sleep(0.2)
    assert not [pid for pid in workers if _lives(pid)]


def _planned(seed: int) -> float:
    return allocate(*random_instance(seed, size=(3, 4))).objective.value


@forks
def test_programs_are_solved_in_workers_after_the_parent_has_solved_some() -> None:
    """The solver keeps threads, which a copy of the process does not have."""
    alone = [_planned(seed) for seed in (1, 2)]
    np.testing.assert_array_equal(run_tasks(_planned, [1, 2], workers=2), alone)


@pytest.mark.parametrize("workers", [1, 2])
def test_work_apart_is_done_meanwhile_and_waited_for(workers: int) -> None:
    here = os.getpid()
    with apart(os.getpid, workers=workers) as there:
        assert (there() == here) == (workers == 1 or not can_fork())
    with apart(lambda: _half(3), workers=workers) as odd, pytest.raises(ValueError, match="odd"):
        odd()


@forks
def test_who_leaves_without_asking_stops_what_was_done_apart() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), apart(lambda: time.sleep(60), workers=2):
        raise KeyboardInterrupt
    assert time.monotonic() - began < 30
    assert multiprocessing.active_children() == []
