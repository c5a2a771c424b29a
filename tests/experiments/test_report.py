"""The report: its answer, what it shows, and that it opens in a browser without a network."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import Evidence
from experiments.report.comparison.summary import Answer, answer
from experiments.report.page import page, write_report
from tests.experiments.made_up import CHANNELS, comparison, evidence, story

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PLAIN = Evidence(title="A test")


def _answer(**means: float) -> Answer:
    return answer(comparison(means, within=1.0), PLAIN)


def test_the_headline_names_the_best_its_gain_and_the_baseline() -> None:
    found = _answer(last_year=1000.0, lp=1200.0)
    assert "Optimized plan (company data)" in found.headline
    assert "more margin than last year's split" in found.headline
    assert "luck" not in found.headline


def test_a_lead_that_may_be_luck_is_called_so() -> None:
    tried = (
        comparison({"last_year": 1000.0, "lp": 1001.0}, within=30.0, seed=s) for s in range(40)
    )
    noisy = next(c for c in tried if c.best().strategy == "lp" and not c.best().separated)
    assert "may be luck" in answer(noisy, PLAIN).headline


def test_when_nothing_beats_last_year_the_answer_is_to_keep_it() -> None:
    assert _answer(last_year=1000.0, lp=900.0).headline.startswith("Keep **last year's split**")


def test_a_best_that_no_company_could_follow_is_followed_by_one_that_it_can() -> None:
    found = _answer(last_year=1000.0, lp=1100.0, lp_known_curves=1150.0)
    follow = found.sentences[-1]
    assert "**optimized plan (company data)** is best" in follow
    assert "which only a simulator can do" in follow


def test_a_rival_that_cannot_be_told_apart_is_named() -> None:
    close = comparison({"last_year": 900.0, "lp": 1000.0, "tiered": 999.9}, within=8.0)
    assert not close.best().separated
    assert "cannot be told apart" in " ".join(answer(close, PLAIN).sentences)


def test_the_cards_answer_how_sure_what_it_costs_which_rule_and_goals() -> None:
    cards = {title: (big, small) for title, big, small in answer(story(), evidence()).cards}
    assert cards["How sure"][0] == "8 of 8 worlds"
    assert cards["What it costs"] == ("¥12.0M", "spent over the year, as much as last year")
    assert cards["Which rule binds"][0] == "budget"
    assert "hardest: " in cards["Goals"][1]


def test_one_world_does_not_pretend_to_be_sure() -> None:
    cards = dict(card[:2] for card in answer(story(worlds=1), evidence()).cards)
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
    text = page(story(), evidence())
    outside = re.findall(r"""(?:src|href)=["'](?!data:|#)([^"']+)""", text.split("<script>")[0])
    assert outside == []
    assert "@import" not in text.split("</style>")[0]


def test_a_report_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = replace(evidence(), attribution=evidence().curves)
    with pytest.raises(KeyError):
        write_report(tmp_path / "report.html", story(), broken)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, list[str]]]:
    """The report in a browser that has no network, and what its console complained of."""
    if BROWSER is None:
        pytest.skip("no Chromium was found: install Debian's chromium to look at the report")
    path = write_report(tmp_path_factory.mktemp("report") / "report.html", story(), evidence())
    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=FLAGS)
        sheet = browser.new_context(offline=True).new_page()
        sheet.on("console", lambda message: complaints.append(message.text))
        sheet.on("pageerror", lambda error: complaints.append(str(error)))
        sheet.on("request", lambda asked: _note_request(asked.url, complaints))
        sheet.goto(path.as_uri())
        sheet.wait_for_function("document.documentElement.dataset.drawn", timeout=30_000)
        yield sheet, complaints
        browser.close()


def _note_request(url: str, complaints: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        complaints.append(f"asked for {url}")


def test_every_chart_is_drawn_without_a_network(opened: tuple[Page, list[str]]) -> None:
    sheet, _ = opened
    charts = sheet.locator(".chart").count()
    assert charts == 3 + len(CHANNELS)
    assert sheet.locator(".chart svg").count() == charts
    assert sheet.locator(".chart svg :is(.mark-symbol, .mark-rect) path").count() > 50


def test_the_console_has_nothing_to_complain_of(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []


def test_names_are_shown_as_they_are_written(opened: tuple[Page, list[str]]) -> None:
    text = opened[0].inner_text("main")
    assert "Email <b> 邮件" in text
    assert "抖音" in text


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
    text = page(tried, replace(evidence(), curves=None))
    shown = re.sub(r"<s(tyle|cript).*?</s(tyle|cript)>", "", text, flags=re.S)
    assert re.search(r"\b(nan|None)\b", shown) is None
    assert tried.to_dict()["best"] == tried.best().strategy
