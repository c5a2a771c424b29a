"""Work on a Dask cluster: refused in seconds where there is none, or one that is not ours.

Tasks and results travel as pickles, so scheduler and workers have to be trusted: whoever speaks to
them may run code on both sides.
"""

from __future__ import annotations

import atexit
import itertools
import re
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from tiermix.core.errors import TiermixError
from tiermix.core.files import LIBRARIES, sources_hash, versions
from tiermix.core.forked import as_worker

T = TypeVar("T")
R = TypeVar("R")

ANSWER = 10
"""Seconds in which a scheduler has to answer, and its first worker to be there."""
AHEAD = 4
"""Tasks for each thread of the workers that may be done before their results are asked for."""
_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[^]]+\]|[^:/]+):(?P<port>\d+)")


class ClusterError(TiermixError):
    """A cluster that is not there, is of other versions, or lost its workers."""


def check_scheduler(address: str) -> None:
    """Refuse an address that is none, or where nobody listens; raises `ClusterError`."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ClusterError(
            f"{address!r} is no address of a Dask scheduler; give one as in tcp://10.0.0.5:8786."
        )
    if found["scheme"] not in ("tcp", "tls"):
        return
    try:
        place = found["host"].strip("[]"), int(found["port"])
        socket.create_connection(place, timeout=ANSWER / 2).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`, "
            "or look whether this machine may reach it."
        ) from None


def on_cluster(function: Callable[[T], R], items: Sequence[T], address: str) -> Iterator[R]:
    """Results of a function over items in their order, from the workers of a scheduler.

    A task whose worker is lost is done again by another. Whoever stops asking stops the work.
    Raises what a task raises, and `ClusterError`.
    """
    from distributed import Future
    from distributed.scheduler import KilledWorker

    client = _client(address)
    ahead = AHEAD * max(sum(client.nthreads().values()), 1)
    places = iter(items)
    waiting: deque[Future] = deque()
    work = partial(as_worker, function)
    try:
        for _ in range(len(items)):
            for item in itertools.islice(places, ahead - len(waiting)):
                waiting.append(client.submit(work, item, pure=False))
            yield waiting.popleft().result()
    except KilledWorker as error:
        raise ClusterError(
            f"workers of {address} ended again and again at the same task, most often because "
            f"memory ran out ({error.last_worker.address if error.last_worker else 'unknown'}); "
            "give each more memory, or take fewer customers."
        ) from None
    finally:
        client.cancel(list(waiting))


def check_shared(address: str, folder: Path) -> None:
    """Refuse a new folder that some worker does not see: what it writes would be lost.

    Raises `ClusterError`.
    """
    seen = _client(address).run(_sees, folder)
    blind = [worker for worker, there in seen.items() if not there]
    if blind:
        raise ClusterError(
            f"{len(blind)} of {len(seen)} workers do not see {folder.parent} ({blind[0]}); write "
            "to a folder that all machines share under the same path."
        )


def _sees(path: Path) -> bool:
    return path.is_dir()


@cache
def _client(address: str) -> Any:
    """A client whose workers are there and run the same Tiermix; one for all work."""
    check_scheduler(address)
    from distributed import Client

    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"the Dask scheduler at {address} cannot be used: {error}.") from None
    atexit.register(client.close)
    try:
        client.wait_for_workers(1, timeout=ANSWER)
    except TimeoutError:
        raise ClusterError(
            f"the scheduler at {address} has no worker; start some with `dask worker {address}`."
        ) from None
    try:
        found = client.run(_edition)
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"a worker of {address} cannot start our work ({error}); install Tiermix there."
        ) from None
    _check_same(found, address)
    return client


def _edition() -> dict[str, str]:
    """What tables depend on, by name."""
    libraries = dict(zip(("Python", *LIBRARIES), versions(), strict=True))
    return {"sources of Tiermix": sources_hash()[:12], **libraries}


def _check_same(found: dict[str, dict[str, str]], address: str) -> None:
    """The same tables come from the same code and libraries alone."""
    mine = _edition()
    for worker, theirs in found.items():
        for name, edition in mine.items():
            if theirs.get(name) != edition:
                raise ClusterError(
                    f"the worker {worker} of {address} has {name} {theirs.get(name, 'unknown')}, "
                    f"this machine {edition}; install the same on both."
                )
