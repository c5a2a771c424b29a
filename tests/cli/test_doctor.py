"""`tiermix doctor` finds what is missing, and says what to do."""

import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.conftest import Call


def checks(call: Call, ends: int) -> dict[str, tuple[str, str]]:
    code, out, err = call("doctor", "--json")
    assert (code, err) == (ends, "")
    document = json.loads(out)
    worst = {one["level"] for one in document["checks"]}
    assert document["level"] == next(x for x in ("stop", "look", "ok") if x in worst)
    return {one["what"]: (one["level"], one["words"]) for one in document["checks"]}


def test_a_machine_on_which_the_tests_run_is_fit(call: Call, tmp_path: Path) -> None:
    found = checks(call, 0)
    for what in ("Python", "Tiermix", "libraries", "cores", "kernels", "this folder", "tracking"):
        assert found[what][0] == "ok", found[what]
    code, out, _ = call("doctor")
    assert code == 0
    assert all(what in out for what in found)


def test_missing_and_strange_libraries_are_named_with_what_to_install(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name == "highspy":
            raise metadata.PackageNotFoundError(name)
        return "99.0" if name == "pandas" else known(name)

    monkeypatch.setattr(metadata, "version", version)
    found = checks(call, 2)
    level, words = found["highspy"]
    assert level == "stop"
    assert words.startswith("is missing; install 'highspy")
    level, words = found["pandas"]
    assert level == "look"
    assert words.startswith("99.0, which was not tried; install 'pandas")
    assert "libraries" not in found


def test_folders_that_cannot_be_written_are_named_with_a_remedy(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access

    def access(path: Any, mode: int) -> bool:
        return mode != os.W_OK and real(path, mode)

    monkeypatch.setattr(os, "access", access)
    found = checks(call, 2)
    for what, remedy in (("this folder", "use --out"), ("kernels", "set NUMBA_CACHE_DIR")):
        level, words = found[what]
        assert level == "stop"
        assert words.endswith(remedy)


def test_the_version_is_told(call: Call) -> None:
    assert call("--version")[:2] == (0, f"tiermix {metadata.version('tiermix')}\n")
