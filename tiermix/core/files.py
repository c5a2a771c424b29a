"""Files and folders that appear whole or not at all: written under a draft's name, then renamed."""

from __future__ import annotations

import glob
import hashlib
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from tiermix.core.processes import has_ended, own_mark

HOUSE = Path(__file__).parents[2]
PACKAGES = ("scenarios", "sim", "journeys", "optimize", "experiments", "tiermix/core")
LIBRARIES = ("numpy", "numba", "scipy", "pandas", "pyomo", "highspy", "simpy", "pydantic")


@contextmanager
def whole_file(
    path: str | os.PathLike[str], *, suffix: str = ".tmp", sync: bool = True
) -> Iterator[Path]:
    """A draft beside `path` to be written; it takes that name when the block ends without error.

    What was there before stays until then, and stays for good when the block fails. Folders above
    are made if need be. `suffix` is the draft's, for whoever has to read it before it counts.
    Without `sync` a crash of the machine may leave an empty file: right inside a draft folder only.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if sync:
        clear_drafts(target)
    draft = target.with_name(f".{target.name}.{own_mark()}.{secrets.token_hex(4)}{suffix}")
    try:
        yield draft
        if sync:
            _to_disk(draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text as UTF-8 whole or not at all; gives the path back."""
    with whole_file(path) as draft:
        draft.write_text(text, "utf-8")
    return Path(path)


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A hidden draft folder to be filled; it takes the place of `path` if the block ends well."""
    draft = draft_folder(path)
    try:
        yield draft
        publish_folder(draft, Path(path))
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def draft_folder(target: str | os.PathLike[str]) -> Path:
    """A hidden new folder beside `target`, on the same disk, so that the rename is one step."""
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_drafts(path)
    draft = path.with_name(f".{path.name}.{own_mark()}.{secrets.token_hex(4)}")
    draft.mkdir()
    return draft


def clear_drafts(target: Path) -> None:
    """Remove what processes left that were killed while they wrote `target`."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.([0-9a-f]+-\d+)\.[0-9a-f]{{8}}.*")
    with suppress(OSError):
        for left in target.parent.glob(f".{glob.escape(target.name)}.*"):
            found = pattern.fullmatch(left.name)
            if found is None or not has_ended(found[1]):
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def publish_folder(draft: Path, target: Path) -> None:
    """Let a folder that is complete take the place of `target` and of all that was in it."""
    if target.exists():
        shutil.rmtree(target)
    os.replace(draft, target)


def _to_disk(path: Path) -> None:
    """Have the contents on the disk before the name is: a crash leaves no empty file.

    Some file systems cannot; the rename is still one step there.
    """
    with suppress(OSError), open(path, "rb+") as file:
        os.fsync(file.fileno())


@cache
def sources_hash() -> str:
    """SHA-256 of all sources that figures come from."""
    found = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((HOUSE / package).rglob("*.py")):
            found.update(path.relative_to(HOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def versions() -> list[str]:
    """The versions of Python and of the libraries that reckon."""
    return [platform.python_version(), *(metadata.version(name) for name in LIBRARIES)]
