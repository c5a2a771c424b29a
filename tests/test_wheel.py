"""What is released: a wheel that works in an empty environment, outside any checkout."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
UV = os.environ.get("UV") or shutil.which("uv") or ""
PACKAGES = {
    "attribution", "experiments", "journeys", "optimize", "scenarios", "sim", "tiermix",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not UV, reason="uv is not on the path")


def _uv(*arguments: str | Path) -> None:
    asked = [UV, *map(str, arguments)]
    done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, which is built from the source archive as a stranger builds it, and that archive.

    A copy of the tracked files is built: what lies about in a checkout is not released.
    """
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, check=True, stdout=subprocess.PIPE)
    for name in listed.stdout.decode().splitlines():
        if (CHECKOUT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, source / name)
    _uv("build", "--sdist", "--out-dir", out, source)
    (archive,) = out.glob("*.tar.gz")
    _uv("build", "--wheel", "--out-dir", out, archive)
    (wheel,) = out.glob("*.whl")
    return wheel, archive


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment") / "env"
    _uv("venv", "--python", sys.executable, folder)
    _uv("pip", "install", "--python", folder / "bin" / "python", built[0])
    return folder / "bin"


def _said(folder: Path, *command: str | Path) -> str:
    """What a command printed that ran in a folder, with no trace of this environment."""
    environment = {"PATH": os.defpath, "HOME": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8")


@pytest.mark.long
def test_a_wheel_holds_our_packages_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
    top = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert top == PACKAGES
    with tarfile.open(built[1]) as archive:
        tracked = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in names if ".dist-info/" not in name} <= tracked
    endings = {Path(name).suffix for name in names}
    assert {".py", ".pyi", ".yaml", ".toml"} <= endings


@pytest.mark.long
def test_it_lists_scenarios_and_finds_what_it_needs(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(_said(tmp_path, installed / "tiermix", "scenarios", "list", "--json"))
    assert "retail" in json.dumps(listed)
    checked = json.loads(_said(tmp_path, installed / "tiermix", "doctor", "--json"))
    assert str(installed.parent) in json.dumps(checked)


@pytest.mark.long
def test_the_main_job_runs_from_a_wheel(installed: Path, tmp_path: Path) -> None:
    """With its first compilation, as somebody has it who installs it."""
    size = ["--customers", "400", "--replications", "2", "--strategies", "last_year,lp"]
    asked = [installed / "tiermix", "run", "retail", *size, "--quiet", "--json"]
    told = json.loads(_said(tmp_path, *asked))
    assert told["best"] in ("last_year", "lp")
    assert (tmp_path / told["report"]).read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "mlflow.db").exists()


def _python(version: str) -> str:
    """An interpreter of this version, or the test is skipped."""
    asked = [UV, "python", "find", "--no-python-downloads", version]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no Python {version} is here (put one on the path)")
    return done.stdout.strip()


@pytest.mark.release
@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_the_frozen_suite_is_the_same_on_every_python(
    built: tuple[Path, Path], tmp_path: Path, version: str
) -> None:
    env = tmp_path / "env"
    _uv("venv", "--python", _python(version), env)
    _uv("pip", "install", "--python", env / "bin" / "python", built[0])
    for how in (("batch", "1"), ("individual", "2")):
        options = ["--size", "tiny", "--engine", how[0], "--workers", how[1], "--quiet", "--json"]
        asked = [env / "bin" / "tiermix", "benchmark", "verify", *options]
        assert json.loads(_said(tmp_path, *asked))["differing"] == []
