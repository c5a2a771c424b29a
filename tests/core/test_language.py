"""Languages: sentences are found again, figures turned, and the catalogue says nothing twice."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tiermix.core.language import CATALOGUES, HOLE, catalogue, language, named, said, speaking

ROOT = Path(__file__).parent.parent.parent
SOURCES = ("experiments", "optimize", "attribution", "scenarios", "journeys", "tiermix")
NAMES = {"paid search": "付费搜索", "seo": "自然搜索"}


def test_english_stays_as_it_is() -> None:
    assert language() == "en"
    assert said("The plan") == "The plan"
    assert named("seo", "自然搜索") == "seo"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("The plan", "预算方案"),
        ("Profit", "利润"),
        ("new_customers", "新客数"),
        ("the cap on paid search", "付费搜索上限"),
        ("Last year's split, scaled to ¥24.0M", "去年方案（按 ¥2,400万 缩放）"),
        ("last year's split, scaled to ¥24.0M", "去年方案（按 ¥2,400万 缩放）"),
        (
            "Raising the cap on seo from 200 % to 201 % of last year's spend adds ¥681.2 profit.",
            "自然搜索上限由去年花费的 200% 提高到 201%，利润增加 ¥681.2。",
        ),
        (
            "¥287k of the plan will not be used, as there is no more to be bought: "
            "paid search ¥200k, seo ¥87.0k.",
            "方案中有 ¥28.7万 预计花不出去，因为没有更多流量可买："
            "付费搜索 ¥20.0万、自然搜索 ¥8.70万。",
        ),
        ("report: /tmp/5M/report.html", "报告：/tmp/5M/report.html"),
        (
            "plan: a/plan.csv (lp, as planned in world 0)",
            "方案文件：a/plan.csv（lp，第 0 号抽样的方案）",
        ),
        (
            "note: trimmed_match is not used: it needs 6 controls or more to weight.",
            "注：未使用截尾匹配：至少需要 6 个对照地区用于加权。",
        ),
        (
            "no sudden jumps; seo delivers 47% less than expected since 2026-04 (± 15%, seen in "
            "clicks; 100% sure of the cause)",
            "避免骤增骤减；自 2026-04 起自然搜索的效果较预期低 47%（± 15%，见于点击；"
            "对原因的把握 100%）",
        ),
    ],
)
def test_sentences_are_found_again_with_what_stands_in_their_holes(
    english: str, chinese: str
) -> None:
    with speaking("zh", NAMES):
        assert said(english) == chinese
    assert language() == "en"


def test_sentences_beside_each_other_are_turned_one_by_one() -> None:
    with speaking("zh"):
        both = said("The charts need JavaScript; every number is in the tables too. The plan")
    assert both == "图表需要 JavaScript；所有数字也都在表格中。预算方案"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("¥4.72M", "¥472万"),
        ("−¥12.3k", "−¥1.23万"),
        ("¥9,000", "¥9,000"),
        ("1.20B", "12.0亿"),
        ("+12\u00a0%", "+12%"),
        ("+0.71\u00a0pp", "+0.71个百分点"),
    ],
)
def test_figures_are_told_in_ten_thousands(english: str, chinese: str) -> None:
    with speaking("zh"):
        assert said(english) == chinese


def test_what_nobody_turned_is_left_as_it_is() -> None:
    with speaking("zh"):
        assert said("My own words, 我的话") == "My own words, 我的话"


def _parts() -> dict[str, dict[str, str]]:
    return tomllib.loads((CATALOGUES / "zh.toml").read_text("utf-8"))


def test_a_sentence_and_its_meaning_have_the_same_holes() -> None:
    wrong = [
        english
        for part in _parts().values()
        for english, chinese in part.items()
        if {h[1] for h in HOLE.finditer(english)} != set(re.findall(r"\{(\w+)\}", chinese))
    ]
    assert wrong == []


def test_nothing_is_said_twice() -> None:
    every = [english for part in _parts().values() for english in part]
    assert sorted({one for one in every if every.count(one) > 1}) == []


def test_every_sentence_of_the_catalogue_is_one_that_is_made_somewhere() -> None:
    """A sentence that was changed in its room is found here, not by a reader."""
    corpus = _made()
    every = [english for part in _parts().values() for english in part]
    assert [english for english in every if _found(english, corpus) < 0.5] == []


def _found(english: str, corpus: str) -> float:
    """The share of a sentence's runs of up to three words that stand in a source."""
    runs = []
    for clause in re.split(r"[|.,;:()\[\]]", HOLE.sub("|", english.lower())):
        words = clause.strip(" *-'\"·±").split()
        runs += [" ".join(words[i : i + 3]) for i in range(max(len(words) - 2, 1))]
    told = [run for run in runs if run]
    return sum(run in corpus for run in told) / len(told) if told else 1.0


@cache
def _made() -> str:
    """All texts of our sources and of the library, with blanks for underscores."""
    found = [path.read_text("utf-8") for path in (ROOT / "scenarios" / "library").glob("*.yaml")]
    for room in SOURCES:
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            found += [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    text = re.sub(r"\s+", " ", "\n".join(found).lower())
    return text + text.replace("_", " ") + text.replace("*", "")


def test_the_catalogue_is_read_once() -> None:
    assert catalogue("zh") is catalogue("zh")
