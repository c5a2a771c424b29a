"""Our docstrings are plain text with code in backticks: kept so on their way through Sphinx."""

import re
from typing import Any

from sphinx.application import Sphinx

CODE = re.compile(r"`+([^`]+)`+")
MARKS = re.compile(r"(?<!\\)([*|]|_(?=\W|$))")


def plain(text: str) -> str:
    """Text in which only backticks, blank lines and indentation mean something."""
    parts = CODE.split(text)
    return "".join(
        _code(part) if i % 2 else MARKS.sub(r"\\\1", part) for i, part in enumerate(parts)
    )


def _code(text: str) -> str:
    """A piece of code on one line, however its sentence is broken."""
    return f"``{' '.join(text.split())}``"


def _convert(
    app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    lines[:] = plain("\n".join(lines)).splitlines()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _convert)
    return {"parallel_read_safe": True}
