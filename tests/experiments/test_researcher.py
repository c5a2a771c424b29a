"""The researcher's notebook runs from its first cell to its last, and the how-to's code too."""

import re
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "researcher.py"
PAGE = ROOT / "docs" / "how-to" / "validate.md"


CLAIMS = """
assert set(found.models) == {"mine", "last_click"}
assert found.regret()["mean"].notna().all()
assert turned.along()["at"].nunique() == 2
"""


@pytest.mark.long
def test_the_notebook_runs_and_its_model_takes_part() -> None:
    book = jupytext.read(NOTEBOOK)
    book.cells.append(nbformat.v4.new_code_cell(CLAIMS))
    # In a kernel, as a reader would: workers get a class of the notebook by value.
    NotebookClient(book, timeout=300, kernel_name="python3").execute(cwd=str(ROOT))
    shown = [cell for cell in book.cells if cell.get("outputs")]
    assert len(shown) >= 5


def test_the_notebook_is_one_for_jupyter() -> None:
    cells = jupytext.read(NOTEBOOK).cells
    assert {cell.cell_type for cell in cells} == {"markdown", "code"}
    assert sum(cell.cell_type == "code" for cell in cells) >= 6


@pytest.mark.long
def test_the_code_of_the_page_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})


def test_the_page_names_every_dial() -> None:
    from experiments.validation.sweeps import SWEEPS

    page = PAGE.read_text("utf-8")
    assert [name for name in SWEEPS if f"`{name}`" not in page] == []
