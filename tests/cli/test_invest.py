"""`tiermix invest` from the outside: its document, its text, its files, its exit codes."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Answers, Call
from tests.experiments.test_investments import BETTER, planted
from tiermix.cli.commands.invest import candidates_of
from tiermix.cli.options import UsageError

SMALL = ("--customers", "60", "--replications", "2", "--strategy", "last_year", "--workers", "1")
OWN = ("--candidate", "平台: channels.posters.awaken=0.15, cost=1e4")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("门店") / "门店.yaml"
    scenario = planted({**BETTER, "yearly_cost": 2e4})
    file.write_text(json.dumps(scenario.model_dump(mode="json")), "utf-8")
    return file


def test_the_document_the_text_and_the_files_agree(
    answer: Answers, shop: Path, tmp_path: Path
) -> None:
    told = answer("invest", shop, *SMALL, "--quiet", "--out", tmp_path / "结果")
    document = told.document
    (row,) = document["investments"]
    assert {"name", "chosen", "gain", "low", "high", "cost"} <= set(row)
    assert row["name"] == document["best"]["name"] == "better"
    assert row["cost"] == pytest.approx(2e4)
    assert row["chosen"] == (document["answer"] == "buy") == (document["chosen"] == ["better"])
    assert document["words"][0] in told.lines
    left = document["budget"] - (row["cost"] if row["chosen"] else 0.0)
    assert sum(cell["amount"] for cell in document["spend"]) == pytest.approx(left)
    gains, plan = document["files"]
    with open(gains, encoding="utf-8") as file:
        assert [one["name"] for one in csv.DictReader(file)] == ["better"]
    with open(plan, encoding="utf-8") as file:
        assert sum(float(one["amount"]) for one in csv.DictReader(file)) == pytest.approx(left)
    assert document["words"][0].partition(":")[0] in Path(document["report"]).read_text("utf-8")
    assert f"runs: {document['mlflow']['experiment']} in sqlite:///mlflow.db" in told.text


def test_own_candidates_take_the_place_of_the_scenarios(
    call: Call, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call("invest", shop, *SMALL, *OWN, "--budget", "80%", "--json")
    document = json.loads(out)
    assert code == 0
    assert [one["name"] for one in document["investments"]] == ["平台"]
    assert document["budget"] == 8e5
    assert err.splitlines()[0].startswith("1 candidate: 4 draws, each with a past, and 10 planned")


def test_candidates_are_read_from_text_and_files(tmp_path: Path) -> None:
    rule = '{"cart": {"when": "cart", "channel": "mail"}}'
    text = f"cdp 平台: integration.resolution=0.7, automation.rules={rule}, cost=9e5, once=1e5"
    changes = {
        "integration.resolution": 0.7,
        "automation.rules": {"cart": {"when": "cart", "channel": "mail"}},
    }
    own = {"yearly_cost": 9e5, "one_off_cost": 1e5}
    assert candidates_of(text) == [{"name": "cdp 平台", **own, "changes": changes}]
    wide = "平台：integration.resolution＝0.7，cost=9e5"
    resolved = {"integration.resolution": 0.7}
    assert candidates_of(wide) == [{"name": "平台", "yearly_cost": 9e5, "changes": resolved}]
    file = tmp_path / "候选.yaml"
    file.write_text(
        "candidates:\n  - {name: cdp, changes: {integration.resolution: 0.7}}\n", "utf-8"
    )
    assert candidates_of(str(file)) == [{"name": "cdp", "changes": {"integration.resolution": 0.7}}]
    file.write_text("name: retail\ncandidates: []\n", "utf-8")
    with pytest.raises(UsageError, match="nothing else"):
        candidates_of(str(file))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--candidate", "cdp"], "says nothing to buy"),
        (["--candidate", "cdp: cost=5"], "changes nothing"),
        (["--candidate", "cdp: integration.resolution"], "names no value"),
        (["--candidate", "cdp: integration.resolutoin=1"], "did you mean 'resolution'"),
        (["--candidate", "cdp: integration.resolution=1, cost=-5"], "candidates.cdp.yearly_cost"),
        (["--candidate", "cdp: integration.resolution=1, cost=2e6"], "whole budget"),
        (["--candidate", "cdp: integration.resolution=1, start=2027-03-01"], "outside the planned"),
        (["--candidate", "cdp: integration.resolution=7"], "less than or equal to 1"),
        ([*OWN, *OWN], "stands 2 times"),
        (["--candidate", "missing.yaml"], "no such file"),
        (["--only", "bettr"], "did you mean 'better'"),
        (["--set", "candidates=[]"], "nothing to buy"),
        (["--budget", "much"], "no amount of money"),
        (["--strategy", "clairvoyant"], "needs what no company has"),
        (["--replications", "1"], "at least 2"),
    ],
)
def test_wrong_input_is_one_sentence_and_code_2(
    call: Call, shop: Path, more: list[str], word: str
) -> None:
    code, out, err = call("invest", shop, *more, "--quiet")
    assert (code, out) == (2, "")
    assert word in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
