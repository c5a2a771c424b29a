"""Results that show themselves: aligned, escaped, small, and never in powers of ten."""

import pandas as pd

from tiermix.core.notebook import MOST_ROWS, bullets, frame_rows, html_table, text_table

HEAD = ("channel", "spend")


def test_text_has_its_words_on_the_left_and_its_figures_on_the_right() -> None:
    shown = text_table(HEAD, [("search", 24_000_000.0), ("tv", 412.5), ("radio", float("nan"))])
    assert shown.splitlines() == [
        "channel       spend",
        "search   24,000,000",
        "tv            412.5",
        "radio             –",
    ]


def test_html_is_escaped_wherever_text_comes_from() -> None:
    bad = "<script>x</script>"
    shown = html_table((bad, "spend"), [(bad, 1.0)], caption=bad) + bullets([bad])
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 4


def test_a_long_table_is_cut_and_says_how_much_is_left_out_and_where_it_is() -> None:
    rows = [(f"c{n}", float(n)) for n in range(MOST_ROWS + 1300)]
    shown = html_table(HEAD, rows, rest=".table")
    assert shown.count("<tr>") == MOST_ROWS + 1
    assert "1,300 more rows; all of them: .table" in shown
    assert "more rows" not in html_table(HEAD, rows[:MOST_ROWS])


def test_large_and_negative_figures_are_written_out() -> None:
    shown = html_table(HEAD, [("a", -16_900.4), ("b", 1.5e9), ("c", None)])
    assert "-16,900" in shown
    assert "1,500,000,000" in shown
    assert "e+" not in shown
    assert "–" in shown


def test_rows_of_a_frame_keep_their_order() -> None:
    frame = pd.DataFrame({"channel": ["a", "b"], "spend": [2.0, 1.0]})
    assert frame_rows(frame) == (["channel", "spend"], [("a", 2.0), ("b", 1.0)])
