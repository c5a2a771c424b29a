"""The front door and the faces of the packages: names, all of them, and the right ones."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import scenarios
import tiermix
from tests.test_architecture import HEAVY, ROOT

PACKAGES = ("scenarios", "journeys", "sim", "attribution", "optimize", "experiments")
FACES = (*PACKAGES, "tiermix")
EXTRAS = ("distributed", "streamlit")
"""What only `tiermix[…]` installs."""

SUBMODULES_FIRST = """
import sys
from importlib import import_module
from pkgutil import walk_packages
for package in {packages}:
    for found in walk_packages(import_module(package).__path__, package + "."):
        try:
            import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name not in {extras}:
                raise
for package in {faces}:
    face = import_module(package)
    for name in face.__all__:
        value = getattr(face, name)
        print(package, name, getattr(value, "__module__", ""), type(value).__name__)
"""


def kinds(face: str) -> list[str]:
    module = import_module(face)
    values = [(name, getattr(module, name)) for name in module.__all__]
    return [f"{n} {getattr(x, '__module__', '')} {type(x).__name__}" for n, x in values]


def stub_names(face: str) -> dict[str, str]:
    """Each name of a face's stub and the module it comes from."""
    stub = ROOT / face / "__init__.pyi"
    nodes = [n for n in ast.parse(stub.read_text("utf-8")).body if isinstance(n, ast.ImportFrom)]
    return {alias.name: n.module or "" for n in nodes for alias in n.names}


@pytest.mark.parametrize("face", FACES)
def test_a_face_offers_what_its_stub_says(face: str) -> None:
    module = import_module(face)
    assert sorted(module.__all__) == sorted(stub_names(face))
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("name", sorted(tiermix.__all__))
def test_the_front_door_gives_what_the_packages_give(name: str) -> None:
    home = import_module(stub_names("tiermix")[name])
    assert getattr(tiermix, name) is getattr(home, name)


@pytest.mark.parametrize("face", FACES)
def test_a_face_says_what_it_lacks(face: str) -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = import_module(face).no_such_thing


# Modules that a face offers as such: a rule of the plan is `rules.Budget`.
MODULES = {"scenarios": ["plan_periods  module", "rules  module"]}


@pytest.fixture(scope="module")
def after_every_module() -> list[str]:
    """What all faces give in a process that has imported every module by itself before."""
    code = SUBMODULES_FIRST.format(packages=PACKAGES, faces=FACES, extras=EXTRAS)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()


@pytest.mark.parametrize("face", FACES)
def test_no_module_hides_a_name_of_a_face(face: str, after_every_module: list[str]) -> None:
    """Whatever was imported before, `from experiments import compare` is the function."""
    mine = [line for line in after_every_module if line.startswith(f"{face} ")]
    said = [line.removeprefix(f"{face} ") for line in mine]
    assert said == kinds(face)
    assert [line for line in said if " module" in line] == MODULES.get(face, [])


@pytest.mark.parametrize("face", FACES)
def test_a_face_loads_nothing_before_it_is_asked(face: str) -> None:
    code = f"import sys, {face}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stdout.split()
    assert HEAVY.isdisjoint({name.split(".")[0] for name in loaded})
    inside = [n for n in loaded if n.split(".")[0] in PACKAGES and "." in n]
    assert inside == []


@pytest.mark.parametrize("name", scenarios.MODULES)
def test_a_module_of_a_face_is_found_before_anything_else_is(name: str) -> None:
    program = f"import scenarios; print(scenarios.{name}.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == f"scenarios.parts.{name}"


def test_importing_tiermix_takes_less_than_half_a_second() -> None:
    code = "import time; t = time.perf_counter(); import tiermix; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    times = [
        float(subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.5


def test_stubs_are_part_of_the_package() -> None:
    text = Path(ROOT / "pyproject.toml").read_text("utf-8")
    for face in FACES:
        assert f'{face} = ["py.typed", "*.pyi"' in text
