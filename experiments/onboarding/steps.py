"""Steps that are kept: one whose question is the same and whose files are there is not redone."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tiermix.core.files import write_text
from tiermix.core.plain import plain

KEPT = ".steps"
"""The folder, hidden beside what the steps write, in which their answers are kept."""


@dataclass
class Steps:
    """Steps in a folder, in the order in which they are taken; `log` says how each went."""

    folder: Path
    log: list[dict[str, Any]] = field(default_factory=list)

    def take(
        self,
        name: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        asked: Mapping[str, Any],
        reads: Sequence[str | Path] = (),
        writes: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The document of a step: kept if the question and what is in files it reads are the same.

        `writes` names the keys of the document that are paths of files which have to be there.
        """
        question = {"asked": plain(dict(asked)), "reads": [_digest(file) for file in reads]}
        key = _hash({**question, "version": version("tiermix")})
        kept = self._kept(name, key, writes)
        began = time.perf_counter()
        document = kept if kept is not None else dict(plain(dict(work())))
        if kept is None:
            place = self.folder / KEPT / f"{name}.json"
            write_text(place, json.dumps({"key": key, "document": document}, ensure_ascii=False))
        seconds = round(time.perf_counter() - began, 1)
        self.log.append({"step": name, "kept": kept is not None, "seconds": seconds})
        return document

    def _kept(self, name: str, key: str, writes: Sequence[str]) -> dict[str, Any] | None:
        try:
            found = json.loads((self.folder / KEPT / f"{name}.json").read_text("utf-8"))
            document = found["document"]
            there = all(Path(document[what]).is_file() for what in writes)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return document if found["key"] == key and there else None


def _digest(file: str | Path) -> str:
    """The content of a file as a hash."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
