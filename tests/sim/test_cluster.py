"""A Dask cluster: the same bytes as here, a lost worker survived, others' clusters refused."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import ClusterError, check_scheduler, cluster, default_workers
from tiermix.core.forked import as_worker

MAIN = "from tiermix.cli.main import main; main()"
SIZE = ["--customers", "3000", "--seed", "3", "--quiet", "--json"]


@pytest.mark.parametrize(
    "address", ["", "nonsense", "tcp://", "tcp://host", "tcp://a:b", "10.0.0.5:8786"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ClusterError, match="is no address of a Dask scheduler; give one as in"):
        check_scheduler(address)


def test_a_scheduler_that_is_not_there_is_told_in_seconds() -> None:
    """It took half a minute and ended as a mistake of ours, with a traceback."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        closed = one.getsockname()[1]
    began = time.perf_counter()
    for address in (
        f"tcp://127.0.0.1:{closed}",
        "tcp://127.0.0.1:99999999",
        "tcp://nobody.invalid:1",
    ):
        with pytest.raises(ClusterError, match="no Dask scheduler answers at tcp://"):
            check_scheduler(address)
    assert time.perf_counter() - began < 3 * cluster.ANSWER


def test_a_worker_with_another_tiermix_is_refused() -> None:
    mine = cluster._edition()
    cluster._check_same({"tcp://w:1": mine}, "tcp://s:1")
    other = {**mine, "sources of Tiermix": "0123"}
    with pytest.raises(
        ClusterError, match=r"tcp://w:2 of tcp://s:1 has sources of Tiermix 0123, this"
    ):
        cluster._check_same({"tcp://w:1": mine, "tcp://w:2": other}, "tcp://s:1")
    older = {name: edition for name, edition in mine.items() if name != "numpy"}
    with pytest.raises(ClusterError, match="has numpy unknown, this machine"):
        cluster._check_same({"tcp://w:1": older}, "tcp://s:1")


def test_a_folder_that_a_worker_does_not_see_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its shards would lie on another machine, and the run would lack them."""

    class Workers:
        def run(self, look: Any, path: Path) -> dict[str, bool]:
            return {"tcp://here:1": look(path), "tcp://far:1": look(Path("/nowhere") / path.name)}

    monkeypatch.setattr(cluster, "_client", lambda _: Workers())
    with pytest.raises(
        ClusterError, match=r"1 of 2 workers do not see .* \(tcp://far:1\); write to"
    ):
        cluster.check_shared("tcp://s:1", tmp_path)


def test_work_for_another_machine_takes_no_cores_beside_its_own() -> None:
    """Each task would have started as many workers as the machine has cores."""
    assert as_worker(lambda _: default_workers(), None) == 1
    assert default_workers() == len(os.sched_getaffinity(0))


class Cluster:
    """A scheduler and workers of one thread, each a process of its own."""

    def __init__(self, folder: Path, count: int) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{one.getsockname()[1]}"
        self.folder = folder
        place = ["--host", "127.0.0.1", "--port", self.address.rpartition(":")[2]]
        self.processes = [self._start("scheduler", *place)]
        self.workers = [self._worker(number) for number in range(count)]

    def _worker(self, number: int) -> "subprocess.Popen[bytes]":
        alone = ["--nthreads", "1", "--no-nanny", "--name", f"w{number}"]
        local = ["--local-directory", str(self.folder / f"w{number}")]
        return self._start("worker", self.address, *alone, *local)

    def _start(self, what: str, *asked: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, *asked, "--no-dashboard"]
        log = open(self.folder / f"{what}-{len(list(self.folder.iterdir()))}.log", "wb")  # noqa: SIM115
        with log:
            return subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)

    def end(self) -> None:
        for process in [*self.workers, *self.processes]:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="install tiermix[cluster] to try a cluster")
    made = Cluster(tmp_path_factory.mktemp("cluster"), 2)
    yield made
    made.end()


def _started(folder: Path, *asked: str) -> "subprocess.Popen[bytes]":
    folder.mkdir(exist_ok=True)
    with open(folder / "answer.json", "wb") as answer, open(folder / "said", "wb") as said:
        command = [sys.executable, "-c", MAIN, *asked]
        return subprocess.Popen(command, cwd=folder, stdout=answer, stderr=said)


def _whole(folder: Path, *asked: str) -> dict[str, Any]:
    process = _started(folder, *asked)
    assert process.wait(600) == 0, (folder / "said").read_text("utf-8")
    found: dict[str, Any] = json.loads((folder / "answer.json").read_bytes())
    return found


def _hashes(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "provenance.json").read_bytes())["tables"]
    return found


@pytest.mark.long
def test_a_cluster_writes_the_same_bytes(two: Cluster, tmp_path: Path) -> None:
    """The workers started in folders of their own, and `--out` is relative."""
    _whole(tmp_path / "here", "simulate", "retail", *SIZE, "--workers", "1", "--out", "out")
    _whole(
        tmp_path / "there", "simulate", "retail", *SIZE, "--cluster", two.address, "--out", "out"
    )
    assert _hashes(tmp_path / "there" / "out") == _hashes(tmp_path / "here" / "out")


@pytest.mark.long
def test_a_study_on_a_cluster_has_the_same_figures(two: Cluster, tmp_path: Path) -> None:
    size = ["--customers", "600", "--replications", "2", "--strategies", "last_year,lp"]
    asked = ["run", "retail", *size, "--quiet", "--json"]
    here = _whole(tmp_path / "here", *asked, "--workers", "1")
    there = _whole(tmp_path / "there", *asked, "--cluster", two.address)
    for name in ("best", "strategies", "regret", "choices"):
        assert there.get(name) == here.get(name), name


@pytest.mark.long
def test_a_worker_that_is_killed_is_done_without(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="install tiermix[cluster] to try a cluster")
    (tmp_path / "cluster").mkdir()
    made = Cluster(tmp_path / "cluster", 2)
    try:
        size = ["--customers", "16000", "--seed", "3", "--quiet", "--json"]
        asked = ["simulate", "retail", *size, "--out", "out"]
        process = _started(tmp_path / "there", *asked, "--cluster", made.address)
        shards = tmp_path / "there"
        while process.poll() is None and not list(shards.glob(".out.*/touches.parquet/*.parquet")):
            time.sleep(0.05)
        assert process.poll() is None, "it ended before a worker could be killed"
        made.workers[0].send_signal(signal.SIGKILL)
        assert process.wait(600) == 0, (tmp_path / "there" / "said").read_text("utf-8")
        _whole(tmp_path / "here", *asked, "--workers", "2")
        assert _hashes(shards / "out") == _hashes(tmp_path / "here" / "out")
        shutil.rmtree(shards / "out")
    finally:
        made.end()
