"""The glossary has the words of the code, in both languages.

If this fails: `uv run python -m tests.docs.glossary`.
"""

import re

from tests.docs.glossary import PAGE, page

TEXT = PAGE.read_text("utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if line.startswith("| ")]


def test_the_tables_of_the_glossary_are_those_of_the_code() -> None:
    assert page(TEXT) == TEXT


def test_every_term_has_a_chinese_name() -> None:
    named = [row for row in ROWS if "---" not in row[0]]
    assert len(named) > 100
    lacking = [row[0] for row in named if not any(re.search(r"[一-鿿]", cell) for cell in row)]
    assert lacking == []


def test_no_term_stands_twice_with_two_meanings() -> None:
    terms = [row[0].strip() for row in ROWS if not row[0].startswith(" `")]
    told = [term for term in terms if "---" not in term and term != "term"]
    assert len(told) == len(set(told))
