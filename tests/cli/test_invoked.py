"""The words that are kept of a command make the same command again."""

from pathlib import Path
from typing import Any

import pytest
import typer

from tiermix.cli.invoked import invocation_of
from tiermix.cli.main import COMMANDS, app

CASES: dict[str, list[str]] = {
    "run": [
        "retail", "--strategies", "last_year,lp", "--set", "channels.seo.peak=0.2", "--set",
        "budget=24e6", "--seed", "3", "--out", "a folder/b", "--until", "1000000.0",
    ],
    "plan": ["own.yaml", "--weeks", "--round", "500.0", "--budget", "80%", "--calm", "0.0"],
    "lift": ["retail", "--channel", "video"],
    "compare": ["retail", "b2b", "--set", "budget=24e6,30e6"],
    "simulate": ["retail", "--plan", "mine.csv"],
}  # fmt: skip


def _parsed(name: str, words: list[str]) -> dict[str, Any]:
    group = typer.main.get_command(app)
    command = group.commands[name]  # type: ignore[attr-defined]
    return dict(command.make_context(name, list(words)).params)


def _function(name: str) -> Any:
    return next(command for command in COMMANDS if command.__name__ == name)


def _given(name: str, words: list[str]) -> dict[str, Any]:
    """What the function is given for these words."""
    made: dict[str, Any] = {}
    for key, value in _parsed(name, words).items():
        made[key] = Path(value) if key in ("out", "plan", "xlsx") and value else value
    return made


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_words_of_a_command_give_the_same_command(name: str) -> None:
    words = CASES[name]
    kept = invocation_of(_function(name), (name,), _given(name, words))
    assert kept.words[0] == name
    assert _parsed(name, list(kept.words[1:])) == _parsed(name, words)


def test_what_only_says_how_it_runs_is_no_part_of_it() -> None:
    given = _given("run", ["retail", "--workers", "1", "--json", "--quiet", "--seed", "1"])
    assert invocation_of(_function("run"), ("run",), given).line == "tiermix run retail"


def test_changes_are_kept_by_path() -> None:
    given = _given("run", ["retail", "--set", "a.b=1=2", "--set", "c=[1, 2]"])
    assert invocation_of(_function("run"), ("run",), given).changes == {"a.b": "1=2", "c": "[1, 2]"}


def _options(command: Any) -> list[str]:
    inner = getattr(command, "commands", {}).values()
    own = [name for parameter in command.params for name in parameter.opts if name[0] == "-"]
    return [*own, *(name for one in inner for name in _options(one))]


def test_no_option_has_a_name_that_nobody_types() -> None:
    """A parameter `round_` made `--round-`, and `--round` was unknown."""
    strange = [name for name in _options(typer.main.get_command(app)) if name.endswith("-")]
    assert strange == []
