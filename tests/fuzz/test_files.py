"""Any file is read, or refused in a sentence that names it: no traceback, hang, half a result.

A few cases a kind here; ten thousand by `pytest -m long tests/fuzz`, more by `--fuzz-cases`.
"""

import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios import ScenarioError
from scenarios.yaml_io import read_yaml
from tests.fuzz.doors import DOORS, Door
from tests.fuzz.mutations import mutated
from tiermix.cli.options import settings as values_of
from tiermix.core.errors import TiermixError
from tiermix.core.visible import visible

SECONDS = 30
"""More is a hang; the slowest case takes a second on a busy machine."""


@contextmanager
def no_hang() -> Iterator[None]:
    def late(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"no answer in {SECONDS} seconds")

    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def accepted(door: Door, data: bytes, folder: Path) -> bool:
    """Whether the file came in; what is refused has a sentence that names it."""
    file = folder / f"mine{door.ending}"
    file.write_bytes(data)
    try:
        with no_hang(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            door.enter(file)
    except TiermixError as error:
        assert len(str(error)) > 20  # noqa: PT017 - it may come in or not
        return False
    return True


def run_through(name: str, seeds: range, folder: Path) -> int:
    """How many files came in; a case that fails names its kind and seed, and keeps its file."""
    door, count = DOORS[name], 0
    good = door.good()
    for seed in seeds:
        try:
            count += accepted(door, mutated(seed, good), folder)
        except Exception as error:
            raise AssertionError(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
    return count


@pytest.mark.parametrize("name", DOORS)
def test_the_good_file_comes_in(tmp_path: Path, name: str) -> None:
    assert accepted(DOORS[name], DOORS[name].good(), tmp_path)


@pytest.mark.parametrize("name", DOORS)
def test_a_damaged_file_is_read_or_refused(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    cases = request.config.getoption("--fuzz-cases")
    came_in = run_through(name, range(cases), tmp_path)
    assert came_in < cases  # else nothing was damaged


@pytest.mark.long
@pytest.mark.parametrize("name", DOORS)
def test_ten_thousand_damaged_files_are_read_or_refused(tmp_path: Path, name: str) -> None:
    each = 10_000 // len(DOORS) + 1
    assert 0 < run_through(name, range(1_000_000, 1_000_000 + each), tmp_path) < each


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    try:
        assert isinstance(read_yaml(text, "mine.yaml"), dict)
    except ScenarioError as error:
        assert str(error).startswith("mine.yaml: ")  # noqa: PT017 - it may be either


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_value_of_set_is_one_value(text: str) -> None:
    assert list(values_of([f"budget={text}"])) == ["budget"]


@given(st.text())
def test_what_is_shown_steers_no_terminal(text: str) -> None:
    shown = visible(text)
    assert not set(shown) & {*map(chr, range(9)), "\x1b", "\x9b", "\u202e", "\r", "\x7f"}
    assert visible(shown) == shown
