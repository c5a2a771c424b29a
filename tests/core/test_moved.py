"""Old names of modules: what scripts and notebooks import goes on working, and says so."""

import subprocess
import sys
from importlib import import_module

import pytest

from tiermix.core.moved import MOVED, RENAMED


@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_old_name_gives_the_module_itself_and_warns(old: str) -> None:
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=f"{old} is now {MOVED[old]}"):
        found = import_module(old)
    assert found is import_module(MOVED[old])
    assert found.__name__ == MOVED[old]
    assert found.__spec__ is not None
    assert found.__spec__.name == MOVED[old]


def test_the_warning_names_the_line_that_imports() -> None:
    sys.modules.pop("scenarios.rules", None)
    with pytest.warns(DeprecationWarning, match="scenarios.rules") as caught:
        from scenarios.rules import Budget  # type: ignore[import-not-found]  # noqa: F401
    assert caught[0].filename == __file__


def test_a_script_shows_the_warning_without_being_asked() -> None:
    script = "from experiments.case_study import smart_home_report"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0
    assert "experiments.case_study is now experiments.cases.smart_home" in done.stderr


@pytest.mark.parametrize("old", sorted(RENAMED))
def test_an_old_name_of_a_face_gives_the_thing_itself_and_warns(old: str) -> None:
    package, _, name = old.rpartition(".")
    face = import_module(package)
    with pytest.warns(DeprecationWarning, match=f"{old} is now {package}.{RENAMED[old]}") as told:
        thing = getattr(face, name)
    assert thing is getattr(face, RENAMED[old])
    assert told[0].filename == __file__
    assert name not in face.__all__


def test_an_old_name_of_a_face_can_be_imported_by_a_script() -> None:
    script = "from sim import Inside, CommunityHandle; assert Inside is CommunityHandle"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "sim.Inside is now sim.CommunityHandle" in done.stderr


def test_a_name_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_module("scenarios.no_such_module")


def test_no_old_name_is_that_of_something_new() -> None:
    for old in MOVED:
        package, _, name = old.partition(".")
        face = import_module(package)
        # A face may offer the moved module itself, as `scenarios` does its `rules`.
        assert name not in face.__all__ or getattr(face, name) is import_module(MOVED[old])
