"""Charts of the pages, all by Altair."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def without(library: str) -> Iterator[None]:
    """While something is imported that can do without a library, it does not find it."""
    modules = cast(dict[str, Any], sys.modules)
    if library in modules:
        yield
        return
    modules[library] = None  # importing it says that it is not there
    try:
        yield
    finally:
        del modules[library]


# Altair checks its charts with jsonschema, which prepares a grammar of internet addresses where
# JupyterLab brought it: more than a second, for formats that no chart has.
with without("rfc3987_syntax"):
    import altair as altair
