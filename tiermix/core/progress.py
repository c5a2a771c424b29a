"""Progress: how long work tells whoever waits for it how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Hears what is being done, how many pieces of it are done, and of how many (None: unknown)."""

    def __call__(self, what: str, done: int, total: int | None) -> None: ...


def counted(
    progress: Progress | None, what: str, total: int | None = None
) -> Callable[[int], None] | None:
    """The same for one piece of work that counts its parts and knows no more than that."""
    if progress is None:
        return None
    heard = progress
    return lambda done: heard(what, done, total)
