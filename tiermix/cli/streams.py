"""Standard output for results alone: what libraries write there goes to standard error."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import wraps
from typing import Any, TextIO

from tiermix.cli.invoked import invocation_of
from tiermix.core.invocation import invoked

_results: list[TextIO | None] = []


@contextmanager
def taken() -> Iterator[None]:
    """Keep standard output for results; descriptor 1 is standard error's from here on.

    Libraries in C write to descriptors, and child processes inherit them. It is never given back:
    what C has buffered is written only when the process ends.
    """
    if sys.stderr is None:
        sys.stderr = _nowhere()
    copy = _copy(sys.stdout) if _descriptor(sys.stdout) == 1 else None
    sys.stdout = copy or sys.stdout
    os.dup2(2, 1)
    try:
        yield
    finally:
        if copy is not None:
            sys.stdout = sys.stderr
            with suppress(OSError):
                copy.close()


@contextmanager
def apart() -> Iterator[None]:
    """Within it `print` writes to standard error, and only `result` to standard output."""
    _results.append(_results[-1] if _results else sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _results.pop()


@contextmanager
def elsewhere() -> Iterator[None]:
    """Within it results go to standard error: another one is what was asked for."""
    _results.append(sys.stderr)
    try:
        yield
    finally:
        _results.pop()


def kept_apart(command: Callable[..., Any], *name: str) -> Callable[..., Any]:
    """The command of this name, run `apart`, and known as what is carried out."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        with apart(), invoked(invocation_of(command, name, options)):
            return command(*arguments, **options)

    return run


def result(text: str, end: str = "\n") -> None:
    """Print what was asked for, whoever has taken `print` meanwhile; nowhere if that is closed."""
    place = _results[-1] if _results else sys.stdout
    if place is not None:
        print(text, end=end, file=place, flush=True)


def on_a_terminal() -> bool:
    """Whether somebody sees results as they are printed."""
    place = _results[-1] if _results else sys.stdout
    return place is not None and place.isatty()


def _descriptor(stream: TextIO | None) -> int | None:
    """Where a stream writes; None for one that only Python knows, or that is closed."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None


def _copy(stream: TextIO) -> TextIO:
    """The stream on a descriptor of its own, which child processes do not inherit."""
    stream.flush()
    return open(
        os.dup(stream.fileno()),
        "w",
        encoding=stream.encoding,
        errors="backslashreplace",  # a terminal that knows no Chinese shows it as \u62d6
        buffering=1 if stream.isatty() else -1,
    )


def _nowhere() -> TextIO:
    """Standard error where it was closed: descriptor 2 taken, so that no file gets it."""
    null = os.open(os.devnull, os.O_WRONLY)
    if null != 2:
        os.dup2(null, 2)
    return open(2, "w", encoding="utf-8", closefd=False)
