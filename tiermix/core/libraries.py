"""Libraries that others would import."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def without(library: str) -> Iterator[None]:
    """While something is imported that can do without a library, it does not find it.

    One that is there already stays.
    """
    if library in sys.modules:
        yield
        return
    modules = cast(dict[str, Any], sys.modules)
    modules[library] = None  # importing it says that it is not there
    try:
        yield
    finally:
        del modules[library]
