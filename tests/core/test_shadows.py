"""A user's own `sim.py` or `scenarios/` in the way is noticed, named, and told how to mend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiermix.core.shadows import PACKAGES

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).parent / "tiermix"


def run(folder: Path, *command: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    found = os.pathsep.join(str(p) for p in (path, ROOT) if p)
    environment = {**os.environ, "PYTHONPATH": found}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def module_in(folder: Path, name: str) -> Path:
    place = folder / f"{name}.py"
    place.write_text("print('not ours')", "utf-8")
    return place


def package_in(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("print('not ours')", "utf-8")
    return folder / name


@pytest.mark.parametrize("name", PACKAGES)
def test_a_module_in_the_folder_where_python_starts_is_named(tmp_path: Path, name: str) -> None:
    place = module_in(tmp_path, name)
    done = run(tmp_path, sys.executable, "-c", "import tiermix")
    assert done.returncode != 0
    assert f"{place} stands in the way of Tiermix's own package '{name}'" in done.stderr
    assert "rename it" in done.stderr
    assert done.stdout == ""


def test_a_package_on_pythonpath_is_named(tmp_path: Path) -> None:
    place = package_in(tmp_path, "optimize")
    done = run(ROOT.parent, sys.executable, "-c", "import tiermix", path=tmp_path)
    assert f"{place} stands in the way" in done.stderr


def test_importing_another_of_our_packages_notices_too(tmp_path: Path) -> None:
    place = module_in(tmp_path, "optimize")
    done = run(tmp_path, sys.executable, "-c", "import scenarios")
    assert f"{place} stands in the way" in done.stderr


@pytest.mark.skipif(not COMMAND.exists(), reason="Tiermix is not installed here")
def test_the_command_says_a_sentence_and_ends_with_the_users_code(tmp_path: Path) -> None:
    place = package_in(tmp_path, "experiments")
    done = run(ROOT.parent, str(COMMAND), "scenarios", "list", path=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"tiermix: {place} stands in the way")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_folder_of_files_without_code_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("extends: retail", "utf-8")
    done = run(tmp_path, sys.executable, "-c", "import tiermix; print(tiermix.load_scenario)")
    assert done.returncode == 0
    assert "load_scenario" in done.stdout
