"""How a command ends before its time: Ctrl-C and a polite kill alike, in a sentence."""

import signal
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import Any

from tiermix.cli.output import remark

INTERRUPTED, TERMINATED = 130, 143
"""What shells expect: 128 and the number of the signal."""


class Terminated(KeyboardInterrupt):
    """Somebody asked this process to end (SIGTERM): systemd, Slurm, Docker, `timeout`."""


def hear_terminate() -> None:
    """Let SIGTERM end a command as Ctrl-C does: workers end, drafts go, it is said."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    # Once is heard; whoever asks again does not wait.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise Terminated


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command, which says that it was cut off, and takes no end of a file for Ctrl-D."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except KeyboardInterrupt as error:
            remark("tiermix: interrupted; what was there before is as it was, nothing is half done")
            raise SystemExit(TERMINATED if isinstance(error, Terminated) else INTERRUPTED) from None
        except EOFError as error:
            raise RuntimeError(f"a file ended too early: {error}") from error

    return run
