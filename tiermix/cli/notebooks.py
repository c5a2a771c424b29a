"""The notebooks that come with Tiermix, and copies of them for whoever wants to work in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from tiermix.cli.options import UsageError
from tiermix.core.files import write_text
from tiermix.core.outputs import OutputError, last_written, replacing

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
COMMAND = "lab"


def names() -> list[str]:
    """The names of all notebooks, in the order of the alphabet."""
    found = (Path(entry.name) for entry in (files("tiermix") / "notebooks").iterdir())
    return sorted(path.stem for path in found if path.suffix == ".py")


def notebook(name: str) -> str:
    """A notebook as Jupyter keeps it (`.ipynb`), not run yet; the same text at each call."""
    import jupytext  # type: ignore[import-untyped]

    source = (files("tiermix") / "notebooks" / f"{name}.py").read_text("utf-8")
    book = jupytext.reads(source, fmt="py:percent")
    book.metadata = KERNEL
    for number, cell in enumerate(book.cells):
        cell["id"] = f"{name}-{number}"
    return f"{json.dumps(book, indent=1, ensure_ascii=False)}\n"


def lay_out(folder: Path) -> Iterator[str]:
    """Copy the notebooks into a folder, each edition once; remarks on what was done.

    A copy that somebody has changed stays as it is; a new edition then lies beside it.
    """
    _check_apart(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names():
        copy, beside = folder / f"{name}.ipynb", folder / f"{name}.new.ipynb"
        text = notebook(name)
        if last_written(copy, COMMAND, text) or last_written(beside, COMMAND, text):
            continue
        if _written(copy, text):
            yield f"copied {copy}"
        elif _written(beside, text):
            yield f"{copy} is your own and stays; the new edition is {beside}"
        else:
            yield f"{copy} and {beside} are your own and stay; move one away for the new edition"


def _written(path: Path, text: str) -> bool:
    """Write a copy; False where somebody's own file stands there."""
    try:
        with replacing(path, COMMAND) as free:
            write_text(free, text)
    except OutputError:
        return False
    return True


def _check_apart(folder: Path) -> None:
    """Keep copies out of Tiermix's own sources."""
    ours = Path(str(files("tiermix"))).resolve()
    if folder.resolve().is_relative_to(ours):
        raise UsageError(
            f"--folder: {folder} lies in Tiermix's own sources; go elsewhere, or name a folder "
            "for your copies, such as --folder ~/notebooks"
        )
