"""Folders of the user's machine."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where what can be made again may lie: the platform's folder for caches, of Tiermix alone.

    `XDG_CACHE_HOME` holds everywhere, also where the platform does not know it.
    """
    if said := os.environ.get("XDG_CACHE_HOME"):
        return Path(said) / "tiermix"
    from platformdirs import user_cache_path

    return user_cache_path("tiermix", appauthor=False)
