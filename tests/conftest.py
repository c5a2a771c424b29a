"""What holds for every test: which of them run, in what order, and what is compiled meanwhile.

Long ones run when they are asked for. Where several processes share the tests, each would compile
the market for itself; so it is compiled beside those tests that need none, which come first.
"""

import os
import subprocess
import sys
from pathlib import Path

# As many processes run as there are cores: threads of linear algebra would only wait for cores.
# Read when NumPy is first imported; workers of xdist and commands in processes inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

HERE = Path(__file__).parent
WITHOUT_A_MARKET = "optimize"
QUICK = ("attribution", "core", "journeys", "scenarios")
"""Folders of small files come last, so that all processes end at about the same time."""

COMPILE = """
from sim import Setting
from sim.engine.jit import is_warm
from sim.market.compiled import warm_up
from tests.scenes import base
if not is_warm():
    warm_up(Setting(base(), 60, 1))
"""
compiler = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is tried where more finds more."""
    parser.addoption(
        "--fuzz-cases", type=int, default=12, help="Damaged files that are tried of each kind."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Leave tests that take long out, unless a marker expression or a single test was named."""
    named = any("::" in argument for argument in config.args)
    if not config.option.markexpr and not named:
        config.option.markexpr = "not long and not release"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to compile, in the process that hands out tests to others."""
    if getattr(session.config.option, "tx", None) and not hasattr(session.config, "workerinput"):
        command = [sys.executable, "-c", COMPILE]
        session.config.stash[compiler] = subprocess.Popen(command, cwd=HERE.parent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing behind."""
    if started := session.config.stash.get(compiler, None):
        started.kill()
        started.wait()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests without a market first, and folders of small files last."""
    items.sort(key=lambda item: _turn(item.path.relative_to(HERE).parts[0]))


def _turn(folder: str) -> int:
    return 0 if folder == WITHOUT_A_MARKET else 2 if folder in QUICK else 1
