"""A browser for tests that look at pages: Debian's Chromium by Playwright, or the test skips.

Playwright stands in the group `browser`, which a plain `uv run pytest` does not install.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that runs while the block does; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium was found: install Debian's chromium to look at the pages")
    driver = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright: `uv sync --group browser` to look at pages"
    )
    with driver.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
