"""`kernel`: compile a small function on records, keep the machine code on disk.

Numba notices a changed function but not a changed callee in another file. The cache folder is
therefore named by what all sources of the compiled rooms say, so that no stale code is ever run.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from llvmlite import ir
from numba.core import config
from numba.extending import intrinsic

from tiermix.core import code_cache
from tiermix.core.arrays import AnyArray
from tiermix.core.folders import cache_folder

P = ParamSpec("P")
R = TypeVar("R")

COMPILED = not config.DISABLE_JIT
"""False when NUMBA_DISABLE_JIT=1: the same functions then run as plain Python, slowly."""


ROOT = Path(__file__).parents[2]
BAKED_IN = (
    *("sim/engine", "sim/output", "sim/desk/waiting_line.py"),
    *("tiermix/core/arrays.py", "tiermix/core/code_cache.py", "tiermix/core/limits.py"),
)
"""What is compiled, or whose constants compiled code holds: folders, those below included, and
files. Compiled rooms import nothing else of ours."""


def baked_in(root: Path = ROOT) -> list[Path]:
    """The sources of all compiled code, however deep they lie."""
    places = [root / place for place in BAKED_IN]
    return [
        path
        for place in places
        for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
    ]


def _sources_hash(root: Path) -> str:
    text = b"".join(path.read_bytes() for path in baked_in(root))
    return hashlib.sha256(text + numba.__version__.encode()).hexdigest()[:16]


def kernels_folder(root: Path = ROOT) -> Path:
    """Beside the sources where that can be written or is filled, else in the user's cache."""
    here, name = root / "sim", f"kernels-{_sources_hash(root)}"
    beside = here / "__pycache__"
    writable = os.access(beside if beside.exists() else here, os.W_OK)
    usable = writable or any((beside / name).rglob("*.nbi"))
    return (beside if usable else cache_folder()) / name


def _chosen() -> Path:
    """The folder that was asked for, or ours; one that others may write to is not used."""
    asked, ours = os.environ.get("NUMBA_CACHE_DIR", ""), kernels_folder()
    places = [*([Path(asked)] if asked else []), ours, cache_folder() / ours.name]
    for place in places:
        if code_cache.may_be_trusted(place):
            return place
        warnings.warn(
            f"{place} can be written by others and is not used for compiled code, which is run as "
            "it is; take that right away (chmod o-w), or name another NUMBA_CACHE_DIR",
            stacklevel=2,
        )
    return Path(os.devnull) / ours.name  # nothing is kept


CACHE_FOLDER = _chosen()
config.CACHE_DIR = str(CACHE_FOLDER)
code_cache.use()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` for other kernels; the type checker goes on seeing the function itself.

    It cannot be called from Python: leaving that wrapper out saves a third of the compilation.
    """
    compiled: Any = numba.njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return cast(Callable[P, R], compiled)


@intrinsic  # type: ignore[untyped-decorator]
def _lent(_: Any, array: Any) -> Any:
    def view(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = context.make_array(signature.return_type)(context, builder, arguments[0])
        found.meminfo = ir.Constant(found.meminfo.type, None)
        found.parent = ir.Constant(found.parent.type, None)
        return found._getvalue()

    return array(array), view


def _itself(array: AnyArray) -> AnyArray:
    return array


lent: Callable[[AnyArray], AnyArray] = _lent if COMPILED else _itself
"""An array without its owner, for what runs below an `entry` whose caller holds it.

Kernels that hand an owned array on count its owners up and down, atomically: that came to a fifth
of all time.
"""


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` so that Python can call it too."""
    compiled: Any = numba.njit(cache=True)(function)
    return cast(Callable[P, R], compiled)


def is_warm() -> bool:
    """Whether machine code of these sources already lies on disk."""
    return not COMPILED or any(CACHE_FOLDER.rglob("*.nbi"))
