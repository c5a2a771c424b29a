"""A page that says how to extend Tiermix, followed to the letter in a copy of the repository."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from sybil import Document
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from tests.docs.pages import PAGES, ROOT, terminal_blocks
from tests.test_architecture import PACKAGES

LANGUAGES = ("python", "text", "diff")
"""Of blocks that are whole files, and of those that change one."""
MAIN = "import sys; from tiermix.cli.main import main; sys.exit(main())"
TYPED = {"tiermix": ["-c", MAIN], "python": [], "pytest": ["-m", "pytest", "-n", "0"]}
"""What Python is told in the place of a command's first word."""


def copy_of_the_house(folder: Path) -> Path:
    """Our packages, their tests, benchmarks and the documentation, without what was compiled."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in (*PACKAGES, "tests", "docs", "benchmarks"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png")
        )
    return folder


def apply(page: str, folder: Path) -> list[str]:
    """Write and change the files of a page's blocks; their names, each once."""
    touched: list[str] = []
    for language in LANGUAGES:
        for block in _blocks(page, language):
            head, _, body = block.partition("\n")
            name = head.removeprefix("# file: ").removeprefix("+++ ").strip()
            path = folder / name
            if language != "diff":
                assert not path.exists(), f"{page}: {name} exists already"
                path.write_text(body, "utf-8")
            else:
                path.write_text(changed(path.read_text("utf-8"), body), "utf-8")
            touched.append(name)
    return list(dict.fromkeys(touched))


def changed(text: str, change: str) -> str:
    """A text after a change whose lines begin with a blank, `-` or `+`."""
    lines = change.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"this stands there {text.count(old)} times:\n{old}"
    return text.replace(old, new)


def type_commands(page: str, folder: Path) -> list[str]:
    """What the page's commands print, each in a process of its own."""
    lines = [line for block in terminal_blocks(page) for line in block.splitlines()]
    return [typed(line, folder) for line in lines if line]


def python(code: str, folder: Path) -> str:
    """What Python prints, with the copy in place of what is installed."""
    return _run(["-c", code], folder)


def typed(line: str, folder: Path, ends: int = 0) -> str:
    """What a command prints, typed in a folder as on a page; it ends with the code `ends`."""
    words = shlex.split(line)
    settings = dict(word.split("=", 1) for word in takewhile(lambda w: w[0].isupper(), words))
    first, *others = words[len(settings) :]
    if (first, others[0]) == ("uv", "run"):
        first, *others = others[1:]
    return _run([*TYPED[first], *others], folder, settings, ends)


def _run(
    told: list[str], folder: Path, settings: Mapping[str, str] | None = None, ends: int = 0
) -> str:
    ours = {"PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": ""}
    ended = subprocess.run(
        [sys.executable, *told],
        cwd=folder,
        env={**os.environ, **ours, **(settings or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == ends, f"{told}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def _blocks(page: str, language: str) -> list[str]:
    document = Document(PAGES[page].read_text("utf-8"), page)
    fences = FencedCodeBlockLexer(language, mapping={"source": "source"})
    return [str(region.lexemes["source"]) for region in fences(document)]
