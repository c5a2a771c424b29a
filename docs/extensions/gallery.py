"""The gallery: Tiermix's notebooks as they ran.

What no test has run yet, or another edition of it, is run now, which takes some minutes, unless
`-D gallery_runs=0`.
"""

from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.util import logging

from docs.extensions.ran import ROOT, fresh, keep, kept
from tiermix.cli.notebooks import names

SAID = logging.getLogger(__name__)
AS_IT_RAN = (
    "*This page is the notebook `{name}` as it ran. `tiermix lab` opens a copy of your own.*"
)
NOT_RUN = "*This page is the notebook `{name}`, not run. `tiermix lab` opens a copy of your own.*"


def _ran_now(name: str) -> nbformat.NotebookNode:
    from nbclient import NotebookClient

    SAID.info("running the notebook %s", name)
    book = fresh(name)
    NotebookClient(book, timeout=900, kernel_name="python3").execute(cwd=str(ROOT))
    keep(name, book)
    return book


def _page(name: str, runs: bool) -> nbformat.NotebookNode:
    """The notebook with a line below its title that says what it is."""
    ran = kept(name) or (_ran_now(name) if runs else None)
    book = ran or fresh(name)
    title, _, rest = book.cells[0].source.partition("\n")
    said = (AS_IT_RAN if ran else NOT_RUN).format(name=name)
    book.cells[0].source = f"{title}\n\n{said}\n{rest}"
    return book


def _write_pages(app: Sphinx) -> None:
    for name in names():
        text = nbformat.writes(_page(name, app.config.gallery_runs))
        path = Path(app.srcdir) / "gallery" / f"{name}.ipynb"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("gallery_runs", True, "", bool)
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True}
