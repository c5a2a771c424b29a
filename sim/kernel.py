"""`kernel`: compile a small function on records, keep the machine code on disk.

Numba notices a changed function but not a changed callee in another file. The cache folder is
therefore named by what all sources of this package say, so that no stale code is ever run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core import config

P = ParamSpec("P")
R = TypeVar("R")

COMPILED = not config.DISABLE_JIT
"""False when NUMBA_DISABLE_JIT=1: the same functions then run as plain Python, slowly."""


def _sources_hash(folder: Path) -> str:
    text = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(text + numba.__version__.encode()).hexdigest()[:16]


def _cache_folder() -> Path:
    """Beside the sources where that can be written, else in the user's cache."""
    here = Path(__file__).parent
    beside = here / "__pycache__"
    writable = os.access(beside if beside.exists() else here, os.W_OK)
    home = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")))
    return (beside if writable else home / "tiermix") / f"kernels-{_sources_hash(here)}"


CACHE_FOLDER = Path(os.environ.get("NUMBA_CACHE_DIR", "") or _cache_folder())
config.CACHE_DIR = str(CACHE_FOLDER)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` for other kernels; the type checker goes on seeing the function itself.

    It cannot be called from Python: leaving that wrapper out saves a third of the compilation.
    """
    compiled: Any = numba.njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return cast(Callable[P, R], compiled)


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` so that Python can call it too."""
    compiled: Any = numba.njit(cache=True)(function)
    return cast(Callable[P, R], compiled)


def is_warm() -> bool:
    """Whether machine code of these sources already lies on disk."""
    return not COMPILED or any(CACHE_FOLDER.rglob("*.nbi"))
