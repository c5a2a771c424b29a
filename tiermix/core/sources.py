"""What figures hang on beside what was asked: our sources, and the versions of libraries."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGES = ("scenarios", "sim", "journeys", "optimize", "experiments", "tiermix/core")
LIBRARIES = ("numpy", "numba", "scipy", "pandas", "pyomo", "highspy", "simpy", "pydantic")


@cache
def sources_hash() -> str:
    """SHA-256 of all sources that figures come from."""
    found = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((HOUSE / package).rglob("*.py")):
            found.update(path.relative_to(HOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def versions() -> list[str]:
    """The versions of Python and of the libraries that reckon."""
    return [platform.python_version(), *(metadata.version(name) for name in LIBRARIES)]
