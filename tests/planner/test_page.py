"""The page as Streamlit runs it, without a browser: moves, refusals, the other language."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="no Streamlit: `uv sync --group browser` to look at pages")
from streamlit.testing.v1 import AppTest

from experiments.planner_page import app
from experiments.planner_page.session import KEY, QUESTION, shown
from scenarios import load_scenario
from tests.experiments.in_chinese import english_sentences
from tests.planner.conftest import told

APP = app.__file__
RETAIL = load_scenario("retail")
OWN = [rule.name for rule in RETAIL.rules] + [goal.name for goal in RETAIL.goals]
"""Names that the scenario gives, in whatever language it gives them."""


def _opened(patch: pytest.MonkeyPatch, curves_file: Path, folder: Path, **more: Any) -> AppTest:
    patch.setenv(QUESTION, told(curves_file, folder, **more))
    return AppTest.from_file(APP, default_timeout=120).run()


def _texts(page: AppTest) -> list[str]:
    """All that is written on the page, as it is read."""
    kinds = (page.markdown, page.caption, page.header, page.subheader, page.error, page.warning)
    found = [one.value for kind in kinds for one in kind]
    found += [one.value for one in page.success]
    labelled = (page.button, page.toggle, page.slider, page.number_input, page.text_input)
    found += [one.label for kind in labelled for one in kind]
    found += [
        one.label for kind in (page.selectbox, page.multiselect, page.expander) for one in kind
    ]
    found += [str(one) for metric in page.metric for one in (metric.label, metric.delta)]
    for table in page.dataframe:
        found += [str(x) for x in [*table.value.columns, *table.value.to_numpy().ravel()]]
    return [text.replace("\\", "") for text in found]


def test_each_move_is_answered_and_each_slip_is_said(
    monkeypatch: pytest.MonkeyPatch, curves_file: Path, tmp_path: Path
) -> None:
    page = _opened(monkeypatch, curves_file, tmp_path)
    assert not page.exception
    assert any(text.startswith("**Certified") for text in _texts(page))
    page.text_input(key="budget").set_value("24m").run()
    assert page.slider(key="budget change").value == -20
    before = _texts(page)
    for slip in ("rubbish", "-5", "", "1e40"):
        page.text_input(key="budget").set_value(slip).run()
        assert "no amount of money" in page.warning[0].value.replace("\\", "")
        assert page.text_input(key="budget").value == "24,000,000"
    page.run()
    assert [text for text in _texts(page) if "planned in" not in text] == [
        text for text in before if "planned in" not in text
    ]
    page.slider(key="budget change").set_value(10).run()
    assert page.text_input(key="budget").value == "33,000,000"
    page.toggle(key="rule CAC cap").set_value(False).run()
    assert [one.key for one in page.number_input if one.key == "CAC cap cap"] == []
    assert not page.exception


def test_the_page_in_chinese_has_no_english_sentence(
    monkeypatch: pytest.MonkeyPatch, curves_file: Path, tmp_path: Path
) -> None:
    page = _opened(monkeypatch, curves_file, tmp_path, language="zh")
    names = [*OWN, str(curves_file), str(tmp_path)]
    assert english_sentences(_texts(page), names) == []
    page.number_input(key="CAC cap cap").set_value(1.0).run()
    assert page.error[0].value.startswith("没有方案能满足全部规则")
    assert english_sentences(_texts(page), names) == []
    page.button(key="way out 0").click().run()
    assert not page.error
    assert any("已验证最优" in text for text in _texts(page))


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_plan_is_made_calm_kept_tried_and_saved(
    monkeypatch: pytest.MonkeyPatch, curves_file: Path, tmp_path: Path, language: str
) -> None:
    page = _opened(monkeypatch, curves_file, tmp_path, language=language)
    names = [*OWN, str(curves_file), str(tmp_path)]
    page.button(key="whole").click().run()
    assert page.get("download_button")
    page.button(key="keep A").click().run()
    page.text_input(key="budget").set_value("80%").run()
    page.button(key="keep B").click().run()
    page.button(key="simulate").click().run()
    chances = page.dataframe[-1].value
    assert list(chances.columns[-2:]) == ["A", "B"]
    assert len(chances) == 2 + len(RETAIL.goals) + 1
    page.text_input(key="name").set_value("../x").run()
    page.button(key="save").click().run()
    assert "no name for files" in page.warning[0].value
    page.text_input(key="name").set_value("mine").run()
    page.button(key="save").click().run()
    assert {file.name for file in tmp_path.iterdir()} > {"mine.yaml", "mine.csv", "mine.xlsx"}
    assert load_scenario(tmp_path / "mine.yaml").budget == 24e6
    page.button(key="go on A").click().run()
    assert page.text_input(key="budget").value == "30,000,000"
    assert not page.exception
    if language == "zh":
        assert english_sentences(_texts(page), names) == []


def test_a_page_is_found_again_by_its_address(
    monkeypatch: pytest.MonkeyPatch, curves_file: Path, tmp_path: Path
) -> None:
    page = _opened(monkeypatch, curves_file, tmp_path)
    page.text_input(key="budget").set_value("80%").run()
    again, other = (AppTest.from_file(APP, default_timeout=120) for _ in range(2))
    again.query_params[KEY] = "".join(page.query_params[KEY])
    assert again.run().text_input(key="budget").value == "24,000,000"
    assert other.run().text_input(key="budget").value == "30,000,000"
    again.text_input(key="budget").set_value("70%").run()
    assert page.run().text_input(key="budget").value == "24,000,000"


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("paid_search (CNY): 5 %", "paid_search (CNY): 5 %"),
        ("![x](http://a.b/c.png)", r"!\[x\](http://a.b/c.png)"),
        ("$a$, **b**, :red[c], _d_", r"\$a\$, \*\*b\*\*, \:red\[c\], \_d\_"),
        ("# a\n- b\n1. `c` <script>", "\\# a\n\\- b\n1\\. \\`c\\` \\<script>"),
        (":smile: \\", "\\:smile: \\\\"),
    ],
)
def test_names_are_no_markup(name: str, escaped: str) -> None:
    assert shown(name) == escaped


def test_curves_that_are_not_there_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = {"scenario": "retail", "settings": {"currency": "EUR"}, "curves": "none.csv"}
    page = _opened(monkeypatch, tmp_path, tmp_path, question=other)
    assert not page.exception
    assert "there is no such file" in page.error[0].value
