"""A command that is cut off, or that the machine has no room for, says what it is."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tiermix.cli.endings import INTERRUPTED, TERMINATED, Terminated, told
from tiermix.cli.output import explain

MAIN = "from tiermix.cli.main import main; main()"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory ran out"),
        (np._core._exceptions._ArrayMemoryError((9, 9), np.dtype(float)), "memory ran out"),  # type: ignore[attr-defined]
        (OSError(errno.ENOSPC, "No space left on device"), "no space is left"),
        (OSError(errno.ENOSPC, "No space left on device", "a/b"), "a/b: no space is left"),
        (OSError(errno.EROFS, "Read-only", "a"), "a: that disk can only be read"),
        (OSError(errno.EMFILE, "Too many"), "ulimit -n"),
    ],
)
def test_what_runs_out_is_told_as_what_it_is(
    capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    assert explain(error) == 2
    shown = capsys.readouterr().err
    assert words in shown
    assert shown.count("\n") == 1


def test_a_full_disk_is_told_also_where_a_library_wrapped_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrapped = RuntimeError("could not write")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert explain(wrapped) == 2
    assert "no space is left" in capsys.readouterr().err


def _raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return told(command)


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), INTERRUPTED), (Terminated(), TERMINATED)]
)
def test_an_interrupted_command_says_so_and_has_the_code_of_its_signal(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        _raising(error)()
    assert ended.value.code == code
    assert "interrupted" in capsys.readouterr().err


def test_the_end_of_a_file_is_not_taken_for_an_abort() -> None:
    with pytest.raises(RuntimeError, match="ended too early"):
        _raising(EOFError("Ran out of input"))()


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()]


def _wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent_and_a_polite_kill_leaves_nothing(
    tmp_path: Path, shop: Path, sent: signal.Signals
) -> None:
    asked = ["simulate", str(shop), "--customers", "100000", "--workers", "2", "--out", "out"]
    with open(tmp_path / "said", "w", encoding="utf-8") as said:
        begun = subprocess.Popen(
            [sys.executable, "-c", MAIN, *asked], cwd=tmp_path, stdout=said, stderr=said
        )
    assert _wait_for(lambda: begun.poll() is not None or len(_children(begun.pid)) >= 2, 120)
    workers = _children(begun.pid)
    assert len(workers) >= 2
    os.kill(begun.pid, sent)
    code = begun.wait(30)
    assert _wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 10)
    assert not (tmp_path / "out").exists()
    if sent == signal.SIGTERM:
        assert code == TERMINATED
        assert "interrupted" in (tmp_path / "said").read_text("utf-8")
        assert list(tmp_path.glob(".out.*")) == []
