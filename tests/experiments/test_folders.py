"""Where commands write: no answer takes another's place, and nobody's file is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.folders import folder_for
from scenarios import MediaPlan, load_scenario
from tests.experiments.conftest import Call

RETAIL = load_scenario("retail")
SMALL = ("--customers", "300", "--workers", "1", "--quiet", "--json")


def test_the_plain_question_has_a_plain_folder_for_each_command() -> None:
    nothing = {"customers": None, "plan": None, "engine": "batch", "workers": 2, "watch": 0}
    assert folder_for("simulate", RETAIL, 1, **nothing) == Path("runs/simulate/retail-1")
    assert folder_for("run", RETAIL, 2) == Path("runs/run/retail-2")


@pytest.mark.parametrize(
    "question",
    [{"customers": 300}, {"plan": RETAIL.reference_plan.scale(0.5)}, {"strategies": ["lp"]}],
)
def test_every_other_question_has_its_own_which_stays_the_same(question: dict[str, Any]) -> None:
    found = folder_for("simulate", RETAIL, 1, **question)
    assert found.name.startswith("retail-1-")
    assert found == folder_for("simulate", RETAIL, 1, **question)
    other = {"plan": MediaPlan.zeros(RETAIL.plannable, RETAIL.months)}
    assert found != folder_for("simulate", RETAIL, 1, **other)


def test_a_changed_scenario_has_its_own_folder() -> None:
    changed = load_scenario("retail", {"channels.douyin.peak": 0.2})
    assert folder_for("run", changed, 1).name.startswith("retail-1-")


def test_simulate_replaces_its_own_run_at_its_default(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = tmp_path / "runs" / "run" / "retail-1" / "report.html"
    report.parent.mkdir(parents=True)
    report.write_text("what `tiermix run` found", "utf-8")
    first, second = (json.loads(call("simulate", "retail", *SMALL)[1])["out"] for _ in range(2))
    assert first == second
    assert Path(first).parent == Path("runs/simulate")
    assert report.exists()


@pytest.mark.parametrize("name", ["report.html", "plan.csv", "history/notes.txt"])
def test_simulate_refuses_a_run_folder_that_holds_what_no_run_writes(
    call: Call, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "year"
    assert call("simulate", "retail", "--out", folder, *SMALL)[0] == 0
    (folder / name).write_text("mine", "utf-8")
    code, out, err = call("simulate", "retail", "--out", folder, *SMALL)
    assert (code, out) == (2, "")
    assert name in err
    assert "--out" in err
    assert (folder / name).read_text("utf-8") == "mine"
    assert (folder / "touches.parquet").exists()


def test_simulate_refuses_a_folder_with_a_report_of_another_command(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text("found", "utf-8")
    assert call("simulate", "retail", "--out", tmp_path, *SMALL)[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
