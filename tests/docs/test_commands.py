"""Commands that the pages show can be typed: they exist, with the options that they are given."""

import re
import shlex
from typing import Any

import pytest
import typer

from tests.docs.pages import PAGES, terminal_blocks
from tiermix.cli.main import app

COMMAND = re.compile(r"(?:^|[`;&|] *|^ +)(?:uv run )?tiermix +([^`\n]+)", re.MULTILINE)


def _shown(page: str) -> list[str]:
    """Commands in terminal blocks and in running text, without the word `tiermix`."""
    inline = re.findall(r"`((?:uv run )?tiermix [^`\n]+)`", PAGES[page].read_text("utf-8"))
    return [line for text in [*terminal_blocks(page), *inline] for line in COMMAND.findall(text)]


ADDS_ITS_OWN = "docs/how-to/extend/command.md"
"""Its command is typed in a copy that has it, by `test_extend.py`."""
SHOWN = sorted({(page, line) for page in PAGES if page != ADDS_ITS_OWN for line in _shown(page)})


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The innermost command that the words name, and the words that are left."""
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def _wrong(line: str) -> str:
    """What cannot be typed in a line, or nothing."""
    command, words = _command(shlex.split(line, comments=True))
    if getattr(command, "commands", {}):
        own = {"--help", *(name for parameter in command.params for name in parameter.opts)}
        return "" if words and set(words) <= own else "names no command"
    known = {name for parameter in command.params for name in parameter.opts}
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    return ", ".join(sorted(options - known))


def test_the_pages_show_commands() -> None:
    assert len(SHOWN) >= 25
    assert len({page for page, _ in SHOWN}) >= 6


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_on_a_page_can_be_typed(page: str, line: str) -> None:
    assert _wrong(line) == ""


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("plan retail --budgets 3", "--budgets"),
        ("scenarios", "names no command"),
        ("frobnicate retail", "names no command"),
    ],
)
def test_what_cannot_be_typed_is_found(line: str, wrong: str) -> None:
    assert _wrong(line) == wrong
