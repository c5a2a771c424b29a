"""Notebooks as they ran last, in `build/notebooks`: left by the tests, shown by the gallery."""

from pathlib import Path

import nbformat

from tiermix.cli.notebooks import notebook

ROOT = Path(__file__).parents[2]
RAN = ROOT / "build" / "notebooks"


def fresh(name: str) -> nbformat.NotebookNode:
    """A notebook that has not run."""
    return nbformat.reads(notebook(name), as_version=4)


def keep(name: str, ran: nbformat.NotebookNode) -> None:
    """Keep a notebook as it ran, whole or not at all."""
    RAN.mkdir(parents=True, exist_ok=True)
    draft = RAN / f".{name}.ipynb"
    nbformat.write(ran, draft)
    draft.replace(RAN / f"{name}.ipynb")


def kept(name: str) -> nbformat.NotebookNode | None:
    """A notebook as it ran last, if its cells are still the same."""
    path = RAN / f"{name}.ipynb"
    if not path.exists():
        return None
    found = nbformat.read(path, as_version=4)
    return found if _sources(found) == _sources(fresh(name)) else None


def _sources(book: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in book.cells]
