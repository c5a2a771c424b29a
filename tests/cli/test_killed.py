"""Killed at any moment and started again: the tables of a run that was never killed."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from experiments.calibration.history import history_of
from scenarios import load_scenario
from sim import simulate

MAIN = "from tiermix.cli.main import main; main()"
SMALL = ["--customers", "600", "--workers", "2", "--json", "--quiet"]
COMMANDS = {
    "simulate": ["simulate", "shop.yaml", *SMALL, "--out", "out"],
    "run": ["run", "shop.yaml", *SMALL, "--replications", "2", "--strategies", "last_year,equal"],
    "compare": ["compare", "shop.yaml", *SMALL, "--replications", "2", "--budget", "80%,100%"],
    "calibrate": ["calibrate", "history.csv", "--scenario", "shop.yaml", *SMALL],
}
KILLS = 10
ITS_OWN = {"seconds", "mlflow", "when", "provenance", "reused"}
"""What differs between two runs of the same: clocks, where runs are kept, what was there."""

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="kills")]


@pytest.fixture(scope="module")
def files(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The scenario, and its own history by weeks."""
    folder = tmp_path_factory.mktemp("history") / "run"
    simulate(load_scenario(shop), seed=3, customers=600, workers=1, out=folder)
    history = history_of(folder).to_csv(index=False)
    return {"shop.yaml": shop.read_text("utf-8"), "history.csv": history}


def _started(folder: Path, asked: list[str]) -> subprocess.Popen[bytes]:
    with open(folder / "answer.json", "wb") as answer, open(folder / "said", "wb") as said:
        command = [sys.executable, "-c", MAIN, *asked]
        return subprocess.Popen(command, cwd=folder, stdout=answer, stderr=said)


def _whole(folder: Path, asked: list[str]) -> float:
    began = time.monotonic()
    process = _started(folder, asked)
    assert process.wait(300) == 0, (folder / "said").read_text("utf-8")
    return time.monotonic() - began


def _without_clocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_clocks(x) for key, x in value.items() if key not in ITS_OWN}
    return [_without_clocks(x) for x in value] if isinstance(value, list) else value


def _tables(folder: Path) -> dict[str, Any]:
    """The answer, the hashes of a run's tables, and all tables in text."""
    found: dict[str, Any] = {
        "answer": _without_clocks(json.loads((folder / "answer.json").read_bytes()))
    }
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.startswith("mlruns"):  # by run, and runs have names that nobody knows beforehand
            continue
        if path.name == "provenance.json":
            found[name] = json.loads(path.read_bytes())["tables"]
        elif path.suffix in (".csv", ".yaml"):
            found[name] = path.read_bytes()
    return found


def _runs(folder: Path) -> tuple[Counter[str], int]:
    """Runs by status, and how many the last invocation logged."""
    store = folder / "mlflow.db"
    if not store.exists():
        return Counter(), 0
    with closing(sqlite3.connect(store)) as file:
        statuses = Counter(row[0] for row in file.execute("SELECT status FROM runs"))
        tags = (
            "SELECT t.value, r.start_time FROM tags t JOIN runs r USING (run_uuid) WHERE t.key = ?"
        )
        logged = list(file.execute(tags, ("invocation",)))
    last = max(logged, key=lambda row: row[1])[0]
    return statuses, sum(name == last for name, _ in logged)


def _left(folder: Path) -> Iterator[str]:
    """Drafts that a killed process did not finish."""
    for path in folder.rglob(".*"):
        if path.name != ".tiermix.json" and "kept" not in path.parts:
            yield str(path.relative_to(folder))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name == "simulate" else pytest.mark.release)
        for name in COMMANDS
    ],
)
def test_killed_ten_times_and_started_again_it_gives_the_same_tables(
    tmp_path: Path, files: dict[str, str], name: str
) -> None:
    asked, dice = COMMANDS[name], random.Random(20_268)
    for place in ("never", "often"):
        (tmp_path / place).mkdir()
        for file, text in files.items():
            (tmp_path / place / file).write_text(text, "utf-8")
    never, often = tmp_path / "never", tmp_path / "often"
    seconds = _whole(never, asked)
    killed = 0
    for _ in range(4 * KILLS):
        began, process = time.monotonic(), _started(often, asked)
        try:
            process.wait(dice.uniform(0.2, 1.0) * seconds)
            seconds = min(seconds, time.monotonic() - began)  # the machine was busy before
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        if killed == KILLS:
            break
    assert killed == KILLS
    _whole(often, asked)
    found, wanted = _tables(often), _tables(never)
    assert found.keys() == wanted.keys()
    for name, table in wanted.items():
        assert found[name] == table, name
    assert list(_left(often)) == []
    statuses, count = _runs(often)
    assert "RUNNING" not in statuses
    assert count == _runs(never)[1]
