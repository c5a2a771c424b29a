"""The command line: documents on standard output, sentences on standard error, exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution import MODELS, fit
from attribution.samples import sample_log
from experiments.tracking import store
from journeys import JourneyLog
from scenarios import load_scenario
from tests.cli.conftest import Answers
from tests.experiments.conftest import Call
from tiermix.cli.options import UsageError, names, settings
from tiermix.cli.output import Output, explain

COMMANDS = {
    "run", "simulate", "truth", "attribute", "validate", "curves", "plan", "frontier", "lift",
    "benchmark", "calibrate", "compare", "data", "doctor", "invest", "onboard", "sensitivity",
    "scenarios", "planner", "replan", "ui", "lab",
}  # fmt: skip


@pytest.fixture
def paths_csv(tmp_path: Path) -> Path:
    file = tmp_path / "paths.csv"
    file.write_text("path,conversions,value,nulls\na > b,3,30,10\nb > c > a,2,20,5\n", "utf-8")
    return file


def test_help_names_every_command() -> None:
    command = [sys.executable, "-c", "from tiermix.cli.main import main; main()", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  ([a-z]+)  ", shown, re.MULTILINE)) >= COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_has_help(call: Call, command: str) -> None:
    code, out, _ = call(command, "--help")
    assert code == 0
    assert "Usage:" in out


def test_an_unknown_scenario_is_one_sentence_and_code_2(call: Call) -> None:
    code, out, err = call("run", "retial", "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "did you mean 'retail'" in err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["simulate", "retail", "--set", "channels.douyin.tear=3"], "'tier'"),
        (["simulate", "retail", "--set", "budget"], "names no value"),
        (["simulate", "retail", "--set", "budget=-5"], "budget"),
        (["simulate", "retail", "--plan", "nowhere.csv"], "nowhere.csv"),
        (["simulate", "retail", "--engine", "steam"], "steam"),
        (["simulate", "retail", "--customers", "0"], "customers"),
        (["run", "retail", "--strategies", "lp,lp"], "twice"),
        (["attribute", "nowhere.csv"], "nowhere.csv"),
        (["plan", "retail", "--budget", "-1"], "budget"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_input_has_code_2_names_what_is_wrong_and_prints_no_result(
    call: Call, arguments: list[str], word: str
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert word in err
    assert "Traceback" not in err


def test_a_plan_with_an_unknown_channel_is_refused_by_name(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("channel,month,amount\ndouyn,2026-01,5\n", "utf-8")
    code, _, err = call("simulate", "retail", "--plan", file)
    assert code == 2
    assert "douyn" in err


def test_attribute_prints_one_document_whose_credit_adds_up(call: Call, paths_csv: Path) -> None:
    code, out, err = call("attribute", paths_csv, "--model", "last,linear,markov", "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [model["model"] for model in document["models"]] == ["last", "linear", "markov"]
    for model in document["models"]:
        total = sum(row["conversions"] for row in model["credit"])
        assert total + model["baseline"]["conversions"] == pytest.approx(5)
    assert document["journeys"] == 20


def test_attribute_hands_order_and_convention_to_markov_only(call: Call, paths_csv: Path) -> None:
    first = call("attribute", paths_csv, "--model", "markov", "--json")[1]
    second = call("attribute", paths_csv, "--model", "markov", "--order", "2", "--json")[1]
    assert json.loads(first)["models"] != json.loads(second)["models"]
    code, _, err = call("attribute", paths_csv, "--model", "last", "--order", "2")
    assert code == 2
    assert "--order" in err


def test_attribute_reads_an_event_table(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    rows = ["visitor_id,time,channel,kind,value", "v,2026-01-01,search,click,"]
    file.write_text("\n".join([*rows, "v,2026-01-02,site,order,50"]) + "\n", "utf-8")
    code, out, _ = call("attribute", file, "--model", "last", "--json")
    assert code == 0
    assert {"channel": "search", "conversions": 1.0, "value": 50.0} in json.loads(out)["models"][0][
        "credit"
    ]


def test_attribute_fits_every_model_of_the_library_to_a_log_of_visitors(
    call: Call, tmp_path: Path
) -> None:
    sample_log(200).write(tmp_path / "run")
    every = ",".join(MODELS)
    code, out, err = call("attribute", tmp_path / "run", "--model", every, "--json")
    assert (code, err) == (0, "")
    models = json.loads(out)["models"]
    assert [entry["model"] for entry in models] == list(MODELS)
    totals = [
        sum(row["conversions"] for row in entry["credit"]) + entry["baseline"]["conversions"]
        for entry in models
    ]
    assert totals == pytest.approx([totals[0]] * len(totals))


def test_attribute_in_words_has_a_column_per_model(call: Call, paths_csv: Path) -> None:
    out = call("attribute", paths_csv, "--model", "first,last")[1]
    assert out.splitlines()[0].split() == ["channel", "first", "last"]


@pytest.fixture
def events_csv(tmp_path: Path) -> Path:
    """Ten visitors with two touches each, of whom five order; one row does not fit."""
    rows = ["visitor_id,time,channel,kind,value", "x,soon,search,click,"]
    for number in range(10):
        rows += [f"v{number},2026-01-0{day},{name},click," for day, name in ((1, "a"), (2, "b"))]
        rows += [f"v{number},2026-01-03,,order,{number}"] * (number % 2)
    file = tmp_path / "events.csv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


def test_attribute_in_pieces_says_what_it_says_of_the_whole(call: Call, events_csv: Path) -> None:
    asked = ["attribute", events_csv, "--model", "first,last_click,markov,casv", "--drop", "--json"]
    whole, pieces = (json.loads(call(*asked, "--pieces", count)[1]) for count in ("1", "4"))
    assert (pieces["journeys"], pieces["dropped"]) == (10, {"touches.time": 1})
    assert {
        k: v for k, v in pieces.items() if k in ("journeys", "dropped")
    }.items() <= whole.items()
    for ours, theirs in zip(pieces["models"], whole["models"], strict=True):
        assert ours["model"] == theirs["model"]
        assert ours["baseline"] == pytest.approx(theirs["baseline"])
        assert [row["channel"] for row in ours["credit"]] == ["a", "b", "search"]
        for row, same in zip(ours["credit"], theirs["credit"], strict=True):
            close = {name: pytest.approx(same[name], rel=1e-9) for name in ("conversions", "value")}
            assert row == {"channel": same["channel"], **close}


def test_attribute_in_pieces_refuses_bad_rows_and_models_that_cannot(
    call: Call, events_csv: Path
) -> None:
    code, out, err = call("attribute", events_csv, "--pieces", "3")
    assert (code, out) == (2, "")
    assert f"{events_csv}: touches, line 2, column 'time': 'soon'" in err
    code, out, err = call("attribute", events_csv, "--pieces", "3", "--model", "last,hazard")
    assert (code, out) == (2, "")
    assert "Hazard: cannot be fitted in pieces" in err
    assert call("attribute", events_csv, "--pieces", "0")[0] == 2


def test_attribute_reads_large_logs_in_pieces_where_every_model_can(
    call: Call, events_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    pieces = JourneyLog.pieces

    def counted(path: Path, count: int | None = None, **more: Any) -> Any:
        asked.append(count)
        return pieces(path, count, **more)

    monkeypatch.setattr(JourneyLog, "pieces", counted)
    for most, models, expected in ((27, "last", []), (26, "last,hazard", []), (26, "last", [None])):
        monkeypatch.setattr(fit, "LARGE_LOG", most)
        assert call("attribute", events_csv, "--model", models, "--drop", "--quiet")[0] == 0
        assert asked == expected


WORTH = {
    "margin": 1,
    "revenue": 2.4,
    "conversions": 0.007,
    "new_customers": 0.002,
    "signups": 0.005,
}


@pytest.fixture(scope="module")
def curves_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Curves of every channel of retail on which money earns less and less."""
    scenario = load_scenario("retail")
    rows = ["channel,kpi,family,ceiling,half,shape,carry_over"]
    for channel, year in scenario.last_year.by_channel.items():
        month = max(year / 12, 1e4)
        for kpi, worth in WORTH.items():
            rows.append(f"{channel},{kpi},hill,{3 * month * worth},{month},1,0")
    file = tmp_path_factory.mktemp("curves") / "curves.csv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


NO_RULES = ("--set", "rules=[]", "--set", "goals=[]")


def test_plan_spends_the_budget_on_the_curves_of_a_file(answer: Answers, curves_csv: Path) -> None:
    asked = ["--curves", curves_csv, "--budget", "24000000", "--objective", "margin", *NO_RULES]
    made = answer("plan", "retail", *asked)
    document, words = made.document, made.text
    assert document["status"] == "optimal"
    assert sum(cell["amount"] for cell in document["spend"]) == pytest.approx(24e6, rel=1e-6)
    assert {"kpis", "shadow_prices", "binding", "seconds"} <= set(document)
    assert "24,000,000" in words
    assert "optimal: margin (CNY) " in words


def test_an_impossible_plan_explains_itself_as_json_with_code_3(
    call: Call, curves_csv: Path
) -> None:
    floor = '[{"kind": "kpi_floor", "name": "too_much", "kpi": "margin", "at_least": 1e12}]'
    changes = ["--set", f"rules={floor}", "--set", "goals=[]"]
    code, out, err = call("plan", "retail", "--curves", curves_csv, *changes, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (3, "infeasible")
    assert "too_much" in document["conflict"]
    assert document["relaxation"][0]["words"]
    assert err.startswith("tiermix: ")
    assert err.count("\n") == 1


def test_what_is_our_mistake_has_code_1_and_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError) as caught:
        {}["lost"]
    assert explain(caught.value) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "KeyError" in said.err
    assert "mistake of Tiermix" in said.err


def test_a_path_that_cannot_be_written_is_the_users_to_put_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explain(PermissionError(13, "Permission denied", "/out")) == 2
    assert "/out" in capsys.readouterr().err


def test_options_reach_the_simulator(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    class Made:
        def summary(self) -> dict[str, Any]:
            return {"customers": 7}

    def simulate(scenario: Any, **options: Any) -> Made:
        seen.update(options, budget=scenario.budget)
        return Made()

    monkeypatch.setattr("sim.simulate", simulate)
    options = ["--engine", "individual", "--seed", "4", "--customers", "70", "--workers", "2"]
    code, out, _ = call(
        "simulate", "retail", *options, "--set", "budget=31000000", "--out", "o", "--json"
    )
    assert (code, json.loads(out)) == (0, {"customers": 7})
    expected = {"engine": "individual", "seed": 4, "customers": 70, "workers": 2, "plan": None}
    assert expected.items() <= seen.items()
    assert (seen["out"], seen["budget"]) == (Path("o"), 31e6)


def test_simulate_writes_a_run_folder_and_says_what_happened(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    small = ["--customers", "60", "--workers", "1", "--out", folder, "--json", "--quiet"]
    code, out, err = call("simulate", "retail", *small)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["customers"] == 60
    assert document["out"] == str(folder)
    assert {"touches", "conversions", "spend", "events", "seconds", "scorecard"} <= set(document)
    assert json.loads((folder / "provenance.json").read_text("utf-8"))["seed"] == 1
    code, out, _ = call("attribute", folder, "--model", "last", "--json")
    assert code == 0
    assert json.loads(out)["models"][0]["credit"]


def test_a_chatty_library_does_not_spoil_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_: object) -> dict[str, Any]:
        print("noise")
        return {"value": float("nan"), "名": "值"}

    Output(as_json=True).deliver(work, lambda _: ())
    said = capsys.readouterr()
    assert json.loads(said.out) == {"value": None, "名": "值"}
    assert "noise" in said.err


def test_progress_is_drawn_on_standard_error_when_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)

    def work(progress: Any) -> dict[str, Any]:
        progress("worlds", 3, 8)
        return {}

    Output(as_json=True).deliver(work, lambda _: ())
    said = capsys.readouterr()
    assert json.loads(said.out) == {}
    assert "worlds" in said.err
    assert "3/8" in said.err


def test_progress_is_a_few_lines_when_no_bar_can_be_drawn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work(progress: Any) -> dict[str, Any]:
        for done in range(9):
            progress("worlds", done, 8)
        return {}

    Output(as_json=True).deliver(work, lambda _: ())
    said = capsys.readouterr()
    assert json.loads(said.out) == {}
    assert len(said.err.splitlines()) == 2


def test_quiet_work_gets_no_progress() -> None:
    def work(progress: object) -> dict[str, Any]:
        assert progress is None
        return {}

    Output(as_json=True, quiet=True).deliver(work, lambda _: ())


@given(st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)))
def test_values_that_are_set_keep_their_type(value: object) -> None:
    found = settings([f"a.b={json.dumps(value)}"])
    assert found == {"a.b": value}
    assert type(found["a.b"]) is type(value)


def test_text_is_set_as_text_and_lists_as_lists() -> None:
    assert settings(["a=smart_home", "b=[1, 2]", "c=x=y"]) == {
        "a": "smart_home",
        "b": [1, 2],
        "c": "x=y",
    }
    assert settings(None) == {}


def test_a_value_that_is_set_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        settings(["a=1", "a=2"])


def test_names_are_split_at_commas() -> None:
    assert names(" lp, equal ", "--strategies") == ["lp", "equal"]
    assert names(None, "--strategies") is None
    with pytest.raises(UsageError, match="empty"):
        names(",", "--strategies")


def test_the_library_is_listed(call: Call) -> None:
    code, out, _ = call("scenarios", "list", "--json")
    assert code == 0
    assert "retail" in {entry["name"] for entry in json.loads(out)["scenarios"]}


def test_a_new_scenario_is_in_order_and_is_never_written_over(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert call("scenarios", "new", file)[0] == 0
    assert "in order" in call("scenarios", "check", file)[1]
    file.write_text("name: mine", "utf-8")
    code, _, err = call("scenarios", "new", file)
    assert code == 2
    assert "exists already" in err
    assert file.read_text("utf-8") == "name: mine"


def test_a_scenario_is_shown_as_written_or_as_changed(call: Call) -> None:
    assert "name: retail" in call("scenarios", "show", "retail")[1]
    changed = json.loads(call("scenarios", "show", "retail", "--set", "budget=31000000")[1])
    assert changed["budget"] == 31e6


def test_the_schema_describes_the_fields(call: Call) -> None:
    schema = json.loads(call("scenarios", "schema")[1])
    assert {"channels", "personas", "budget"} <= set(schema["properties"])


def test_the_ui_serves_on_the_port_that_was_asked_for(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, int] = {}
    monkeypatch.setattr("experiments.ui", lambda *, port: asked.update(port=port) or 0)
    assert call("ui", "--port", "5055")[0] == 0
    assert asked == {"port": 5055}


def test_the_ui_listens_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def start(command: list[str], _: object) -> int:
        started.append(command)
        return 0

    monkeypatch.setattr(store, "serve", start)
    assert store.ui(uri="sqlite:///x.db") == 0
    assert started[0][started[0].index("--host") + 1] == "127.0.0.1"


def test_the_lab_listens_to_this_machine_only_and_asks_nobody(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []

    def start(command: list[str], env: dict[str, str]) -> int:
        started.append(command)
        assert (Path(env["JUPYTER_CONFIG_PATH"]) / "labconfig").is_dir()
        return 0

    monkeypatch.setattr("tiermix.cli.commands.open.serve", start)
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    folder = tmp_path / "mine"
    assert call("lab", "--folder", folder)[0] == 0
    assert "--ServerApp.ip=127.0.0.1" in started[0]
    assert f"--ServerApp.root_dir={folder}" in started[0]
    assert "--LabApp.news_url=None" in started[0]
    assert {path.name for path in folder.iterdir()} >= {"researcher.ipynb", "strategist.ipynb"}
