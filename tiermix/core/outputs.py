"""Files that a command leaves in a folder: it may replace what it wrote itself, and nothing else.

A hidden record beside the files says which command wrote them and a hash of what it wrote. A file
that is not in it, that another command wrote, or that was changed since, is somebody's work.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tiermix.core.errors import TiermixError
from tiermix.core.files import write_text

RECORD = ".tiermix.json"


class OutputError(TiermixError):
    """A file stands where a command would write, and the command did not write it."""


def check_replaceable(files: Iterable[str | os.PathLike[str]], command: str) -> None:
    """Refuse, before any work is done, to write over a file that is not this command's own.

    Raises `OutputError`.
    """
    for file in map(Path, files):
        check_folder(file.parent)
        if file.exists() and _record(file.parent).get(file.name) != [command, _hash_of(file)]:
            raise OutputError(
                f"out: {file} is there already, and is not what `tiermix {command}` wrote there; "
                "name another folder, or move that file away"
            )


@contextmanager
def replacing(file: str | os.PathLike[str], command: str) -> Iterator[Path]:
    """A place to write a file to, once it is sure that nobody else's is there; it is noted down."""
    path = Path(file)
    check_replaceable([path], command)
    yield path
    noted = {**_record(path.parent), path.name: [command, _hash_of(path)]}
    write_text(path.parent / RECORD, json.dumps(noted, indent=1, ensure_ascii=False))


def last_written(file: Path, command: str, text: str) -> bool:
    """Whether this text is what the command wrote there last, whatever became of it since."""
    hashed = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return _record(file.parent).get(file.name) == [command, hashed]


def check_folder(folder: Path) -> None:
    """Refuse a name for a folder that is a file's, or lies below a file. Raises `OutputError`."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir():
        raise OutputError(f"out: {nearest} is a file; name a folder, or move that file away")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(f"out: {nearest} cannot be written to; name another folder")


def _record(folder: Path) -> dict[str, list[str]]:
    """Command and hash by file name; a record that cannot be read knows of none."""
    try:
        found = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _hash_of(file: Path) -> str:
    if not file.is_file():
        return ""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
