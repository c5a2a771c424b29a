"""Worker processes that start as copies of this one: nothing to import, to load or to send."""

from __future__ import annotations

import ctypes
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from tiermix.core.errors import TiermixError

T = TypeVar("T")
R = TypeVar("R")


class WorkerError(TiermixError):
    """A worker process ended before its work was done."""


AHEAD = 4
"""Tasks for each worker that may be done before their results are asked for."""
_ENDING = {signal.SIGINT, signal.SIGTERM}
_PDEATHSIG = 1  # prctl(2): what a process is sent when its parent ends

_whole = threading.RLock()
_work: dict[int, tuple[Callable[[Any], Any], Sequence[Any]]] = {}
_numbers = itertools.count()
_inside = False
_lent = threading.local()


def can_fork() -> bool:
    """Whether a copy of this process is safe: elsewhere libraries of the system have threads."""
    return sys.platform == "linux"


def is_worker() -> bool:
    """Whether this process is such a copy, or works for another machine: its cores are taken."""
    return _inside or getattr(_lent, "out", False)


def as_worker(function: Callable[[T], R], item: T) -> R:
    """What a function makes of an item, in a thread that takes no cores beside its own."""
    _lent.out = True
    try:
        return function(item)
    finally:
        _lent.out = False


@contextmanager
def no_copies() -> Iterator[None]:
    """While a thread imports: a copy made meanwhile would wait for ever for the rest of it."""
    with _whole:
        yield


def forked(function: Callable[[T], R], items: Sequence[T], count: int) -> Generator[R, None, None]:
    """Results of a function over items in their order, from `count` copies of this process.

    Function and items are in the copies from the start; results come back pickled. Whoever stops
    asking stops the work. Raises what a task raises, and `WorkerError` where a worker was killed.
    """
    number = next(_numbers)
    _work[number] = function, items
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_started, initargs=(os.getpid(),)
    )
    finished = False
    try:
        waiting: deque[Future[R]] = deque()
        places = iter(range(len(items)))
        for _ in range(len(items)):
            for place in itertools.islice(places, AHEAD * count - len(waiting)):
                waiting.append(_submitted(pool, number, place))
            yield waiting.popleft().result()
        finished = True
    except BrokenProcessPool:
        raise WorkerError(
            "a worker process was killed before its work was done, most often because memory ran "
            "out; take fewer `workers` or fewer customers."
        ) from None
    finally:
        del _work[number]
        if not finished:
            for mine in set(multiprocessing.active_children()) - before:
                mine.terminate()
        pool.shutdown(cancel_futures=True)


@contextmanager
def apart(work: Callable[[], R]) -> Iterator[Callable[[], R]]:
    """Work that a copy of this process does meanwhile; what is lent waits for its result.

    Where a copy is not safe, or this is one itself, the work is done when it is asked for. Whoever
    leaves without asking stops it. Raises what the work raises, and `WorkerError`, when asked.
    """
    if not can_fork() or is_worker():
        yield work
        return
    with closing(forked(_called, (_nothing, work), 1)) as results:
        next(results)  # of nothing: from here on the copy is at work
        yield lambda: next(results)


def _called(work: Callable[[], R]) -> R:
    return work()


def _nothing() -> Any:
    return None


def _submitted(pool: ProcessPoolExecutor, number: int, place: int) -> Future[Any]:
    with no_copies(), _undisturbed(), warnings.catch_warnings():
        # Threads of this process hold nothing that tasks use; libraries look after their own.
        warnings.filterwarnings("ignore", ".*use of fork", DeprecationWarning)
        return pool.submit(_done, number, place)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """While copies are made no signal is heard: one in their midst left a pool that never ended.

    Copies begin without hearing any too, until they know that they are copies.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _done(number: int, place: int) -> Any:
    function, items = _work[number]
    return function(items[place])


def _started(parent: int) -> None:
    """In the copy: no workers of its own, Ctrl-C is for the parent, whose end is its own."""
    global _inside
    _inside = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked to tell
        os._exit(1)
