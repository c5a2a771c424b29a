"""The house as a test: who may import whom, where each library lives, how large things may grow."""

import ast
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PACKAGES = ("tiermix", "scenarios", "journeys", "sim", "attribution", "optimize", "experiments")

CORE = "tiermix.core"
DOOR = "tiermix"  # the front door alone: it loads late, and says what stands in a package's way
STUDIES = {"comparison", "validation", "lift_test", "calibration"}
BELOW = {CORE, "scenarios", "journeys", "sim", "attribution", "optimize"}
TOOLS = (
    "credit",
    "curves",
    "direction",
    "folders",
    "front",
    "lifts",
    "risk",
    "stats",
    "study",
    "wording",
)
STUDY = BELOW | {f"experiments.{tool}" for tool in TOOLS}
RESULTS = {f"experiments.{study}.result" for study in STUDIES} | {
    "experiments.arena.document",
    "experiments.arena.summary",
    "experiments.benchmark.scoring",
    "experiments.benchmark.table",
    "experiments.comparison.cells",
    "experiments.onboarding.result",
    "experiments.scenario_comparison.result",
    "experiments.investments.choice",
    "experiments.investments.result",
    "experiments.sensitivity.result",
    "experiments.year_review.decisions",
    "experiments.year_review.outlook",
    "experiments.year_review.result",
}

# Packages whose modules all stand in rooms: what bears the package's name is its face alone.
FACES = {"scenarios", "sim", "optimize", "experiments", "tiermix"}

# What each room may import beside itself: rooms, or packages whole.
ARROWS: dict[str, set[str]] = {
    CORE: set(),
    "scenarios": {DOOR, CORE, "scenarios"},
    "scenarios.errors": {CORE},
    "scenarios.dotted_paths": {CORE},
    "scenarios.amounts": {CORE},
    "scenarios.yaml_io": {CORE},
    "scenarios.kpis": {CORE},
    "scenarios.library": set(),
    "scenarios.parts": {CORE, "scenarios.kpis"},
    "scenarios.plan": {CORE, "scenarios.kpis", "scenarios.parts"},
    "scenarios.plan_file": {CORE, "scenarios.plan"},
    "scenarios.data": {CORE, "scenarios.kpis", "scenarios.parts", "scenarios.plan"},
    "scenarios.checks": {CORE, "scenarios.dotted_paths", "scenarios.kpis", "scenarios.parts"}
    | {"scenarios.plan", "scenarios.data"},
    "scenarios.schema": {CORE, "scenarios.kpis", "scenarios.parts", "scenarios.plan"}
    | {"scenarios.data", "scenarios.checks"},
    "scenarios.sentences": {CORE, "scenarios.refusals", "scenarios.schema", "scenarios.yaml_io"},
    "scenarios.load": {CORE, "scenarios"},
    "scenarios.without": set(),
    "scenarios.refusals": set(),
    "scenarios.years": {CORE, "scenarios"},
    "scenarios.candidates": {CORE, "scenarios"},
    "scenarios.begun_later": {CORE, "scenarios"},
    "scenarios.own_file": {CORE, "scenarios"},
    "journeys": {DOOR, CORE},
    "sim": {DOOR, CORE, "sim"},
    "sim.cluster": {CORE},
    "sim.parallel": {CORE, "sim.cluster"},
    "sim.engine": {CORE},
    "sim.setup": {CORE, "scenarios", "sim.engine"},
    "sim.desk": {CORE, "scenarios", "sim.engine"},
    "sim.output": {CORE, "scenarios", "journeys", "sim.engine", "sim.setup"},
    "sim.kpis": {CORE, "scenarios", "sim.engine", "sim.output"},
    "sim.market": {CORE, "scenarios", "journeys", "sim.engine", "sim.setup", "sim.desk"}
    | {"sim.output", "sim.kpis", "sim.parallel", "sim.cluster"},
    "sim.truth": {CORE, "scenarios", "journeys", "sim"},
    "attribution": {DOOR, CORE, "journeys"},
    "attribution.shared": {CORE, "journeys", "attribution.errors"},
    "optimize": {DOOR, CORE, "optimize"},
    "optimize.errors": {CORE},
    "optimize.curves": {CORE, "scenarios", "optimize.errors"},
    "optimize.other_tools": {CORE, "scenarios", "optimize.errors", "optimize.curves"},
    "optimize.model": {CORE, "scenarios", "optimize.errors", "optimize.curves"},
    "optimize.estimation": {CORE, "scenarios", "optimize.errors", "optimize.curves"}
    | {"optimize.model"},
    "optimize.problem": {CORE, "scenarios", "optimize.errors", "optimize.curves"}
    | {"optimize.model"},
    "optimize.solver": {CORE, "scenarios", "optimize.errors", "optimize.curves"}
    | {"optimize.model", "optimize.problem"},
    "optimize.plans": {CORE, "scenarios", "optimize.errors", "optimize.curves"}
    | {"optimize.model", "optimize.problem", "optimize.solver"},
    "experiments": {DOOR, CORE, "experiments"},
    "experiments.stats": {CORE},
    "experiments.direction": {CORE, "scenarios"},
    "experiments.front": {CORE, "experiments.direction"},
    "experiments.risk": {CORE, "experiments.direction", "experiments.stats"},
    "experiments.wording": BELOW,
    "experiments.study": BELOW,
    "experiments.folders": {CORE, "scenarios"},
    "experiments.curves": STUDY,
    "experiments.credit": STUDY,
    "experiments.company_data": {CORE},
    "experiments.lifts": {CORE},
    "experiments.field_test": {CORE, "experiments.company_data", "experiments.lifts"}
    | {"experiments.stats"},
    **{f"experiments.{study}": STUDY for study in STUDIES},
    "experiments.calibration": STUDY | {"experiments.company_data"},
    "experiments.year_review": STUDY | {"experiments.company_data"},
    "experiments.planner_tests": STUDY | {"experiments.year_review"},
    "experiments.comparison": STUDY | {"experiments.year_review", "experiments.planner_tests"},
    "experiments.scenario_comparison": STUDY | {"experiments.comparison"},
    "experiments.sensitivity": STUDY
    | {"experiments.comparison", "experiments.scenario_comparison.kept"},
    "experiments.investments": STUDY
    | {"experiments.comparison", "experiments.scenario_comparison.kept"},
    "experiments.cases": STUDY | {"experiments.validation"},
    "experiments.export": STUDY,
    "experiments.arena": STUDY | {"experiments.field_test", "experiments.lift_test"},
    "experiments.benchmark": STUDY | {"experiments.validation"},
    "experiments.own_scenario": STUDY | {"experiments.company_data"},
    "experiments.onboarding": {*BELOW, "experiments"},
    "experiments.planner": {*BELOW, "experiments"},
    "experiments.planner_page": {*BELOW, "experiments"},
    "experiments.report": STUDY | RESULTS | {"experiments.company_data", "experiments.field_test"},
    "experiments.tracking": STUDY | RESULTS,
    "experiments.publish": {*BELOW, "experiments"},
    "tiermix": {*BELOW, "experiments"},
    "tiermix.cli": {DOOR, *BELOW, "experiments"},
    "tiermix.notebooks": {DOOR, *BELOW, "experiments"},
}

# Arrows that are still wrong, with what remains to be done. One that is right again fails the test.
WRONG_ARROWS: dict[str, str] = {}

# Modules that need each other for annotations, while these last. The list shrinks to nothing.
TYPE_CYCLES: set[frozenset[str]] = set()

HOMES: dict[str, set[str]] = {
    "mlflow": {"experiments.tracking.store"},
    "highspy": {"optimize.solver.highs"},
    "pyomo": {"optimize.model.*", "optimize.problem.*", "optimize.solver.*", "optimize.plans.*"},
    "simpy": {"sim.market.*", "sim.desk.*"},
    "numba": {"sim.engine.jit", "tiermix.core.code_cache"},
    "yaml": {"scenarios.yaml_io"},
    "pydantic": {"scenarios.*", "sim.setup.*", "experiments.calibration.*"},
    "joblib": {"sim.parallel"},
    "distributed": {"sim.cluster"},
    "typer": {"tiermix.cli.*"},
    "rich": {"tiermix.cli.*"},
    "streamlit": {"experiments.planner_page.*"},
    "altair": {"experiments.report.*", "tiermix.notebooks.*"},
    "vl_convert": {"experiments.report.*"},
    "SALib": {"experiments.sensitivity.shares"},
    "openpyxl": {"tiermix.core.tables.workbook", "tiermix.core.tables.sheets"},
    "markupsafe": {"experiments.*", "tiermix.core.notebook"},
}

HEAVY = {
    "SALib",
    "altair",
    "highspy",
    "joblib",
    "mlflow",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyomo",
    "scipy",
    "simpy",
    "streamlit",
    "yaml",
}

RENAMES = {"os.replace", "os.rename", "tempfile.mkstemp", "tempfile.mkdtemp", "shutil.move"}

ROOM_MODULES = 22
# Rooms with more, and what remains to be done.
CROWDED: dict[str, str] = {
    "tiermix.cli.commands": "one file a command: it has as many modules as there are commands",
}
# A warning comes first: nobody should cut one thing in two for the sake of a line.
WORTH_A_LOOK = 300
MODULE_LINES = 400
FUNCTION_LINES = 40

# What may be longer, and why. An entry that is no longer needed fails the test too.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _sources(root: Path = ROOT) -> dict[str, ast.Module]:
    """Syntax tree of each of our modules, by dotted name."""
    files = (path for package in PACKAGES for path in sorted((root / package).rglob("*.py")))
    return {_module_name(path, root): ast.parse(path.read_text("utf-8")) for path in files}


def _walk(tree: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """All nodes below; without `types`, not those that only annotations need."""
    for node in ast.iter_child_nodes(tree):
        guard = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        if types or not guard:
            yield node
            yield from _walk(node, types=types)


@cache
def _offered(package: str) -> frozenset[str]:
    """Names on a package's face: a function there may be called like a room (`sensitivity`)."""
    stub = ROOT / package / "__init__.pyi"
    text = stub.read_text("utf-8") if stub.exists() else ""
    return frozenset(re.findall(r"as (\w+)", text))


def _imports(tree: ast.Module, modules: set[str], *, types: bool) -> Iterator[str]:
    """Dotted names that a module imports, at the top and inside functions alike."""
    for node in _walk(tree, types=types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = inner in modules and alias.name not in _offered(node.module)
                yield inner if is_module else node.module


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


def _cycles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of modules of which each needs, in the end, each other one."""
    below = {name: _reached(graph, name) for name in graph}
    return {
        frozenset(circle)
        for name in graph
        if len(circle := {other for other in below[name] if name in below[other]}) > 1
    }


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """Modules that importing `start` brings along; itself only if something below imports it."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        targets = (graph[waiting.pop()] & graph.keys()) - found
        found |= targets
        waiting += targets
    return found


def _inside(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def _room(name: str) -> str:
    """The room in which a module stands; a module beside the rooms of its package has none."""
    room = max((room for room in ARROWS if _inside(name, room)), key=len, default="")
    return "" if room in FACES and name != room else room


def _ours(graph: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Imports of our own modules by each other."""
    for name, targets in sorted(graph.items()):
        for target in sorted(targets):
            if target.split(".")[0] in PACKAGES:
                yield name, target


def _forbidden_arrows(graph: dict[str, set[str]]) -> list[str]:
    return [
        f"{name} imports {target}"
        for name, target in _ours(graph)
        if (room := _room(name))
        and not any(_allows(allowed, target) for allowed in {room, *ARROWS[room]})
    ]


def _deep_imports(graph: dict[str, set[str]]) -> list[str]:
    """Imports past a face: of another package's inside, or of one's own package's face.

    All may import the ground floor `tiermix.core`; nobody below may import the front door.
    """
    return [
        f"{name} imports {target}"
        for name, target in _ours(graph)
        if not _inside(target, CORE)
        and (name.split(".")[0] != target.split(".")[0]) == ("." in target)
    ]


def _allows(allowed: str, target: str) -> bool:
    return target == DOOR if allowed == DOOR else _inside(target, allowed)


def _between_rooms(arrows: list[str]) -> set[str]:
    return {" imports ".join(map(_room, arrow.split(" imports "))) for arrow in arrows}


def _homeless(graph: dict[str, set[str]]) -> list[str]:
    return [name for name in sorted(graph) if not _room(name)]


def _crowded(graph: dict[str, set[str]]) -> dict[str, int]:
    """Folders that hold more modules than one sees at a glance; their faces do not count."""
    folders = {name.rpartition(".")[0] for name in graph}
    modules = Counter(name.rpartition(".")[0] for name in graph.keys() - folders)
    return {folder: count for folder, count in modules.items() if count > ROOM_MODULES}


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


def _own_array_types(tree: ast.Module) -> list[int]:
    """Lines that spell a type of arrays; to ask whether something is an array is no such line."""
    asked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"
        for inner in ast.walk(node.args[1])
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.alias) and node.name == "NDArray")
        or (isinstance(node, ast.Attribute) and node.attr in ("ndarray", "NDArray"))
        if id(node) not in asked
    ]


def _own_writing(tree: ast.Module) -> list[str]:
    """Calls that put a file in its place, or write one under its own name and not as a draft."""
    return [
        call
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        if (call := ast.unparse(node.func)) in RENAMES
        or (call.endswith((".write_text", ".write_bytes")) and call.split(".")[0] != "draft")
    ]


def _array_names(tree: ast.Module) -> list[int]:
    """Lines that give a type of arrays a name of their own."""
    return [
        node.lineno
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        if ast.unparse(node.value).partition("[")[0].endswith(("ndarray", "NDArray"))
    ]


def _module_lengths(root: Path = ROOT) -> dict[str, int]:
    files = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {_module_name(path, root): len(path.read_text("utf-8").splitlines()) for path in files}


def _look_again(lengths: dict[str, int]) -> None:
    for name, lines in sorted(lengths.items()):
        if WORTH_A_LOOK <= lines <= MODULE_LINES:
            warnings.warn(f"{name} has {lines} lines: is it still one thing?", stacklevel=2)


def test_every_module_stands_in_a_room() -> None:
    assert _homeless(_graph(_sources())) == []


def test_rooms_import_only_what_their_arrows_allow() -> None:
    assert _between_rooms(_forbidden_arrows(_graph(_sources()))) == set(WRONG_ARROWS)


def test_packages_import_each_others_faces_only() -> None:
    deep = _deep_imports(_graph(_sources()))
    assert deep == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert _cycle(_graph(_sources(), types=False)) == []


def test_no_circle_is_closed_by_an_annotation() -> None:
    assert _cycles(_graph(_sources())) == TYPE_CYCLES


def test_nobody_imports_the_command_line() -> None:
    users = {name for name, target in _ours(_graph(_sources())) if _inside(target, "tiermix.cli")}
    assert {name for name in users if not _inside(name, "tiermix.cli")} == set()


def test_no_room_is_crowded() -> None:
    assert set(_crowded(_graph(_sources()))) == set(CROWDED)


def test_each_outside_library_is_at_home_in_one_place() -> None:
    assert _strays(_graph(_sources())) == []


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


def test_a_module_worth_a_look_is_named() -> None:
    # `_look_again` warns and does not fail: whether a long module is two things is for people.
    _look_again(_module_lengths())


def test_functions_stay_short() -> None:
    long = {name for name, lines in _functions(_sources()) if lines > FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS)


def test_arrays_are_typed_by_the_names_of_the_ground_floor() -> None:
    own = {name: lines for name, tree in _sources().items() if (lines := _own_array_types(tree))}
    assert set(own) == {f"{CORE}.arrays"}


def test_benchmarks_run_without_the_tests() -> None:
    files = {path.stem: path for path in (ROOT / "benchmarks").glob("*.py")}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in files.items()}
    graph = {name: set(_imports(tree, set(), types=True)) for name, tree in trees.items()}
    assert {
        name for name, targets in graph.items() if any(_inside(t, "tests") for t in targets)
    } == set()


def test_files_are_written_by_the_ground_floor() -> None:
    own = {name for name, tree in _sources().items() if _own_writing(tree)}
    assert own == {f"{CORE}.files"}


def test_tests_and_benchmarks_define_no_types_of_arrays_either() -> None:
    files = [path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    own = [path.name for path in files if _array_names(ast.parse(path.read_text("utf-8")))]
    assert own == []


def test_exceptions_are_explained() -> None:
    reasons = [*LONG_MODULES.values(), *LONG_FUNCTIONS.values(), *WRONG_ARROWS.values()]
    reasons += CROWDED.values()
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


def test_the_checks_find_imports_past_a_face(tmp_path: Path) -> None:
    files = {
        "sim/truth/effects.py": "",
        "sim/__init__.py": "",
        "sim/own.py": "from sim import simulate\n",
        "experiments/deep.py": "def f():\n    from sim.truth.effects import Effects\n",
        "experiments/fine.py": "from sim import simulate\nfrom tiermix.core.hints import hint\n",
        "optimize/front.py": "import tiermix\n",
    }
    assert _deep_imports(_house(tmp_path, files)) == [
        "experiments.deep imports sim.truth.effects",
        "sim.own imports sim",
    ]


def test_the_checks_find_a_cycle_that_one_function_closes(tmp_path: Path) -> None:
    files = {"sim/a.py": "import sim.b\n", "sim/b.py": "def f():\n    from sim import a\n"}
    assert _cycle(_house(tmp_path, files)) == ["sim.a", "sim.b", "sim.a"]


def test_the_checks_find_a_room_that_looks_up_or_sideways(tmp_path: Path) -> None:
    files = {
        "sim/engine/a.py": "import scenarios\nimport sim.market.b\n",
        "sim/market/b.py": "import sim.engine.a\n",
        "optimize/solver/c.py": "import optimize.plans.d\nimport tiermix.core.files\n",
        "experiments/validation/e.py": "if TYPE_CHECKING:\n    import experiments.comparison.run\n",
        "experiments/tracking/f.py": "import experiments.comparison.result\nimport tiermix.cli\n",
    }
    graph = _house(tmp_path, files)
    assert _forbidden_arrows(graph) == [
        "experiments.tracking.f imports tiermix.cli",
        "experiments.validation.e imports experiments.comparison.run",
        "optimize.solver.c imports optimize.plans.d",
        "sim.engine.a imports scenarios",
        "sim.engine.a imports sim.market.b",
    ]
    assert "experiments.validation imports experiments.comparison" in _between_rooms(
        _forbidden_arrows(graph)
    )


def test_the_checks_find_a_module_outside_every_room(tmp_path: Path) -> None:
    files = {"sim/__init__.py": "", "sim/loose.py": "", "sim/kpis/a.py": "", "journeys/b.py": ""}
    assert _homeless(_house(tmp_path, files)) == ["sim.loose"]


def test_the_checks_find_every_circle_of_annotations(tmp_path: Path) -> None:
    typed = "if TYPE_CHECKING:\n    import sim.kpis.a\n"
    files = {"sim/kpis/a.py": "import sim.kpis.b\n", "sim/kpis/b.py": "import sim.kpis.c\n"}
    files |= {"sim/kpis/c.py": typed, "sim/kpis/d.py": "import sim.kpis.a\n"}
    files |= {"journeys/a.py": "import journeys.b\n", "journeys/b.py": "import journeys.a\n"}
    assert _cycles(_house(tmp_path, files)) == {
        frozenset({"sim.kpis.a", "sim.kpis.b", "sim.kpis.c"}),
        frozenset({"journeys.a", "journeys.b"}),
    }


def test_the_checks_count_the_modules_of_a_room_but_not_its_face(tmp_path: Path) -> None:
    files = {f"sim/engine/m{number}.py": "" for number in range(ROOM_MODULES)}
    files |= {"sim/__init__.py": "", "sim/engine/__init__.py": "", "sim/kpis/a.py": ""}
    assert _crowded(_house(tmp_path, files)) == {}
    _sources.cache_clear()
    assert _crowded(_house(tmp_path, {"sim/engine/one_more.py": ""})) == {
        "sim.engine": ROOM_MODULES + 1
    }


def test_a_module_worth_a_look_warns_before_it_fails() -> None:
    lengths = {"sim.short": WORTH_A_LOOK - 1, "sim.longer": WORTH_A_LOOK}
    with pytest.warns(UserWarning, match=r"sim\.longer has 300 lines") as told:
        _look_again(lengths)
    assert len(told) == 1


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


def test_the_checks_find_a_module_with_its_own_types_of_arrays() -> None:
    imported = "from numpy.typing import NDArray\nHere: TypeAlias = NDArray[np.int64]\n"
    spelled = "Array = np.ndarray[Any, Any]\ndef f(x: np.ndarray) -> None: ...\n"
    asked = "def f(x): return isinstance(x, list | np.ndarray)\n"
    assert _own_array_types(ast.parse(imported)) == [1]
    assert _own_array_types(ast.parse(spelled)) == [1, 2]
    assert _own_array_types(ast.parse(asked)) == []
    found = [_array_names(ast.parse(text)) for text in (imported, spelled, asked)]
    assert found == [[2], [1], []]


def test_the_checks_find_a_module_that_writes_files_by_itself() -> None:
    own = "os.replace(draft, path)\npath.write_text('half')\n"
    assert _own_writing(ast.parse(own)) == ["os.replace", "path.write_text"]
    assert _own_writing(ast.parse("with whole_file(path) as draft: draft.write_text('x')")) == []


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, tiermix.cli.main; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert HEAVY.isdisjoint(loaded.split())
