"""Notebooks as a reader runs them: every cell, from the first to the last, in a kernel."""

from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tiermix" / "notebooks"


def run(name: str, claims: str) -> nbformat.NotebookNode:
    """The notebook with its outputs; `claims` is one more cell, which looks at what it found."""
    book = jupytext.read(NOTEBOOKS / f"{name}.py")
    book.cells.append(nbformat.v4.new_code_cell(claims))
    # In a kernel, workers get a class of the notebook by value, and `assert` stops the run.
    NotebookClient(book, timeout=600, kernel_name="python3").execute(cwd=str(ROOT))
    return book
