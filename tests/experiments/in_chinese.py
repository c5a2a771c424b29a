"""What of a text is English, or Chinese, where it should not be."""

import html
import re
from collections.abc import Iterable
from pathlib import Path

import openpyxl

SENTENCE = re.compile(r"[A-Za-z][A-Za-z'-]+(?:,? [A-Za-z][A-Za-z'-]+){2,}")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def texts_of(page: str) -> list[str]:
    """What a reader sees of a page, hears, or finds in its charts; commands are no sentences."""
    bare = re.sub(r"<style.*?</style>|<script>.*?</script>|<code>.*?</code>", "", page, flags=re.S)
    shown = re.sub(r"<script.*?</script>", "", bare, flags=re.S)
    heard = re.findall(r'(?:aria-label|title|data-label)="([^"]*)"', shown)
    drawn = re.findall(r'"(?:title|text|words|label|point|model|what)":"([^"]*)"', bare)
    return [html.unescape(one) for one in [*re.findall(r">([^<]+)<", shown), *heard, *drawn]]


def cells_of(book: Path) -> list[str]:
    """Texts of a workbook and the names of its sheets; formulas are no texts."""
    sheets = openpyxl.load_workbook(book).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    return [*(sheet.title for sheet in sheets), *map(str, texts)]


def english_sentences(texts: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Texts with three English words on end, outside of names and commands."""
    found = []
    for text in texts:
        rest = re.sub(r"`[^`]*`", "", text)  # a command to be typed
        for name in names:
            rest = rest.replace(name, "")
        if SENTENCE.search(rest):
            found.append(text)
    return found
