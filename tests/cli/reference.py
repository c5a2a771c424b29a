"""Every command and its options, as the command line has them.

`uv run python -m tests.cli.reference` writes docs/reference/commands.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from tiermix.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
HEAD = """# Commands

Made from the command line by `python -m tests.cli.reference`; a test holds it up to date. Each
command says the same with `--help`.

SCENARIO is a name from the library (`tiermix scenarios list`) or a path to a YAML file. Documents
of `--json` go to standard output, progress and remarks to standard error. Exit codes: 0 done, 1 our
mistake, 2 yours, 3 no feasible plan. `tiermix --install-completion` lets your shell complete
commands, options and names of scenarios.
"""


def page() -> str:
    """The text of the page."""
    return HEAD + "".join(_section(name, found) for name, found in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Each command that can be typed, with its groups before its name."""
    yield from _inside("tiermix", typer.main.get_command(app))


def _inside(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if command.hidden:
        return
    if not hasattr(command, "commands"):
        yield name, command
        return
    for own, inner in command.commands.items():
        yield from _inside(f"{name} {own}", inner)


def _section(name: str, command: Any) -> str:
    needed = [p for p in command.params if p.param_type_name == "argument"]
    chosen = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    words = " ".join([name, *(_argument(p) for p in needed), *(["[OPTIONS]"] if chosen else [])])
    about = (command.help or "").strip().replace("\f", "")
    rows = [f"| `{_argument(p)}` | {_cell(p.help)} | |" for p in needed]
    rows += [f"| {_names(p)} | {_cell(p.help)} | {_default(p)} |" for p in chosen]
    table = "\n".join(["| | | default |", "| --- | --- | --- |", *rows]) if rows else ""
    return f"\n## `{name}`\n\n```\n{words}\n```\n\n{about}\n" + (f"\n{table}\n" if table else "")


def _argument(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper()).strip("[]").removesuffix("...")
    told = f"{name}…" if parameter.nargs == -1 else name
    return told if parameter.required else f"[{told}]"


def _names(parameter: Any) -> str:
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _default(parameter: Any) -> str:
    value = parameter.default
    if callable(value) or value in (None, False, (), []):
        return ""
    return f"`{getattr(value, 'value', value)}`" if value is not True else "on"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
