"""What the command line prints: documents, progress, and errors as sentences with exit codes."""

import errno
import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tiermix.cli import spelling
from tiermix.cli.streams import apart, on_a_terminal, result
from tiermix.cli.tables import View, rendered
from tiermix.core.errors import TiermixError
from tiermix.core.progress import Progress
from tiermix.core.visible import shortened, visible

OUR_MISTAKE, USERS_MISTAKE, NO_PLAN = 1, 2, 3

FULL = {
    errno.ENOSPC: "no space is left on the disk; free some, or name a folder on another one.",
    errno.EDQUOT: "your share of the disk is used up; free some, or name another folder.",
    errno.EROFS: "that disk can only be read; name a folder on another one.",
    errno.ENOMEM: "memory ran out; take fewer customers or workers, or free some memory.",
    errno.EMFILE: "too many files are open (`ulimit -n`); allow more, or take fewer workers.",
}
"""What a machine can run out of, and what helps."""

Document = dict[str, Any]
D = TypeVar("D", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Output:
    """Where results and remarks go: one document or readable text, with or without progress."""

    as_json: bool = False
    quiet: bool = False

    def deliver(self, work: Callable[[Progress | None], D], view: Callable[[D], View]) -> None:
        """Do the work with progress on standard error, then print its document.

        Whatever libraries print meanwhile goes to standard error too. A failure that explains
        itself as a document, such as a plan that cannot be, is printed as one before it is raised.
        """
        try:
            with apart(), self._progress() as progress:
                document = work(progress)
        except TiermixError as error:
            explained = getattr(error, "to_dict", None)
            if explained is not None and self.as_json:
                result(as_text(explained()))
            raise
        self.show(document, view)

    def show(self, document: D, view: Callable[[D], View]) -> None:
        """Print a document that is there already."""
        if self.as_json:
            result(as_text(document))
            return
        width = shutil.get_terminal_size().columns if on_a_terminal() else None
        result(rendered(view(document), width=width))

    def remark(self, text: str) -> None:
        """Something worth knowing that is no result."""
        if not self.quiet:
            remark(text)

    @contextmanager
    def _progress(self) -> Iterator[Progress | None]:
        if self.quiet:
            yield None
        elif sys.stderr.isatty():
            with _bars() as bars:
                yield bars
        else:
            yield _Lines()


class _Lines:
    """A line when a piece of work begins and one when it is done, where no bar can be drawn."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if what not in self.began:
            self.began[what] = time.perf_counter()
            remark(f"{what} …")
        if total is not None and done >= total:
            remark(f"{what}: {total:,} in {time.perf_counter() - self.began[what]:.1f} s")


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar on standard error for each piece of work that reports, with the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Bars(*columns, *times, console=Console(stderr=True)) as bars:
        known: dict[str, Any] = {}

        def progress(what: str, done: int, total: int | None) -> None:
            if what not in known:
                known[what] = bars.add_task(what, total=total)
            bars.update(known[what], completed=done, total=total)

        yield progress


def as_text(document: Mapping[str, Any]) -> str:
    """The document as JSON; figures that are not finite become null."""
    from tiermix.core.plain import plain

    return visible(json.dumps(plain(document), ensure_ascii=False, allow_nan=False, default=str))


def explain(error: Exception) -> int:
    """Say what went wrong on standard error and return the exit code.

    What our packages raise on purpose is the user's to put right; a plan that cannot be has a code
    of its own. Everything else is our mistake and shows where it happened.
    """
    if isinstance(error, TiermixError):
        _say(spelling.for_the_terminal(str(error)))
        return NO_PLAN if hasattr(error, "to_dict") else USERS_MISTAKE
    if (told := of_the_machine(error)) is not None:
        _say(told)
        return USERS_MISTAKE
    if isinstance(error, OSError) and error.filename:
        _say(f"{error.filename}: {error.strerror}; check the path and the rights to it.")
        return USERS_MISTAKE
    traceback.print_exception(error, file=sys.stderr)
    _say("this is a mistake of Tiermix, not yours; please report it with the lines above.")
    return OUR_MISTAKE


def of_the_machine(error: BaseException | None) -> str | None:
    """The sentence for what the machine has run out of, whoever wrapped the error; else None."""
    while error is not None:
        if isinstance(error, MemoryError):
            return "memory ran out; take fewer customers or workers, or free some memory."
        if isinstance(error, OSError) and error.errno in FULL:
            place = f"{error.filename}: " if error.filename else ""
            return f"{place}{FULL[error.errno]}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def remark(text: str) -> None:
    """Something worth knowing that is no result."""
    print(visible(shortened(text)), file=sys.stderr, flush=True)


@contextmanager
def going_on() -> Iterator[None]:
    """Tell who cuts off a study whose parts are kept that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt:
        remark("cut off; what is done is kept: the same command goes on from there")
        raise


def _say(sentence: str) -> None:
    remark(f"tiermix: {sentence}")
