"""Faces of packages: the names that a stub beside `__init__.py` lists, loaded at first use.

Importing this module runs `tiermix/__init__.py`, which notices what stands in our way and knows
old names; so does importing any of the six packages.
"""

from __future__ import annotations

from collections.abc import Callable

import lazy_loader

from tiermix.core.moved import current_name


def lazy_face(
    package: str, file: str
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package by its stub (SPEC 1).

    Names that it had before are still given; see `tiermix.core.moved`.
    """
    offered: Callable[[str], object]
    offered, names, every = lazy_loader.attach_stub(package, file)

    def by_name(name: str) -> object:
        return offered(current_name(package, name))

    return by_name, names, every
