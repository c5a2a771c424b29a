"""The gallery: Tiermix's notebooks as they ran.

`build/notebooks` keeps each as it ran last; the long tests leave them there. What is not there, or
was another edition, is run now, which takes some minutes, unless `-D gallery_runs=0`.
"""

from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.util import logging

from tiermix.cli.notebooks import names, notebook

ROOT = Path(__file__).parents[2]
RAN = ROOT / "build" / "notebooks"
SAID = logging.getLogger(__name__)
AS_IT_RAN = (
    "*This page is the notebook `{name}` as it ran. `tiermix lab` opens a copy of your own.*"
)
NOT_RUN = "*This page is the notebook `{name}`, not run. `tiermix lab` opens a copy of your own.*"


def same(one: nbformat.NotebookNode, other: nbformat.NotebookNode) -> bool:
    """Whether two notebooks have the same cells, whatever they show."""
    return [c.source for c in one.cells] == [c.source for c in other.cells]


def keep(name: str, ran: nbformat.NotebookNode) -> None:
    """Keep a notebook that ran for the gallery."""
    RAN.mkdir(parents=True, exist_ok=True)
    draft = RAN / f".{name}.ipynb"
    nbformat.write(ran, draft)
    draft.replace(RAN / f"{name}.ipynb")


def kept(name: str) -> nbformat.NotebookNode | None:
    """The notebook as it ran last, if it is still the same one."""
    path = RAN / f"{name}.ipynb"
    if not path.exists():
        return None
    found = nbformat.read(path, as_version=4)
    return found if same(found, _fresh(name)) else None


def _fresh(name: str) -> nbformat.NotebookNode:
    return nbformat.reads(notebook(name), as_version=4)


def _ran_now(name: str) -> nbformat.NotebookNode:
    from nbclient import NotebookClient

    SAID.info("running the notebook %s", name)
    book = _fresh(name)
    NotebookClient(book, timeout=900, kernel_name="python3").execute(cwd=str(ROOT))
    keep(name, book)
    return book


def _page(name: str, runs: bool) -> nbformat.NotebookNode:
    """The notebook with a line below its title that says what it is."""
    ran = kept(name) or (_ran_now(name) if runs else None)
    book = ran or _fresh(name)
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
