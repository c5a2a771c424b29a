"""What somebody asked for on the command line, so that a study can tell how to make it again."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Invocation:
    """One command: its words without what only says where and how it runs, and what it changes.

    `changes` are those of `--set`, by path. No two invocations share an `id`.
    """

    words: tuple[str, ...]
    changes: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def line(self) -> str:
        """The command as it is typed."""
        return shlex.join(("tiermix", *self.words))


_current: ContextVar[Invocation | None] = ContextVar("invocation", default=None)


@contextmanager
def invoked(by: Invocation) -> Iterator[None]:
    """Within it `invocation` is this one."""
    token = _current.set(by)
    try:
        yield
    finally:
        _current.reset(token)


def invocation() -> Invocation | None:
    """The command that is being carried out; None where Python was called."""
    return _current.get()
