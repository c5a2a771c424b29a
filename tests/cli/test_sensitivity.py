"""`tiermix sensitivity` from the outside: its document, its text, its files, its exit codes."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Answers, Call
from tests.scenes import base

SMALL = ("--customers", "60", "--replications", "3", "--moves", "1", "--repeats", "2")
TRIED = ("--strategies", "last_year,equal", "--workers", "1", "--quiet")


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = base().model_dump(mode="json")
    data["uncertainty"] = [{"path": "channels.video.half", "spread": 0.5}]
    file = tmp_path_factory.mktemp("门店") / "门店.yaml"
    file.write_text(json.dumps(data), "utf-8")
    return file


def test_the_document_the_text_and_the_files_agree(
    answer: Answers, unsure: Path, tmp_path: Path
) -> None:
    told = answer("sensitivity", unsure, *SMALL, *TRIED, "--out", tmp_path / "结果")
    document = told.document
    (row,) = document["parameters"]
    assert {"recommended", "probability_best", "parameters"} <= set(document)
    assert {"name", "low", "high", "share", "evpi", "turns_at"} <= set(row)
    assert row["share"] is None
    assert row["words"] == "cannot tell"
    assert "too few" in told.text
    assert document["report"] in told.text
    parameters, draws = document["files"]
    with open(parameters, encoding="utf-8") as file:
        assert [one["name"] for one in csv.DictReader(file)] == ["channels.video.half"]
    with open(draws, encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 3
    assert "cannot tell" in Path(document["report"]).read_text("utf-8")
    assert f"runs: {document['mlflow']['experiment']} in sqlite:///mlflow.db" in told.text


def test_the_cost_is_told_before(
    call: Call, unsure: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [*SMALL, *TRIED[:-1], "--out", str(tmp_path), "--json"]
    code, out, err = call("sensitivity", unsure, *asked)
    assert code == 0
    assert json.loads(out)["replications"] == 3
    assert err.splitlines()[0].startswith("1 uncertain parameters: 3 draws and 6 markets")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--parameters", "channels.vidoe.half"], "vidoe"),
        (["--set", "uncertainty=[]"], "nothing in this scenario is uncertain"),
        (["--strategies", "clairvoyant"], "never recommended"),
        (["--repeats", "1"], "--repeats"),
    ],
)
def test_wrong_input_is_one_sentence_and_code_2(
    call: Call, unsure: Path, more: list[str], word: str
) -> None:
    code, out, err = call("sensitivity", unsure, *more, "--quiet")
    assert (code, out) == (2, "")
    assert word in err
    assert "Traceback" not in err
