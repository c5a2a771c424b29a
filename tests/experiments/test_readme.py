"""The README: commands that it shows exist, with the options that it gives them."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from tiermix.cli.main import app

README = Path(__file__).parents[2] / "README.md"
SHOWN = sorted(
    set(re.findall(r"(?:^|`)(?:uv run )?tiermix ([^`\n]+)", README.read_text("utf-8"), re.M))
)


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The innermost command that the words name, and the words that are left."""
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def test_the_readme_shows_commands() -> None:
    assert len(SHOWN) >= 10


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_in_the_readme_can_be_typed(line: str) -> None:
    command, words = _command(shlex.split(line))
    assert not getattr(command, "commands", {}), f"{line}: names no command"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_python_in_the_readme_names_what_exists() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    imports = "\n".join(line for line in block.splitlines() if line.startswith("from "))
    exec(compile(imports, str(README), "exec"), {})
    compile(block, str(README), "exec")
