"""Which process something belongs to, so that what a dead one left can be told and cleared."""

from __future__ import annotations

import os
import platform
import re
import zlib

_MARK = re.compile(r"([0-9a-f]{8})-(\d+)")


def own_mark() -> str:
    """This process on this machine, short enough for a file's name."""
    return f"{_host()}-{os.getpid()}"


def has_ended(mark: str) -> bool:
    """Whether a mark is that of a process of this machine that is there no more.

    Of other machines, and of marks that are none, nothing is known: False. A number that another
    process has got meanwhile counts as alive.
    """
    found = _MARK.fullmatch(mark)
    if found is None or found[1] != _host() or os.name != "posix":
        return False
    try:
        os.kill(int(found[2]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"
