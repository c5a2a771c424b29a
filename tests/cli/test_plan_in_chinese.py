"""`tiermix plan --language zh`: terminal, workbook and picture in Chinese; JSON stays English."""

import json
import re
from pathlib import Path

import pytest

from scenarios import load_scenario, read_plan
from tests.experiments.conftest import Call
from tests.experiments.conftest import call as call
from tests.experiments.in_chinese import CHINESE, cells_of, english_sentences, texts_of
from tests.experiments.planning import curves

RETAIL = load_scenario("retail")
OWN = [one.name for one in (*RETAIL.rules, *RETAIL.goals)]
COMMAND = r"[a-z_]+ [\w.-]+(, [a-z_]+ [\w.-]+)*"
"""Fields of a rule as a file has them."""


@pytest.fixture(scope="module")
def curves_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("curves") / "curves.csv"
    curves().to_csv(file)
    return file


def _cells(book: Path) -> list[str]:
    """Texts of a workbook, fields of rules left out."""
    return [text for text in cells_of(book) if not re.fullmatch(COMMAND, text)]


def test_what_people_read_of_a_plan_is_chinese(
    call: Call, curves_file: Path, tmp_path: Path
) -> None:
    book = tmp_path / "plan.xlsx"
    asked = ("--curves", curves_file, "--out", tmp_path, "--xlsx", book, "--language", "zh")
    code, shown, _ = call("plan", "retail", *asked, "--quiet")
    assert code == 0
    names = [*OWN, str(tmp_path), str(curves_file)]
    assert english_sentences(shown.splitlines(), names) == []
    assert "最优：利润（CNY）" in shown
    assert english_sentences(_cells(book), names) == []
    assert english_sentences(texts_of((tmp_path / "plan.html").read_text("utf-8")), names) == []
    back = read_plan(book, RETAIL.plannable, RETAIL.months, RETAIL.other_names)
    csv = read_plan(tmp_path / "plan.csv", RETAIL.plannable, RETAIL.months)
    assert (back.amounts == csv.amounts).all()


@pytest.mark.long
def test_json_is_english_whatever_the_language(call: Call, curves_file: Path) -> None:
    asked = ("plan", "retail", "--curves", curves_file, "--json", "--quiet")
    _, english, _ = call(*asked)
    _, chinese, _ = call(*asked, "--language", "zh")
    one, other = json.loads(english), json.loads(chinese)
    assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert not CHINESE.search(english)
