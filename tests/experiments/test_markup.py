"""HTML: whatever comes in as text stays text."""

import json

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from experiments.report.html import bilingual, chart, embedded, join, rich, table, tag
from tiermix.core.language import speaking


@given(st.text())
def test_text_never_becomes_markup(text: str) -> None:
    inside = tag("p", text, title=text).removeprefix("<p").removesuffix("</p>")
    assert "<" not in inside
    assert inside.count('"') == 2


@given(
    st.recursive(st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_embedded_json_reads_back_and_cannot_close_its_script(value: object) -> None:
    text = embedded(value)
    assert json.loads(text) == value
    assert "<" not in text


def test_html_is_not_escaped_twice() -> None:
    assert join([join(["a & b"])]) == "a &amp; b"
    assert tag("p", Markup("<i>x</i>")) == "<p><i>x</i></p>"


def test_attributes_are_spelt_for_html_and_none_is_left_out() -> None:
    assert tag("p", class_="a", data_chart="b", id=None) == '<p class="a" data-chart="b"></p>'


def test_stress_is_the_only_markup_in_a_sentence() -> None:
    assert rich("**A** <b>") == "<strong>A</strong> &lt;b&gt;"


def test_a_name_is_in_the_language_of_the_page_alone() -> None:
    assert bilingual("Douyin", "抖音") == bilingual("Douyin") == "Douyin"
    with speaking("zh"):
        assert bilingual("Douyin", "抖音") == "抖音"
        assert bilingual("Risk") == "风险"
        assert tag("p", "The plan", title="Risk") == '<p title="风险">预算方案</p>'


def test_a_row_of_one_cell_spans_the_table() -> None:
    assert 'colspan="2"' in table(["a", "b"], [["group"], ["x", "1"]])


def test_a_chart_has_words_for_those_who_do_not_see_it() -> None:
    assert 'aria-label="Spend by month"' in chart({}, key="x", label="Spend by month")
