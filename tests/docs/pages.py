"""Pages of the documentation, and the blocks of code in them, as Sybil reads them."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sybil import Document, Region
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
}


def python_blocks(page: str, smaller: Mapping[str, str] | None = None) -> Document:
    """A page's blocks of Python; they share names, from top to bottom.

    `smaller` replaces words of the page, so that tests need not wait for figures nobody reads.
    """
    text = PAGES[page].read_text("utf-8")
    for old, new in (smaller or {}).items():
        assert old in text, f"{page} no longer says {old!r}"
        text = text.replace(old, new)
    document = Document(text, str(PAGES[page]))
    _add(document, CodeBlockParser("python", PythonEvaluator())(document))
    return document


def has_python(page: str) -> bool:
    return any(True for _ in python_blocks(page).examples())


def run(page: str, folder: Path, smaller: Mapping[str, str], names: dict[str, Any]) -> None:
    """Run a page's code in `folder`, from its first block to its last; `names` gets its names."""
    document = python_blocks(page, smaller)
    document.namespace = names
    with contextlib.chdir(folder):
        for block in document.examples():
            block.evaluate()


def terminal_blocks(page: str) -> list[str]:
    """Fenced blocks without a language: what is typed in a terminal, tables, formulas."""
    document = Document(PAGES[page].read_text("utf-8"), page)
    fences = FencedCodeBlockLexer(language="", mapping={"source": "source"})
    return [str(region.lexemes["source"]) for region in fences(document)]


def _add(document: Document, regions: Iterable[Region]) -> None:
    for region in regions:
        document.add(region)
