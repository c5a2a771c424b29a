"""A server as a child of this process, which ends with it and frees its port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from tiermix.core.errors import TiermixError

HOST = "127.0.0.1"
"""Where all our servers listen: on this machine, for whoever is on it."""
GRACE = 5.0
"""Seconds in which a server that is asked to stop has to have stopped."""


class PortTakenError(TiermixError):
    """Somebody answers already where a server is asked for."""


def check_free(port: int) -> None:
    """Refuse a port on which somebody answers, before a server is started that cannot have it."""
    with socket.socket() as tried:
        tried.settimeout(1.0)
        if tried.connect_ex((HOST, port)) == 0:
            raise PortTakenError(
                f"port {port}: something answers there already; give another one, or end that."
            )


def serve(command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run a server until it ends, or this process is told to; returns its exit code.

    Servers have workers of their own, which hold the port: they are a group, and end as one.
    """
    apart = os.name == "posix"
    with _told_to_end():
        server = subprocess.Popen(command, env=env, start_new_session=apart)
        try:
            return server.wait()
        finally:
            with _deaf():
                _end(server, apart)


def _end(server: subprocess.Popen[bytes], group: bool) -> None:
    """Ask for the end, and bring it about where that is not heard."""
    for ask in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(server.pid, ask)
            elif server.poll() is None:
                server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(GRACE)
            if not group or not _anybody(server.pid):
                return


def _anybody(group: int) -> bool:
    """Whether a process of the group is left; waits a little for those that are ending."""
    for _ in range(int(GRACE / 0.05)):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # only dead ones that nobody has asked after
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _deaf() -> Iterator[None]:
    """Within it whoever asks for the end again waits for the one that has begun."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, usual in before.items():
            signal.signal(one, usual)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Within it a request to end is an exception, so that what is open is closed."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
