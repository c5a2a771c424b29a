"""Progress: how long work tells whoever waits for it how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears what is being done, how many pieces of it are done, and of how many (None: unknown)."""

    def __call__(self, what: str, done: int, total: int | None) -> None: ...


def named(progress: Progress | None, what: str) -> Progress | None:
    """The same under a name of one's own, for work that is done by others who call it theirs."""
    if progress is None:
        return None
    report = progress
    return lambda _, done, total: report(what, done, total)
