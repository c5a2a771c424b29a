"""Each tutorial, typed from its first block to its last in an empty folder."""

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.docs.follow import typed
from tests.docs.pages import PAGES

TUTORIALS = [page for page in PAGES if page.startswith("docs/tutorials/")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVERS = ("tiermix lab", "tiermix ui")
"""Commands that go on until they are stopped; they have tests of their own."""


class Block(NamedTuple):
    """A fenced block of a page: its language, and its text."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(PAGES[page].read_text("utf-8"))]


def test_there_is_a_tutorial_for_each_of_the_three() -> None:
    assert {Path(page).stem for page in TUTORIALS} == {"strategist", "researcher", "analyst"}


def test_all_three_follow_one_example() -> None:
    first = [next(b.text for b in blocks(page) if b.language == "yaml") for page in TUTORIALS]
    shared = {"# file: shop.yaml", "extends: retail", "name: shop", "budget: 24000000"}
    assert all(shared <= set(text.splitlines()) for text in first)


@pytest.mark.parametrize("page", TUTORIALS)
def test_every_block_of_a_tutorial_is_of_a_kind_that_is_tried(page: str) -> None:
    kinds = {block.language for block in blocks(page)}
    assert kinds <= {"", "python", "yaml", "text"}
    named = [block for block in blocks(page) if block.language in ("yaml", "text")]
    assert all(block.text.startswith("# file: ") for block in named)


@pytest.mark.release
@pytest.mark.parametrize("page", TUTORIALS)
def test_a_tutorial_can_be_followed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks(page):
        _follow(block, tmp_path, names)
    assert (tmp_path / "shop.yaml").exists()


def _follow(block: Block, folder: Path, names: dict[str, Any]) -> None:
    if block.language == "python":
        exec(compile(block.text, "page", "exec"), names)
    elif block.language:
        head, _, body = block.text.partition("\n")
        (folder / head.removeprefix("# file: ")).write_text(body, "utf-8")
    else:
        for line in filter(None, block.text.splitlines()):
            if line not in SERVERS:
                ends = int((re.findall(r"# ends with (\d)", line) or ["0"])[0])
                typed(shlex.join(shlex.split(line, comments=True)), folder, ends)
