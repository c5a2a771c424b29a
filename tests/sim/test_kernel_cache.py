"""Machine code on disk belongs to all the sources that it was made of, and to no others."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.engine.jit import ROOT, baked_in, kernels_folder

COPIED = ("sim/engine", "sim/output", "sim/desk", "sim/kpis", "tiermix/core")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that can be changed."""
    for place in COPIED:
        shutil.copytree(
            ROOT / place, tmp_path / place, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_copy_of_the_sources_has_the_folder_of_the_sources(tree: Path) -> None:
    assert kernels_folder(tree).name == kernels_folder().name


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sim/engine/draws.py", "def child(", "def  child("),  # a callee of most kernels
        ("sim/engine/pressure.py", "MEMORY = 0.95", "MEMORY = 0.94"),
        ("sim/desk/waiting_line.py", "WAITING = -1", "WAITING = -2"),
        ("sim/output/row_sort.py", "import numpy as np", "import numpy as np  #"),
        ("tiermix/core/limits.py", "OPEN_NEEDS = 3", "OPEN_NEEDS = 4"),
    ],
)
def test_a_changed_callee_or_limit_is_compiled_anew(
    tree: Path, file: str, old: str, new: str
) -> None:
    before = kernels_folder(tree)
    _change(tree / file, old, new)
    assert kernels_folder(tree) != before


def test_a_callee_in_a_folder_below_is_compiled_anew(tree: Path) -> None:
    inner = tree / "sim" / "engine" / "inner"
    inner.mkdir()
    (inner / "callee.py").write_text("X = 1\n", "utf-8")
    before = kernels_folder(tree)
    _change(inner / "callee.py", "1", "2")
    assert kernels_folder(tree) != before


def test_a_changed_scorecard_is_not_compiled_anew(tree: Path) -> None:
    before = kernels_folder(tree)
    _change(tree / "sim/kpis/scorecard.py", "import numpy as np", "import numpy as np  #")
    assert kernels_folder(tree) == before


def _kernels(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and {"kernel", "entry"} & {
            d.id for d in node.decorator_list if isinstance(d, ast.Name)
        }:
            yield node


def _imported(tree: ast.Module) -> dict[str, str]:
    """Names that a module imports, with the module that each comes from."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = (ROOT / f"{whole.replace('.', '/')}.py").exists()
                found[alias.asname or alias.name] = whole if is_module else node.module
    return found


def _used(function: ast.FunctionDef) -> set[str]:
    return {n.id for line in function.body for n in ast.walk(line) if isinstance(n, ast.Name)}


def test_all_that_kernels_use_of_ours_is_among_the_sources_they_are_known_by() -> None:
    known = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in baked_in()}
    kernels, strays = 0, set()
    for path in sorted((ROOT / "sim").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        mine, names = list(_kernels(tree)), _imported(tree)
        kernels += len(mine)
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if mine and name not in known:
            strays.add(name)
        used = {names[x] for function in mine for x in _used(function) if x in names}
        ours = {m for m in used if m.split(".")[0] in {"sim", "scenarios", "tiermix", "journeys"}}
        strays |= ours - known
    assert kernels > 50
    assert strays == set()


def test_the_records_read_no_constants_but_their_own_and_the_limits() -> None:
    known = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in baked_in()}
    compiled = set((ROOT / "sim" / "engine").rglob("*.py")) - {ROOT / "sim" / "engine" / "jit.py"}
    for path in compiled:  # jit compiles them, and is none of them
        ours = {
            module
            for module in _imported(ast.parse(path.read_text("utf-8"))).values()
            if module.split(".")[0] in {"sim", "scenarios", "tiermix", "journeys"}
        }
        assert ours <= known, path
