"""The house as a test: who may import whom, where each library lives, how large things may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ARROWS: dict[str, set[str]] = {
    "scenarios": {"tiermix"},
    "journeys": {"tiermix"},
    "sim": {"tiermix", "scenarios", "journeys"},
    "attribution": {"tiermix", "journeys"},
    "optimize": {"tiermix", "scenarios"},
    "experiments": {"tiermix", "scenarios", "journeys", "sim", "attribution", "optimize"},
    "tiermix": {"scenarios", "journeys", "sim", "attribution", "optimize", "experiments"},
}

HOMES: dict[str, set[str]] = {
    "mlflow": {"experiments.tracking.store"},
    "highspy": {"optimize.solver.highs"},
    "pyomo": {"optimize.*"},
    "simpy": {"sim.*"},
    "numba": {"sim.*", "attribution.*"},
    "yaml": {"scenarios.yaml_io"},
    "typer": {"tiermix.cli.*"},
    "rich": {"tiermix.cli.*"},
    "altair": {"experiments.report.*"},
    "vl_convert": {"experiments.report.*"},
    "markupsafe": {"experiments.*"},
}

ONE_MODULE_ONLY = {"joblib"}

HEAVY = {
    "altair",
    "highspy",
    "joblib",
    "mlflow",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyomo",
    "scipy",
    "simpy",
    "yaml",
}

MODULE_LINES = 300
FUNCTION_LINES = 40

# What may be longer, and why. An entry that is no longer needed fails the test too.
LONG_MODULES: dict[str, str] = {
    "experiments.comparison.result": "one result with all its tables; cut in two it was no clearer",
}
LONG_FUNCTIONS: dict[str, str] = {}


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _sources(root: Path = ROOT) -> dict[str, ast.Module]:
    """Syntax tree of each of our modules, by dotted name."""
    files = (path for package in ARROWS for path in sorted((root / package).rglob("*.py")))
    return {_module_name(path, root): ast.parse(path.read_text("utf-8")) for path in files}


def _walk(tree: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """All nodes below; without `types`, not those that only annotations need."""
    for node in ast.iter_child_nodes(tree):
        guard = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        if types or not guard:
            yield node
            yield from _walk(node, types=types)


def _imports(tree: ast.Module, modules: set[str], *, types: bool) -> Iterator[str]:
    """Dotted names that a module imports, at the top and inside functions alike."""
    for node in _walk(tree, types=types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def _graph(sources: dict[str, ast.Module], *, types: bool = True) -> dict[str, set[str]]:
    names = set(sources)
    return {name: set(_imports(tree, names, types=types)) for name, tree in sources.items()}


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """Some cycle of imports as a list of modules, or nothing."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done or name not in graph:
            return []
        for target in sorted(graph[name]):
            if found := walk(target, [*trail, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def _forbidden_arrows(graph: dict[str, set[str]]) -> list[str]:
    return [
        f"{name} imports {target}"
        for name, targets in sorted(graph.items())
        for target in sorted(targets)
        if (theirs := target.split(".")[0]) in ARROWS
        and theirs != (ours := name.split(".")[0])
        and theirs not in ARROWS[ours]
    ]


def _strays(graph: dict[str, set[str]]) -> list[str]:
    return [
        f"{name} imports {library}"
        for name, targets in sorted(graph.items())
        for library in sorted({target.split(".")[0] for target in targets} & set(HOMES))
        if not any(fnmatch(name, home) for home in HOMES[library])
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring and decorators not counted."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _functions(sources: dict[str, ast.Module]) -> Iterator[tuple[str, int]]:
    for name, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}.{node.name}", _length(node)


def _module_lengths(root: Path = ROOT) -> dict[str, int]:
    files = (path for package in ARROWS for path in (root / package).rglob("*.py"))
    return {_module_name(path, root): len(path.read_text("utf-8").splitlines()) for path in files}


def test_packages_import_only_what_their_arrow_allows() -> None:
    assert _forbidden_arrows(_graph(_sources())) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    # What is imported for annotations alone never runs, and closes no circle.
    assert _cycle(_graph(_sources(), types=False)) == []


def test_each_outside_library_is_at_home_in_one_place() -> None:
    assert _strays(_graph(_sources())) == []


@pytest.mark.parametrize("library", sorted(ONE_MODULE_ONLY))
def test_some_libraries_are_known_to_one_module_only(library: str) -> None:
    graph = _graph(_sources())
    users = [n for n, targets in graph.items() if library in {t.split(".")[0] for t in targets}]
    assert len(users) <= 1, users


def test_imports_are_absolute() -> None:
    relative = [
        f"{name}:{node.lineno}"
        for name, tree in _sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_modules_stay_short() -> None:
    long = {name for name, lines in _module_lengths().items() if lines > MODULE_LINES}
    assert long == set(LONG_MODULES)


def test_functions_stay_short() -> None:
    long = {name for name, lines in _functions(_sources()) if lines > FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS)


def test_exceptions_are_explained() -> None:
    reasons = [*LONG_MODULES.values(), *LONG_FUNCTIONS.values()]
    assert all(len(reason.split()) >= 4 for reason in reasons)


def _house(root: Path, files: dict[str, str]) -> dict[str, set[str]]:
    """A made-up house, to see that the checks above do find what they look for."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return _graph(_sources(root))


def test_the_checks_find_a_forbidden_arrow_inside_a_function(tmp_path: Path) -> None:
    graph = _house(tmp_path, {"attribution/peek.py": "def f():\n    from sim.truth import x\n"})
    assert _forbidden_arrows(graph) == ["attribution.peek imports sim.truth"]


def test_the_checks_find_a_cycle_that_one_function_closes(tmp_path: Path) -> None:
    files = {"sim/a.py": "import sim.b\n", "sim/b.py": "def f():\n    from sim import a\n"}
    assert _cycle(_house(tmp_path, files)) == ["sim.a", "sim.b", "sim.a"]


def test_an_import_for_annotations_does_not_excuse_one_that_runs(tmp_path: Path) -> None:
    typed = "if TYPE_CHECKING:\n    from sim import a\n"
    files = {"sim/a.py": "import sim.b\n", "sim/b.py": typed, "sim/c.py": "import sim.b\n"}
    _house(tmp_path, files)
    assert _cycle(_graph(_sources(tmp_path), types=False)) == []
    _sources.cache_clear()
    _house(tmp_path, {"sim/b.py": f"{typed}def f():\n    from sim import a\n"})
    assert _cycle(_graph(_sources(tmp_path), types=False)) == ["sim.a", "sim.b", "sim.a"]


def test_the_checks_find_a_library_away_from_home(tmp_path: Path) -> None:
    graph = _house(tmp_path, {"sim/log.py": "from mlflow.tracking import MlflowClient\n"})
    assert _strays(graph) == ["sim.log imports mlflow"]


def test_the_checks_measure_a_function_without_its_docstring(tmp_path: Path) -> None:
    text = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    _house(tmp_path, {"sim/a.py": text})
    assert dict(_functions(_sources(tmp_path))) == {"sim.a.f": 2}


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, tiermix.cli.main; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert HEAVY.isdisjoint(loaded.split())
