"""Copies of the notebooks: real ones for Jupyter, and never at the cost of somebody's work."""

import shutil
from pathlib import Path

import nbformat
import pytest

from tiermix.cli import notebooks
from tiermix.cli.options import UsageError


@pytest.fixture
def editions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the library has, to be changed by a test as a new version of Tiermix would."""
    known = {"plan": "first", "story": "first"}
    monkeypatch.setattr(notebooks, "names", lambda: sorted(known))
    monkeypatch.setattr(notebooks, "notebook", known.__getitem__)
    return known


def _laid(folder: Path) -> list[str]:
    return list(notebooks.lay_out(folder))


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.ipynb")}


@pytest.mark.parametrize("name", notebooks.names())
def test_a_copy_is_a_notebook_that_jupyter_opens(name: str) -> None:
    book = nbformat.reads(notebooks.notebook(name), as_version=4)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3"
    assert {cell.cell_type for cell in book.cells} == {"markdown", "code"}
    assert not any(cell.get("outputs") for cell in book.cells)
    assert notebooks.notebook(name) == notebooks.notebook(name)


def test_every_notebook_is_copied_once(editions: dict[str, str], tmp_path: Path) -> None:
    assert len(_laid(tmp_path)) == 2
    assert _texts(tmp_path) == {"plan.ipynb": "first", "story.ipynb": "first"}
    assert _laid(tmp_path) == []


def test_a_new_edition_takes_the_place_of_a_copy_nobody_changed(
    editions: dict[str, str], tmp_path: Path
) -> None:
    _laid(tmp_path)
    editions["plan"] = "second"
    assert _laid(tmp_path) == [f"copied {tmp_path / 'plan.ipynb'}"]
    assert _texts(tmp_path) == {"plan.ipynb": "second", "story.ipynb": "first"}


def test_edits_survive_new_editions(editions: dict[str, str], tmp_path: Path) -> None:
    _laid(tmp_path)
    (tmp_path / "plan.ipynb").write_text("mine", "utf-8")
    assert _laid(tmp_path) == []
    editions["plan"] = "second"
    (said,) = _laid(tmp_path)
    assert "your own and stays" in said
    assert _texts(tmp_path)["plan.ipynb"] == "mine"
    assert _texts(tmp_path)["plan.new.ipynb"] == "second"
    assert _laid(tmp_path) == []
    (tmp_path / "plan.new.ipynb").write_text("mine too", "utf-8")
    editions["plan"] = "third"
    (said,) = _laid(tmp_path)
    assert "move one away" in said
    assert set(_texts(tmp_path).values()) == {"mine", "mine too", "first"}


def test_a_file_that_was_there_before_is_somebodys(
    editions: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "plan.ipynb").write_text("mine", "utf-8")
    _laid(tmp_path)
    assert _texts(tmp_path)["plan.ipynb"] == "mine"
    assert _texts(tmp_path)["plan.new.ipynb"] == "first"


def test_a_copy_that_was_thrown_away_does_not_come_back(
    editions: dict[str, str], tmp_path: Path
) -> None:
    _laid(tmp_path)
    (tmp_path / "plan.ipynb").unlink()
    assert _laid(tmp_path) == []
    assert set(_texts(tmp_path)) == {"story.ipynb"}


@pytest.mark.parametrize("below", ["notebooks", "notebooks/mine"])
def test_copies_never_lie_among_the_sources(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tiermix lab` within a checkout's `tiermix` would mean its own notebooks."""
    sources = tmp_path / "tiermix"
    shutil.copytree(Path(notebooks.__file__).parents[1] / "notebooks", sources / "notebooks")
    before = {p: p.read_bytes() for p in sources.rglob("*") if p.is_file()}
    monkeypatch.setattr(notebooks, "files", lambda _: sources)
    with pytest.raises(UsageError, match="own sources"):
        _laid(sources / below)
    assert {p: p.read_bytes() for p in sources.rglob("*") if p.is_file()} == before
