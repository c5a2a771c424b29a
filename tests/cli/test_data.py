"""`tiermix data check`: its document, its files, and how soon a wrong table is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.calibration.history import read_history
from experiments.publish import company_data
from tests.cli.conftest import Answers
from tests.experiments.conftest import Call
from tests.test_architecture import HEAVY, ROOT

ROWS = [
    f"2025-W{n:02d},{n * n % 17},{n % 5},{1000 + n},{50 + n},{5000 + n},{n % 3},x"
    for n in range(1, 40)
]
HEAD = "week,tv_S,radio_S,tv_I,orders,revenue,promo,remark"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("table") / "table.csv"
    file.write_text("\n".join([HEAD, *ROWS]), "utf-8")
    return file


def test_the_document_has_the_keys_of_the_contract(
    answer: Answers, table: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("out")
    told = answer("data", "check", table, "--out", out, "--quiet")
    document = told.document
    assert document["kind"] == "weekly, wide, national"
    assert set(document["columns"][0]) == {"name", "role", "measure", "channel", "control", "why"}
    assert set(document["doubts"][0]) == {"severity", "where", "says", "remedy"}
    assert document["canonical"] == str(out / "history.csv")
    assert Path(document["page"]).read_text("utf-8").startswith("<!")
    for line in ("history: " + document["canonical"], "page: " + document["page"]):
        assert line in told.lines
    for column in HEAD.split(","):
        assert any(line.startswith(column) for line in told.lines)
    assert any(line.startswith("warning: column remark: ") for line in told.lines)


def test_what_check_writes_is_what_calibrate_reads(
    call: Call, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_data, "page", lambda found: "drawn elsewhere")
    code, out, _ = call("data", "check", table, "--out", tmp_path / "out", "--json", "--quiet")
    assert code == 0
    history = read_history(json.loads(out)["canonical"], ["radio", "tv"])
    assert (history.channels, len(history.weeks)) == (("radio", "tv"), 39)
    assert history.unused == ()
    assert list(history.controls) == ["promo"]


def test_the_same_question_has_the_same_folder_and_another_one_its_own(
    call: Call, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(company_data, "page", lambda found: "drawn elsewhere")
    asked = (
        ("--map", "control=promo"),
        ("--map", "control=promo"),
        ("--map", "ignore=remark"),
    )
    places = [
        json.loads(call("data", "check", table, "--json", *more)[1])["canonical"] for more in asked
    ]
    assert places[0] == places[1] != places[2]
    assert all(Path(place).is_file() for place in places)


def test_all_questions_are_asked_at_once_with_code_2(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("\n".join(["date,y,x1", *(f"2025-W{n:02d},5,{n}" for n in range(1, 40))]))
    code, out, err = call("data", "check", file, "--json")
    assert (code, out) == (2, "")
    assert "2 things have to be settled" in err
    assert "--map orders=y" in err
    assert "--map spend.x1=x1" in err


@pytest.mark.parametrize(
    "command",
    [
        ["data", "check"], ["calibrate", "--scenario", "retail"], ["plan", "retail", "--curves"],
        ["frontier", "retail", "--curves"],
        ["replan", "plan.csv", "actuals.csv", "--scenario", "retail", "--curves"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_table_is_refused_before_anything_heavy_is_loaded(
    command: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    code = (
        "import sys\nfrom tiermix.cli.main import main\ntry:\n    main()\n"
        "except SystemExit as end:\n    print(end.code, *{m.split('.')[0] for m in sys.modules})"
    )
    asked = [sys.executable, "-c", code, *command, str(file)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=ROOT)
    code, *loaded = (shown.stdout + shown.stderr).splitlines()[-1].split()
    assert code == "2"
    # Figures of a history are arrays, and Typer itself asks whether pydantic is there.
    assert (HEAVY - {"numpy", "pydantic"}).isdisjoint(loaded)


def test_a_table_becomes_a_scenario_that_check_finds_in_order(
    answer: Answers, call: Call, table: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("own") / "shop.yaml"
    asked = ("--market-size", "20000", "--currency", "EUR", "--out", out, "--quiet")
    told = answer("scenarios", "from-table", table, *asked)
    document = told.document
    assert document["scenario"] == str(out)
    assert {"field", "value", "because"} == set(document["assumed"][0])
    for row in document["assumed"]:
        assert any(line.startswith(row["field"]) for line in told.lines)
    code, shown, _ = call("scenarios", "check", out)
    assert code == 0
    assert "EUR" in shown
    channels = ["radio", "tv"]
    assert read_history(document["history"], channels).channels == tuple(channels)


def test_a_name_that_no_scenario_may_have_is_refused(call: Call, table: Path) -> None:
    code, _, err = call("scenarios", "from-table", table, "--name", "My Shop")
    assert code == 2
    assert "my_company" in err
