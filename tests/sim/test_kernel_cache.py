"""Machine code on disk belongs to all the sources that it was made of, and to no others."""

import ast
import shutil
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from numba.core import caching, config

from sim.engine.jit import ROOT, baked_in, kernels_folder
from tiermix.core import code_cache

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


def _cache(folder: Path) -> Any:
    return caching.IndexDataCacheFile(str(folder), "f-1.py311", "stamp")


def _zeros(data: bytes) -> bytes:
    return b""


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


@pytest.mark.parametrize("damage", [_zeros, _cut, _flipped])
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_code_counts_as_not_there_and_is_written_again(
    tmp_path: Path, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    _cache(tmp_path).save("key", {"code": b"x" * 1000})
    assert _cache(tmp_path).load("key") == {"code": b"x" * 1000}
    [file] = tmp_path.glob(f"*.{ending}")
    file.write_bytes(damage(file.read_bytes()))
    assert _cache(tmp_path).load("key") is None
    _cache(tmp_path).save("key", {"code": b"y"})
    assert _cache(tmp_path).load("key") == {"code": b"y"}


def test_a_cache_that_cannot_be_written_costs_no_run_and_no_other_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setattr(config, "CACHE_DIR", str(blocked / "kernels"))
    module = tmp_path / "doubling.py"
    module.write_text(
        "from sim.engine.jit import entry\n\n@entry\ndef doubled(x):\n    return 2 * x\n", "utf-8"
    )
    spec = spec_from_file_location("doubling", module)
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.doubled(21) == 42
    assert list(tmp_path.rglob("*.nb[ic]")) == []


def test_a_folder_that_others_may_write_to_is_not_trusted(tmp_path: Path) -> None:
    assert code_cache.may_be_trusted(tmp_path)
    assert code_cache.may_be_trusted(tmp_path / "not yet")
    tmp_path.chmod(0o777)
    assert not code_cache.may_be_trusted(tmp_path)
