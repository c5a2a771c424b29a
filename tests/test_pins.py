"""The versions that were tested together: all of them, each exactly, from nowhere in particular."""

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
PINS: list[str] = PROJECT["tool"]["uv"]["constraint-dependencies"]
GROUPS = PROJECT["dependency-groups"]
EVERYTHING = ("test", "browser", "lint", "docs")
EXACT = re.compile(r"[a-z0-9._-]+==[0-9][a-z0-9.+!]*( ; [A-Za-z_0-9<>=!.*\"' ()]+)?")


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()


def test_each_pin_is_a_name_and_a_version_and_names_no_host_or_path() -> None:
    assert [pin for pin in PINS if not EXACT.fullmatch(pin)] == []


def test_what_we_ask_for_is_pinned() -> None:
    asked = [*PROJECT["project"]["dependencies"], *GROUPS["test"], *GROUPS["browser"]]
    asked += [*GROUPS["lint"], *GROUPS["docs"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        asked += extra
    assert {_name(line) for line in asked} <= {_name(pin) for pin in PINS}


def test_no_pin_stands_twice_for_the_same_machine() -> None:
    without = [_name(pin) for pin in PINS if ";" not in pin]
    assert len(without) == len(set(without))
    assert not set(without) & {_name(pin) for pin in PINS if ";" in pin}


def test_a_first_command_fetches_no_linter_and_no_browser() -> None:
    """They were most of what a newcomer waited for and never used."""
    assert PROJECT["tool"]["uv"]["default-groups"] == ["test"]
    assert {_name(line) for line in GROUPS["test"]}.isdisjoint({"playwright", "ruff", "mypy"})


def test_whoever_works_on_it_gets_everything() -> None:
    assert GROUPS["dev"] == [{"include-group": name} for name in EVERYTHING]
