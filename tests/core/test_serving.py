"""A server ends with the command that started it, its workers too, and frees its port."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tiermix.core.serving import HOST, PortTakenError, check_free

pytestmark = pytest.mark.skipif(os.name != "posix", reason="groups of processes are of POSIX")

# A server whose worker holds the port, as uvicorn's do, and which does not end its worker itself.
SERVER = textwrap.dedent(
    """
    import socket, subprocess, sys
    held = socket.socket(); held.bind(("127.0.0.1", int(sys.argv[1]))); held.listen()
    held.set_inheritable(True)
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    worker = subprocess.Popen(sleep, close_fds=False)
    print("up", flush=True)
    worker.wait()
    """
)
OURS = textwrap.dedent(
    """
    import sys
    from tiermix.core.serving import serve
    sys.exit(serve([sys.executable, *sys.argv[1:]]))
    """
)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _is_held(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(0.5)
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("times", [1, 2], ids=["asked once", "asked twice"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_port_is_free_when_the_command_was_told_to_end(
    tmp_path: Path, sign: signal.Signals, times: int
) -> None:
    server, ours = tmp_path / "server.py", tmp_path / "ours.py"
    server.write_text(SERVER, "utf-8")
    # Whatever shell started the tests, this process hears Ctrl-C.
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    ours.write_text(hears + OURS, "utf-8")
    port = _free_port()
    command = [sys.executable, str(ours), str(server), str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        assert _is_held(port)
        for _ in range(times):
            process.send_signal(sign)
            time.sleep(0.05)
        process.wait(timeout=30)
    assert not _is_held(port)


def test_a_server_s_own_exit_code_is_the_command_s() -> None:
    from tiermix.core.serving import serve

    assert serve([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_a_port_on_which_somebody_answers_is_refused_before_anything_starts() -> None:
    """`tiermix ui` ended with 0 and without a word where the port was taken."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        held.listen()
        port = int(held.getsockname()[1])
        with pytest.raises(PortTakenError, match=f"port {port}: something answers there already"):
            check_free(port)
    check_free(_free_port())
