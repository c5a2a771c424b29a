"""A page that says how to extend Tiermix, followed to the letter in a copy of the repository."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from sybil import Document
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from tests.docs.pages import PAGES, ROOT, terminal_blocks
from tests.test_architecture import PACKAGES


def copy_of_the_house(folder: Path) -> Path:
    """Our packages and the documentation, without what was compiled."""
    for name in (*PACKAGES, "docs"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png")
        )
    return folder


def apply(page: str, folder: Path) -> list[str]:
    """Write and change the files of a page's blocks; their names, each once."""
    touched: list[str] = []
    for language in ("python", "diff"):
        for block in _blocks(page, language):
            head, _, body = block.partition("\n")
            name = head.removeprefix("# file: ").removeprefix("+++ ").strip()
            path = folder / name
            if language == "python":
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
    return [_typed(line, folder) for line in lines if line.startswith("tiermix ")]


def python(code: str, folder: Path) -> str:
    """What Python prints, with the copy in place of what is installed."""
    return _run([sys.executable, "-c", code], folder)


def _typed(line: str, folder: Path) -> str:
    main = "import sys; from tiermix.cli.main import main; sys.exit(main())"
    return _run([sys.executable, "-c", main, *shlex.split(line)[1:]], folder)


def _run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": ""}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{command[2:]}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def _blocks(page: str, language: str) -> list[str]:
    document = Document(PAGES[page].read_text("utf-8"), page)
    fences = FencedCodeBlockLexer(language, mapping={"source": "source"})
    return [str(region.lexemes["source"]) for region in fences(document)]
