"""Whether something of the user's own stands where Python looks for one of our packages."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from tiermix.core.errors import TiermixError

PACKAGES = ("scenarios", "journeys", "sim", "attribution", "optimize", "experiments")


class ShadowedPackage(TiermixError, ImportError):  # noqa: N818 - names what happened
    """A file or folder has the name of one of our packages and is found before it."""


def check_shadows() -> None:
    """Raise `ShadowedPackage`, with the file in the way and the remedy, if there is one.

    Nothing is imported; all six are looked up in some tenths of a millisecond.
    """
    home = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        found = _found(name)
        if found is not None and found.parent != home:
            raise ShadowedPackage(
                f"{found} stands in the way of Tiermix's own package '{name}', which lies in "
                f"{home}; rename it, or keep its folder off PYTHONPATH and out of the folder in "
                "which Python starts"
            )


def is_command() -> bool:
    """Whether this process is the `tiermix` command, which says errors as sentences itself."""
    return bool(sys.argv) and Path(sys.argv[0]).stem == "tiermix"


def _found(name: str) -> Path | None:
    """The file, or the folder of the package, that `import name` would take."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # a module made by hand, without a place
        return None
    if spec is None or spec.origin is None:  # nothing, or folders without a package in them
        return None
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.stem == "__init__" else origin
