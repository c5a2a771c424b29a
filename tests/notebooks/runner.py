"""Notebooks as a reader runs them: every cell, from the first to the last, in a kernel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from docs.extensions.ran import fresh, keep

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tiermix" / "notebooks"


def run(name: str, claims: str) -> nbformat.NotebookNode:
    """The notebook with its outputs; `claims` is one more cell, which looks at what it found.

    As it ran it is kept for the gallery of the documentation.
    """
    book = fresh(name)
    book.cells.append(nbformat.v4.new_code_cell(claims))
    # In a kernel, workers get a class of the notebook by value, and `assert` stops the run.
    NotebookClient(book, timeout=600, kernel_name="python3").execute(cwd=str(ROOT))
    shown = nbformat.from_dict({**book, "cells": book.cells[:-1]})
    keep(name, shown)
    return book


def at_once(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a notebook after its code ran here, with parameters set as papermill does."""
    names: dict[str, Any] = {}
    for cell in fresh(name).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", ()):
            names.update(parameters)
    return names
