"""`tiermix compare` from the outside: its document, its text, its exit codes, and going on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Call
from tiermix.cli.options import UsageError, settings, value_lists

SMALL = ("--customers", "60", "--replications", "2", "--workers", "1", "--quiet")
TRIED = ("--strategies", "last_year,equal")


def test_no_plan_anywhere_is_code_3_and_one_document(
    call: Call, shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = (
        '[{"kind": "channel_bounds", "name": "cap", "channels": ["video"], "most": 1},'
        '{"kind": "channel_bounds", "name": "floor", "channels": ["video"], "least": 2}]'
    )
    asked = ("--set", f"rules={rules}", "--budget", "80%,90%", *TRIED, *SMALL, "--json")
    code, out, err = call("compare", shop, *asked)
    document = json.loads(out)
    assert (code, document["status"]) == (3, "infeasible")
    assert [set(one["conflict"]) for one in document["variants"]] == [{"cap", "floor"}] * 2
    assert "budget 2,400,000" in err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["retail", "--budget", "much"], "no amount of money"),
        (["retail", "--budget", "1m", "--set", "budget=2e6"], "give one of them"),
        (["retail", "--set", "budget=1e6,,2e6"], "empty value"),
        (["retail", "--set", "budgt=1e6,2e6"], "budget"),
        (["retail", "retail"], "two are called retail"),
        (["retail", "--set", "budget=1e6,1000000"], "is the same as"),
        (["retial"], "did you mean 'retail'"),
        ([], "scenarios"),
    ],
)
def test_wrong_input_is_one_sentence_and_code_2(
    call: Call, arguments: list[str], word: str
) -> None:
    code, out, err = call("compare", *arguments)
    assert (code, out) == (2, "")
    assert word in err
    assert "Traceback" not in err


def test_the_workbook_says_what_the_document_says(
    call: Call, shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("--budget", "80%,90%", *TRIED, *SMALL, "--json", "--xlsx", "answer.xlsx")
    code, out, err = call("compare", shop, *asked)
    assert code == 0, err
    document = json.loads(out)
    assert document["workbook"] == "answer.xlsx"
    book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
    plans = [f"plan {n + 1}" for n, one in enumerate(document["variants"]) if one["plan"]]
    assert book.sheetnames == ["variants", "cells", "goals", *plans]
    rows = [[cell.value for cell in row] for row in book["cells"].iter_rows(min_row=2)]
    assert [row[:2] for row in rows] == [[x["label"], x["strategy"]] for x in document["cells"]]
    means = [one["kpis"][document["objective"]]["mean"] for one in document["cells"]]
    assert [row[3] for row in rows] == pytest.approx(means)


def test_lists_are_cut_at_commas_outside_brackets_and_quotes() -> None:
    asked = ['rules=[1,2],[{"a": "x]"}]', "budget=24e6, 3", 'title="a,b",c']
    assert value_lists(asked) == {
        "rules": [[1, 2], [{"a": "x]"}]],
        "budget": [24e6, 3],
        "title": ["a,b", "c"],
    }
    with pytest.raises(UsageError, match="twice"):
        value_lists(["budget=1", "budget=2"])


SCALARS = st.integers(-9, 9) | st.booleans() | st.text("ab,[]{} ", max_size=6)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.just("x,"), SCALARS)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_any_values_written_as_json_are_read_as_they_are(values: list[Any]) -> None:
    text = ",".join(json.dumps(value) for value in values)
    assert value_lists([f"path={text}"]) == {"path": values}
    assert settings([f"path={json.dumps(values)}"]) == {"path": values}


@pytest.mark.long
def test_a_study_that_is_killed_goes_on_with_equal_tables(shop: Path, tmp_path: Path) -> None:
    asked = ["compare", str(shop), "--budget", "80%,100%,120%", "--strategies"]
    asked += ["last_year,lp_known_curves", "--customers", "200", "--replications", "2"]
    asked += ["--workers", "2", "--json", "--out"]
    start = "from tiermix.cli.main import main; main()"

    def command(out: Path) -> list[str]:
        return [sys.executable, "-c", start, *asked, str(out)]

    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'mlflow.db'}"}
    more: dict[str, Any] = {"cwd": tmp_path, "env": environment, "stdout": subprocess.PIPE}
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    with subprocess.Popen(
        command(cut), stderr=subprocess.DEVNULL, start_new_session=True, **more
    ) as killed:
        while len(list((cut / "kept").glob("[0-9a-f]*"))) < 1 and killed.poll() is None:
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    again, straight = (
        json.loads(subprocess.run(command(out), check=True, **more).stdout) for out in (cut, whole)
    )
    assert 1 <= again["reused"] < 3
    assert straight["reused"] == 0
    for key in ("baseline", "cells", "not_compared"):
        assert again[key] == straight[key]
