"""What a file says is shown by a terminal, and not obeyed."""

import json

import pytest

from tiermix.cli.output import as_text
from tiermix.cli.tables import rendered, table
from tiermix.core.visible import LONGEST_LINE, shortened, visible

STEERING = ["\x1b[31mred", "\x1b]0;title\x07", "a\u202eb", "a\x9b31m", "a\rb", "a\u2066b", "a\x7fb"]


@pytest.mark.parametrize("text", STEERING)
def test_steering_signs_are_written_out(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == text


@pytest.mark.parametrize("text", STEERING)
def test_tables_sentences_and_documents_hold_none(text: str) -> None:
    page = rendered([text, table([text], [[text]])])
    assert all(line.isprintable() for line in page.splitlines())
    document = as_text({text: [text]})
    assert document.isprintable()
    assert json.loads(document) == {text: [text]}


def test_names_and_figures_stay_as_they_are() -> None:
    text = "抖音 ¥1,000 – “père”\n\t> b"
    assert visible(text) == text


def test_a_line_of_a_message_is_cut_and_the_others_stay() -> None:
    assert shortened("a\n" + "b" * 10_000) == f"a\n{'b' * LONGEST_LINE} …"
