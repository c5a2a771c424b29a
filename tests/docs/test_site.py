"""The documentation as a site: built without a warning, read without a network."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("sphinx", reason="no Sphinx: `uv sync --group docs` to build the site")

from docs.extensions.docstrings import plain
from docs.extensions.faces import offered
from tests.browser import chromium
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FACES = ("scenarios", "sim", "journeys", "attribution", "optimize", "experiments")


def test_code_in_a_docstring_stays_code_and_signs_stay_signs() -> None:
    assert plain("a `b\n  c` of *args | x_") == r"a ``b c`` of \*args \| x\_"


@pytest.mark.parametrize("package", FACES)
def test_what_a_package_offers_is_on_its_page(package: str) -> None:
    page = (ROOT / "docs" / "reference" / "api" / f"{package}.md").read_text("utf-8")
    assert f".. face:: {package}\n" in page
    silent = [name for name, thing in offered(package).items() if _lacks_words(thing)]
    assert silent == []


def _lacks_words(thing: object) -> bool:
    """Whether a class or function has no docstring; a constant shows what it holds."""
    return (inspect.isclass(thing) or inspect.isroutine(thing)) and not thing.__doc__


# --- built, and opened ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    strict = ["-q", "-W", "--keep-going", "-D", "gallery_runs=0", "-d", str(folder / "kept")]
    told = [sys.executable, "-m", "sphinx", *strict, "docs", str(folder / "html")]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _opened(browser: Browser, page: Path, complaints: list[str], query: str = "") -> Page:
    """A page at the width of a telephone; `complaints` hears what goes wrong or wants out."""
    sheet = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
    sheet.on("console", lambda message: complaints.append(message.text))
    sheet.on("pageerror", lambda error: complaints.append(str(error)))
    sheet.on("request", lambda asked: complaints.extend(_foreign(asked.url)))
    sheet.goto(page.as_uri() + query)
    return sheet


def _foreign(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [url]


PAGES = (
    "index",
    "reference/scenarios",
    "reference/kpis",
    "reference/api/sim",
    "gallery/strategist",
)


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_site_asks_nobody_and_fits_a_telephone(
    browser: Browser, site: Path, name: str
) -> None:
    complaints: list[str] = []
    sheet = _opened(browser, site / f"{name}.html", complaints)
    assert sheet.locator("h1").count() == 1
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


@pytest.mark.long
@pytest.mark.parametrize(("word", "page"), [("shadow price", "glossary"), ("种草", "glossary")])
def test_words_are_found_without_a_server(
    browser: Browser, site: Path, word: str, page: str
) -> None:
    complaints: list[str] = []
    sheet = _opened(browser, site / "search.html", complaints, f"?q={word}")
    sheet.wait_for_selector("#search-results li a")
    links = [a.get_attribute("href") or "" for a in sheet.locator("#search-results li a").all()]
    assert any(page in link for link in links)
    assert complaints == []
