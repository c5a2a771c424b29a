"""The report: its answer, what it shows, and that it opens in a browser without a network."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from experiments.comparison.result import Comparison
from experiments.comparison.rules_kept import BrokenRule, Standing
from experiments.comparison.strategies import last_year
from experiments.comparison.strategy import Strategy
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.first_screen import Summary, summary
from experiments.report.page import page, write_report
from tests.browser import chromium
from tests.experiments.made_up import CHANNELS, Price, comparison, report_data, story

if TYPE_CHECKING:
    from playwright.sync_api import Page

PLAIN = ReportData(title="A test")


def _shown(text: str) -> str:
    """The page without its styles and scripts."""
    return re.sub(r"<s(tyle|cript).*?</s(tyle|cript)>", "", text, flags=re.S)


def _answer(**means: float) -> Summary:
    return summary(comparison(means, within=1.0), PLAIN)


def test_a_scenario_that_does_not_agree_with_its_history_says_so_before_all_else() -> None:
    """`run` printed the line on the terminal; the page that is passed on did not have it."""
    found = summary(story(), replace(PLAIN, unfit="the fit is worse than a constant"))
    assert found.sentences[0] == (
        "**This scenario is not to be planned with**: the fit is worse than a constant."
    )
    assert "not to be planned" not in " ".join(summary(story(), PLAIN).sentences)


def test_the_headline_names_the_best_its_gain_and_the_baseline() -> None:
    found = _answer(last_year=1000.0, lp=1200.0)
    assert "Optimized plan (company data)" in found.headline
    assert "more margin than last year's split" in found.headline
    assert "chance" not in found.headline


def test_a_lead_that_may_be_chance_is_called_so() -> None:
    tried = (
        comparison({"last_year": 1000.0, "lp": 1001.0}, within=30.0, seed=s) for s in range(40)
    )
    noisy = next(
        c for c in tried if c.best().strategy == "lp" and not c.best().ahead_of_every_rival
    )
    assert "may be chance" in summary(noisy, PLAIN).headline


def test_when_nothing_beats_last_year_the_answer_is_to_keep_it() -> None:
    assert _answer(last_year=1000.0, lp=900.0).headline.startswith("Keep **last year's split**")


def test_the_headline_names_what_a_company_can_follow_and_what_knowing_more_is_worth() -> None:
    found = _answer(last_year=1000.0, lp=1100.0, lp_known_curves=1150.0)
    assert found.headline.startswith("**Optimized plan (company data)** earns")
    more = found.sentences[-1]
    assert more.startswith("What knowing more is worth: **Optimum if the scenario is right** earns")
    assert "response curves measured in the scenario as written" in more


def test_what_earns_more_by_breaking_rules_is_named_beside_the_best_and_is_not_it() -> None:
    rule = BrokenRule("channel caps", 5.0, "CNY", "channel caps: the cap on seo", 12)
    tried = comparison({"last_year": 1000.0, "lp": 1100.0, "equal": 1300.0}, within=1.0)
    tried = replace(tried, standings={"equal": Standing((rule,))})
    found = summary(tried, PLAIN)
    assert "Optimized plan (company data)" in found.headline
    assert any(
        s.startswith("Equal split earns ¥200 more, but breaks 1 rule (channel caps)")
        for s in found.sentences
    )
    text = _shown(page(tried, PLAIN))
    assert "channel caps: the cap on seo" in text
    assert "last year's money" not in html.unescape(text)
    again = html.unescape(_shown(page(tried, replace(PLAIN, last_year=tried.shown_plan("equal")))))
    assert "The line across each bar is last year's money." in again


def test_where_every_strategy_breaks_rules_nothing_is_recommended() -> None:
    rule = BrokenRule("caps", 5.0, "CNY", "caps: the cap on seo", 12)
    tried = comparison({"last_year": 1000.0, "equal": 1300.0, "clairvoyant": 2000.0}, within=1.0)
    standing = Standing((rule,))
    tried = replace(tried, standings={"equal": standing, "last_year": standing})
    found = summary(tried, PLAIN)
    assert found.headline.startswith("**Nothing to recommend**: clairvoyant plan earns the most")
    assert page(tried, PLAIN)
    followed = replace(tried, outcomes=tried.outcomes[tried.outcomes.strategy != "clairvoyant"])
    assert "breaks rules" in summary(followed, PLAIN).headline


def test_what_is_said_of_the_best_belongs_to_it_and_not_to_another_strategy() -> None:
    follow = _answer(last_year=1000.0, lp=1100.0, clairvoyant=1150.0).sentences[-1]
    assert "knows the very market that was drawn" in follow
    assert "measured" not in follow


def test_a_strategy_of_the_users_own_is_shown_by_what_it_says_of_itself() -> None:
    mine = Strategy("oracle", last_year, "Oracle <1>", explains="It knows all.", privileged=True)
    tried = replace(comparison({"last_year": 1.0, "oracle": 900.0}), tried=(mine,))
    text = page(tried, PLAIN)
    assert "Oracle &lt;1&gt;</strong> earns" in text
    assert "It knows all. Only a simulator can follow it." in text
    assert tried.followable == ["last_year"]


def test_less_of_what_should_be_small_is_a_win() -> None:
    cheap = replace(comparison({"last_year": 900.0, "lp": 1000.0}, within=1.0), objective="cac")
    cards = {title: big for title, big, _ in summary(cheap, PLAIN).cards}
    assert cheap.best().strategy == "lp"
    assert cards["How sure"] == "12 of 12 worlds"


def test_the_page_names_the_baseline_that_was_used() -> None:
    text = page(replace(comparison({"equal": 1.0, "lp": 500.0}), baseline="equal"), PLAIN)
    assert "against equal split" in text
    said = _shown(text).split('id="plan"')[0]
    assert "last year" not in said.replace("from its own last year", "")


def test_the_plan_that_is_shown_is_that_of_one_world_and_the_page_says_so() -> None:
    tried = comparison({"last_year": 1.0, "lp": 500.0}, worlds=2)
    plans = tried.plans
    more = plans["amount"] * (1 + plans["world"] * (plans["strategy"] == "lp"))
    differing = replace(tried, plans=plans.assign(amount=more))
    assert differing.shown_plan("lp")["amount"].sum() == pytest.approx(100)
    text = _shown(page(differing, PLAIN))
    assert "the first of 2 worlds (world 0 of the tracked runs)" in text
    assert "100 … 200" in text
    assert "The plan is the same in every world." in _shown(page(tried, PLAIN))


def test_limits_are_said_once() -> None:
    text = page(story(), report_data()).split('id="limits"')[1]
    items = re.findall("<li>(.*?)</li>", text)
    assert len(items) == len(set(items)) > 5
    assert sum("add up" in item for item in items) == 1


def test_numbers_are_never_powers_of_ten() -> None:
    costly = [Price("budget", 16_900.0, "one"), Price("ramp", -0.00002, "two")]
    text = _shown(page(story(), replace(report_data(), prices=costly)))
    assert re.search(r"\de[+-]\d", text) is None
    assert "16.9k" in text
    assert "−0.0000200" in text


def test_plausibility_shows_figures_in_their_units_beside_their_ranges() -> None:
    text = _shown(page(story(), report_data())).split('id="plausibility"')[1]
    assert "4.10\u00a0% ± 0.200\u00a0%" in text
    assert "2.00\u00a0% to 8.00\u00a0%" in text
    assert "click rate, Paid search" in text
    assert "Here: few stores" in text


def test_a_rival_that_is_not_significantly_behind_is_named() -> None:
    close = comparison({"last_year": 900.0, "lp": 1000.0, "tiered": 999.9}, within=8.0)
    assert not close.best().ahead_of_every_rival
    assert "is not significant" in " ".join(summary(close, PLAIN).sentences)


def test_the_cards_answer_how_sure_what_it_costs_which_rule_and_goals() -> None:
    cards = {title: (big, small) for title, big, small in summary(story(), report_data()).cards}
    assert cards["How sure"][0] == "8 of 8 worlds"
    assert cards["What it costs"] == (
        "¥12.0M",
        "spent over the year, −4\xa0% on the ¥12.5M spent last year",
    )
    assert cards["Which rule binds"][0] == "budget"
    assert cards["The last ¥1 brings"] == ("¥1.10", "of margin: it returns more than it costs")
    assert "hardest: " in cards["All goals together"][1]


def test_one_world_does_not_pretend_to_be_sure() -> None:
    cards = dict(card[:2] for card in summary(story(worlds=1), report_data()).cards)
    assert cards["How sure"] == "one world"


def test_a_comparison_without_its_baseline_still_has_an_answer() -> None:
    assert (
        _answer(equal=1.0, lp=500.0).headline
        == "**Optimized plan (company data)** earns the most margin."
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = page(comparison({"last_year": 1.0, "lp": 2.0}), PLAIN)
    assert 'id="curves"' not in bare
    assert 'id="attribution"' not in bare
    assert 'id="limits"' in bare


def test_the_one_world_report_can_be_written() -> None:
    assert "one world" in page(story(worlds=1), PLAIN)


def test_the_report_loads_nothing_from_anywhere() -> None:
    text = page(story(), report_data())
    outside = re.findall(r"""(?:src|href)=["'](?!data:|#)([^"']+)""", text.split("<script>")[0])
    assert outside == []
    assert "@import" not in text.split("</style>")[0]


def test_a_report_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = replace(report_data(), attribution=report_data().curves)
    with pytest.raises(KeyError):
        write_report(tmp_path / "report.html", story(), broken)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, list[str]]]:
    """The report in a browser that has no network, and what its console complained of."""
    path = write_report(tmp_path_factory.mktemp("report") / "report.html", story(), report_data())
    complaints: list[str] = []
    with chromium() as browser:
        sheet = browser.new_context(offline=True).new_page()
        sheet.on("console", lambda message: complaints.append(message.text))
        sheet.on("pageerror", lambda error: complaints.append(str(error)))
        sheet.on("request", lambda asked: _note_request(asked.url, complaints))
        sheet.goto(path.as_uri())
        sheet.wait_for_function("document.documentElement.dataset.drawn", timeout=30_000)
        yield sheet, complaints


def _note_request(url: str, complaints: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        complaints.append(f"asked for {url}")


def test_every_chart_is_drawn_without_a_network(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    charts = sheet.locator(".chart").count()
    assert charts == 8 + len(CHANNELS)
    assert sheet.locator(".chart svg").count() == charts
    assert sheet.locator(".chart svg :is(.mark-symbol, .mark-rect) path").count() > 50


def test_the_console_has_nothing_to_complain_of(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []


def test_names_are_shown_as_they_are_written(opened: tuple[Page, list[str]]) -> None:
    text = opened[0].inner_text("main")
    assert "Email <b>" in text
    assert "Douyin" in text


def test_the_answer_is_on_the_first_screen(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    for place in (".headline", ".card >> nth=3"):
        box = sheet.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 720


def test_text_stands_out_in_light_and_in_dark(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    for scheme in ("light", "dark"):
        sheet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for place in ("main p", ".headline", ".card .small", "figcaption", "svg text"):
            assert sheet.evaluate(CONTRAST, place) >= 4.5, (scheme, place)


# Contrast of a text with the page by WCAG 2.1: (lighter + 0.05) / (darker + 0.05).
CONTRAST = """place => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const node = document.querySelector(place), style = getComputedStyle(node);
  const text = light(node instanceof SVGElement ? style.fill : style.color);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
}"""


def test_a_phone_need_not_scroll_sideways(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    sheet.set_viewport_size({"width": 390, "height": 844})
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_slider_shows_the_plan_of_another_budget(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    slider = sheet.locator(".slider input")
    assert "¥12.0M" in sheet.inner_text(".slider")
    slider.evaluate("box => { box.value = 3; box.dispatchEvent(new Event('input')); }")
    assert "¥15.0M (+25" in sheet.inner_text(".slider")
    slider.evaluate("box => { box.value = 0; box.dispatchEvent(new Event('input')); }")
    assert "no plan keeps the rules" in sheet.inner_text(".slider")


def _without_goals() -> Comparison:
    return replace(story(worlds=2), goals=story(worlds=2).goals.iloc[:0])


def _without_plans() -> Comparison:
    return replace(story(worlds=2), plans=story(worlds=2).plans.iloc[:0])


def _with_a_kpi_that_nobody_has() -> Comparison:
    table = story(worlds=2).outcomes
    known = table["value"].where(table["kpi"] != "cac")
    return replace(story(worlds=2), outcomes=table.assign(value=known))


@pytest.mark.parametrize(
    "odd",
    [
        lambda: comparison({"lp": 1.0}),
        lambda: comparison({"last_year": 1.0}),
        lambda: comparison({"clairvoyant": 5.0, "last_year": 1.0}, worlds=2),
        lambda: replace(story(worlds=2), objective="profit"),
        lambda: replace(story(worlds=2), objective="cac"),
        _without_goals,
        _without_plans,
        _with_a_kpi_that_nobody_has,
    ],
)
def test_an_odd_comparison_still_has_a_report_and_a_document(odd: Callable[[], Comparison]) -> None:
    tried = odd()
    text = page(tried, replace(report_data(), curves=None))
    assert re.search(r"\b(nan|None)\b", _shown(text)) is None
    assert tried.to_dict()["best"] == tried.shown
    assert tried.to_dict()["best_of_all"] == tried.best().strategy


def test_the_diary_tells_decisions_by_review_and_their_reasons() -> None:
    """Counts over draws, then one draw in words; nothing where no strategy is reviewed."""
    said = {"channel": "seo", "tier": 1, "decision": "cut", "reason": "brings <0.5> ± 0.1"}
    page_of_it = {
        "month": "2026-03", "moved": 2e6, "note": "", "found": ["demand is less"],
        "given_up": ["floor"], "decisions": [said, {**said, "channel": "kol", "decision": "hold"}],
    }  # fmt: skip
    diaries = {"lp": [{"draw": 0, "reviews": [page_of_it]}, {"draw": 1, "reviews": [page_of_it]}]}
    text = page(replace(story(), diaries=diaries), report_data())
    for words in ("The diary", "cut 2", "hold 2", "demand is less", "given up: floor"):
        assert words in text
    assert "brings &lt;0.5&gt; ± 0.1" in text
    assert "The diary" not in page(story(), report_data())
