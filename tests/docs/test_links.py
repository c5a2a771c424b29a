"""Pages lead where they say: links between them, and files of ours that they name."""

import re

import pytest

from tests.docs.pages import PAGES, ROOT
from tests.test_architecture import PACKAGES

LINK = re.compile(r"\]\(([^)#\s]+)")
CONTENTS = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(rf"`((?:{'|'.join(PACKAGES)}|tests|benchmarks)/[\w/.-]+)`")


def _missing(page: str) -> list[str]:
    text, folder = PAGES[page].read_text("utf-8"), PAGES[page].parent
    links = [link for link in LINK.findall(text) if not link.startswith("http")]
    lost = [link for link in links if not (folder / link).exists()]
    return lost + [name for name in FILE.findall(text) if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_to_is_there(page: str) -> None:
    assert _missing(page) == []


def test_the_index_leads_to_every_page() -> None:
    named = set(LINK.findall(PAGES["docs/index.md"].read_text("utf-8")))
    pages = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")}
    below = {page for page in pages if page.startswith(("how-to/extend/", "reference/api/"))}
    assert pages - named - {"index.md"} == below - {"reference/api/tiermix.md"}


def test_every_page_stands_in_a_table_of_contents() -> None:
    """Otherwise the site cannot be built without a warning."""
    listed = {name for page in PAGES if page.startswith("docs/") for name in _listed(page)}
    pages = {page.removesuffix(".md") for page in PAGES if page.startswith("docs/")}
    assert pages - listed == {"docs/index"}


def _listed(page: str) -> list[str]:
    """Pages in a page's tables of contents, without their endings."""
    folder = page.rpartition("/")[0]
    tables = CONTENTS.findall(PAGES[page].read_text("utf-8"))
    lines = [line for table in tables for line in table.splitlines()]
    return [f"{folder}/{line}" for line in lines if line and not line.startswith(":")]
