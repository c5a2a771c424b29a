"""A study in Chinese: no English sentence but in names; in English nothing Chinese."""

from dataclasses import replace

import pytest

from experiments.comparison.rules_kept import BrokenRule, LivedRule, Standing
from experiments.comparison.strategies import TABLE
from experiments.report.comparison.data import ReportData
from experiments.report.page import page
from experiments.wording import names_in_chinese
from scenarios import load_scenario
from tests.experiments.in_chinese import CHINESE, english_sentences, texts_of
from tests.experiments.made_up import CHANNELS, Price, report_data, story
from tiermix.core.language import speaking

SOURCES = ("field studies", "few stores")


def _names() -> dict[str, str]:
    own = {form: chinese for name, label, chinese, *_ in CHANNELS for form in (name, label)}
    return names_in_chinese(load_scenario("retail"), TABLE) | own


def _data() -> ReportData:
    said = "Raising the cap on seo from 200 % to 201 % of last year's spend adds ¥681.2 margin."
    own = {"title": "Retail", "about": "", "provenance": {}, "sampling": {}}
    return replace(report_data(), **own, prices=[Price("no channel moves too far", 681, said)])


def _judged() -> dict[str, Standing]:
    """A strategy that breaks a rule, one that keeps one on outcomes, and one without a plan."""
    words = "CAC cap: ¥126 where it is to be at most ¥110; kept in 2 of 8 draws"
    lived = LivedRule("CAC cap", 126.0, 110.0, 2, 8, False, words)
    money = "no channel moves too far: the cap on seo is broken by ¥1,500, and 7 other bounds of "
    broken = BrokenRule("no channel moves too far", 5.0, "CNY", f"{money}the rule", 8)
    return {"equal": Standing((broken,)), "tiered": Standing((), (lived,))}


def test_the_page_in_chinese_has_no_english_sentence() -> None:
    tried = replace(story(), standings=_judged())
    with speaking("zh", _names()):
        text = page(tried, _data())
    assert english_sentences(texts_of(text), SOURCES) == []
    assert '<html lang="zh">' in text
    for words in ("增量与回报", "付费搜索", "预算推演", "单渠道调整幅度", "模型的局限", "¥1,200万"):
        assert words in text


@pytest.mark.parametrize("worlds", [1, 3])
def test_few_draws_and_nothing_to_recommend_are_told_in_chinese(worlds: int) -> None:
    broken = Standing(
        (BrokenRule("CAC cap", 5.0, "CNY", "CAC cap: the budget is broken by ¥5", 1),)
    )
    tried = story(worlds=worlds)
    tried = replace(tried, standings=dict.fromkeys(tried.strategies, broken))
    with speaking("zh", _names()):
        text = page(tried, replace(_data(), unfit="its health card says stop"))
    assert english_sentences(texts_of(text), SOURCES) == []
    assert "没有可推荐的方案" in text
    assert "该情景不可用于规划" in text


def test_the_page_in_english_has_no_chinese_decoration() -> None:
    text = page(story(), report_data())
    assert [one for one in texts_of(text) if CHINESE.search(one)] == []
    assert '<html lang="en">' in text
