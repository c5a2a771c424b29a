"""Every command with --json as a process of its own: one document on standard output, no more."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer.main

from experiments.calibration.history import history_of, history_table
from experiments.comparison.strategies import USUAL
from experiments.tracking.labels import labelled
from experiments.tracking.record import RunRecord
from experiments.tracking.store import Store
from sim import simulate
from tests.experiments.conftest import Call
from tests.scenes import base
from tiermix.cli.main import app
from tiermix.core.invocation import Invocation, invoked

TIERMIX = (sys.executable, "-c", "from tiermix.cli.main import main; main()")
SMALL = ("--customers", "300", "--workers", "1")
TWICE = ("--replications", "2")
FEW = ("--set", "rules=[]")

TINY = ("--size", "tiny", "--markets", "pure_selection", "--workers", "1")
COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("retail", "--strategies", "last_year,lp", *FEW, *TWICE, *SMALL),
    "simulate": ("own.yaml", *SMALL),
    "truth": ("own.yaml", "--effect", "direct", *SMALL),
    "attribute": ("paths.csv",),
    "validate": ("retail", "--models", "last,linear", *FEW, *TWICE, *SMALL),
    "curves": ("own.yaml", *SMALL),
    "plan": ("own.yaml", *SMALL),
    "replan": ("spent.csv", "weeks-2026.csv", "--scenario", "own.yaml", *SMALL),
    "frontier": ("own.yaml", "--budgets", "2", "--track", *SMALL),
    "calibrate": (
        "weeks.csv", "--scenario", "own.yaml", "--customers", "100", "--workers", "1",
    ),
    "lift": ("own.yaml", "--channel", "video", *TWICE, *SMALL),
    "compare": (
        "retail", "--set", "budget=24e6,30e6", "--strategies", "last_year,equal", *TWICE, *SMALL,
    ),
    "sensitivity": ("retail", "--moves", "1", *FEW, "--replications", "4", *SMALL),
    "benchmark make": ("made", *TINY),
    "benchmark run": ("suite", "--models", "last_click", *TINY),
    "benchmark score": ("suite/results/tiermix.csv", "--suite", "suite", "--workers", "1"),
    "benchmark table": ("suite", "--workers", "1"),
    "benchmark tests": (
        "suite", "--size", "tiny", "--conditions", "few_people", "--workers", "1",
    ),
    "benchmark verify": TINY,
    "data check": ("weeks.csv",),
    "doctor": (),
    "studies list": (),
    "studies show": ("last",),
    "studies open": ("last",),
    "studies compare": ("last", "last"),
    "studies repeat": ("last",),
    "invest": (
        "own.yaml", "--candidate", "crm: integration.resolution=0.7, cost=1000",
        "--strategy", "last_year_within_rules", *TWICE, *SMALL,
    ),
    "onboard": ("weeks.csv", "--scenario", "own.yaml", "--assume", "--anyway", *SMALL),
    "scenarios from-table": ("weeks.csv", "--scenario", "own.yaml", "--workers", "1"),
    "scenarios list": (),
    "scenarios check": ("retail",),
    "scenarios show": ("retail",),
    "scenarios believe": ("retail", *SMALL),
    "scenarios plausibility": ("retail", *SMALL),
    "scenarios case": ("smart_home", *TWICE, *SMALL),
}  # fmt: skip

# A quarter of a minute and more where two cores are shared.
LONG = {
    *("calibrate", "compare", "frontier", "invest", "lift", "onboard", "run"),
    *("sensitivity", "studies repeat", "validate"),
    *("benchmark make", "benchmark run", "benchmark score", "benchmark table", "benchmark tests"),
    "benchmark verify",
    *("scenarios believe", "scenarios case", "scenarios plausibility"),
}
BEFORE = {"benchmark score": "benchmark run", "benchmark table": "benchmark run"}
"""What has to be there before a command can be tried."""
CASES = [
    pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in sorted(COMMANDS)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not the checkout, with all that the commands read."""
    folder = tmp_path_factory.mktemp("elsewhere")
    scenario = base()
    (folder / "own.yaml").write_text(json.dumps(scenario.model_dump(mode="json")), "utf-8")
    simulate(scenario, seed=1, customers=300, workers=1, out=folder / "log")
    history_of(folder / "log").to_csv(folder / "weeks.csv", index=False)
    year = pd.read_parquet(folder / "log" / "aggregates.parquet")
    history_table(year, 26).to_csv(folder / "weeks-2026.csv", index=False)
    scenario.reference_plan.to_csv(folder / "spent.csv")
    text = "path,conversions,value,nulls\na > b,3,30,10\nb > c > a,2,20,5\n"
    (folder / "paths.csv").write_text(text, "utf-8")
    _track(folder, Invocation(("lift", *COMMANDS["lift"])))
    return folder


def _track(folder: Path, command: Invocation) -> None:
    """A study in the folder's tracking store, as if this command had made it."""
    (folder / "page.html").write_text("<p>an answer</p>", "utf-8")
    record = RunRecord("made up", {}, {}, {"kpi/margin": 1.0}, files=[folder / "page.html"])
    with invoked(command):
        runs = list(labelled([record], "lift", base()))
    Store(f"sqlite:///{folder / 'mlflow.db'}").log("tiermix/made up/lift", runs)


def _tiermix(place: Path, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [*TIERMIX, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.run(command, cwd=place, encoding="utf-8", check=False, **pipes)


def _taking_json(command: Any, name: str = "") -> Iterator[str]:
    """Names of the commands that have --json."""
    for word, inner in getattr(command, "commands", {}).items():
        yield from _taking_json(inner, f"{name} {word}".strip())
    if any("--json" in option.opts for option in command.params):
        yield name


def test_every_command_with_json_is_tried() -> None:
    assert set(_taking_json(typer.main.get_command(app))) == set(COMMANDS)


@pytest.mark.parametrize("name", CASES)
def test_json_is_one_document_and_no_library_speaks(place: Path, name: str) -> None:
    if first := BEFORE.get(name):
        assert _tiermix(place, *first.split(), *COMMANDS[first]).returncode == 0
    ended = _tiermix(place, *name.split(), *COMMANDS[name], "--json")
    assert ended.returncode == 0, ended.stderr
    assert isinstance(json.loads(ended.stdout), dict)
    assert "HiGHS" not in ended.stderr


@pytest.mark.long
def test_the_main_job_compares_all_usual_strategies_under_all_rules(tmp_path: Path) -> None:
    ended = _tiermix(tmp_path, "run", "retail", *TWICE, *SMALL, "--json")
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert {one["name"] for one in document["strategies"]} == set(USUAL)
    assert document["best"] in (None, *USUAL)
    assert (tmp_path / document["report"]).is_file()
    assert (tmp_path / "mlflow.db").is_file()


# What each command writes into a folder that is named, by which it is tried.
WRITTEN = {
    "run": "report.html",
    "validate": "validation.html",
    "curves": "curves.csv",
    "plan": "plan.csv",
    "frontier": "frontier.html",
    "calibrate": "weeks.yaml",
    "lift": "lift-video-ab.html",
    "simulate": "scorecard.json",
}
# Two kinds in every run of the tests: a file that may stay, and a folder that is replaced whole.
WRITING = [
    pytest.param(name, marks=() if name in ("plan", "simulate") else pytest.mark.long)
    for name in sorted(WRITTEN)
]


@pytest.mark.parametrize("name", WRITING)
def test_no_command_writes_over_a_file_of_somebody_else(
    place: Path, tmp_path: Path, name: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / WRITTEN[name]
    mine.write_text("mine", "utf-8")
    monkeypatch.chdir(place)
    code, _, said = call(name, *COMMANDS[name], "--out", str(tmp_path))
    assert code == 2, said
    assert str(mine if name != "simulate" else tmp_path) in said
    assert "name another folder" in said
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]
    assert mine.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", WRITING)
def test_a_file_is_no_folder_to_write_to(
    place: Path, tmp_path: Path, name: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "results"
    mine.write_text("mine", "utf-8")
    monkeypatch.chdir(place)
    code, _, said = call(name, *COMMANDS[name], "--out", str(mine))
    assert code == 2, said
    assert f"{mine} is a file; name a folder" in said
    assert mine.read_text("utf-8") == "mine"


@pytest.mark.long
def test_a_plan_is_replaced_by_the_next_until_somebody_edits_it(
    place: Path, tmp_path: Path
) -> None:
    again = ("plan", *COMMANDS["plan"], "--out", str(tmp_path))
    assert _tiermix(place, *again).returncode == 0
    assert _tiermix(place, *again).returncode == 0
    with open(tmp_path / "plan.csv", "a", encoding="utf-8") as file:
        file.write("video,2026-01,1\n")
    ended = _tiermix(place, *again)
    assert ended.returncode == 2
    assert "is not what `tiermix plan` wrote there" in ended.stderr


NOISY = """
import os, sys
import scenarios
from tiermix.cli import main as cli

def noisy(*_):
    print("python")
    os.write(1, b"descriptor\\n")
    os.system("echo child")
    return real(*_)

real, scenarios.load_scenario = scenarios.load_scenario, noisy
sys.argv = ["tiermix", "scenarios", "show", "retail", "--json"]
cli.main()
"""


def test_what_python_c_and_children_print_goes_to_standard_error(place: Path) -> None:
    command = [sys.executable, "-c", NOISY]
    ended = subprocess.run(command, cwd=place, capture_output=True, encoding="utf-8", check=True)
    assert isinstance(json.loads(ended.stdout), dict)
    assert {"python", "descriptor", "child"} <= set(ended.stderr.split())


def test_help_and_sentences_for_people_still_go_to_standard_output(place: Path) -> None:
    assert "Usage:" in _tiermix(place, "plan", "--help").stdout
    assert "is in order" in _tiermix(place, "scenarios", "check", "retail").stdout


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a shell does")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "| true"])
def test_closed_streams_stop_no_command(place: Path, closed: str) -> None:
    shell = f'"$@" {closed}'
    words = ["sh", "-c", shell, "sh", *TIERMIX, "scenarios", "list", "--json"]
    ended = subprocess.run(words, cwd=place, capture_output=True, encoding="utf-8", check=False)
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 0
    if closed == "2>&-":
        assert json.loads(ended.stdout)["scenarios"]


def test_the_encoding_of_standard_output_is_kept(place: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "gb18030"}
    ended = subprocess.run(
        [*TIERMIX, "scenarios", "list", "--json"], cwd=place, capture_output=True, env=env
    )
    assert ended.stdout.decode("gb18030").count("零售") >= 1
