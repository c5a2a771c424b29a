"""`tiermix data check`: a table understood, as a canonical history and a page."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from experiments.company_data.result import CheckedDocument, CheckedTable
from experiments.report.company_data import page
from experiments.report.frame import write_page
from tiermix.core.files import write_text
from tiermix.core.outputs import check_replaceable, replacing

COMMAND = "data check"
HISTORY, PAGE = "history.csv", "data.html"


class PublishedTable(CheckedDocument):
    """The JSON document of `tiermix data check`: `canonical` is the history that was written."""

    canonical: str
    page: str


def publish_table(found: CheckedTable, out: Path | None = None, **asked: Any) -> PublishedTable:
    """Write a checked table's history and page into a folder, and say all in one document.

    Unless `out` is given it is `runs/data/NAME-HASH`, by the file and what was `asked` of it.
    """
    folder = out or Path("runs") / "data" / _name(found, asked)
    check_replaceable([folder / HISTORY, folder / PAGE], COMMAND)
    with replacing(folder / HISTORY, COMMAND) as place:
        canonical = write_text(place, found.history)
    with replacing(folder / PAGE, COMMAND) as place:
        drawn = write_page(place, page(found))
    return {**found.to_dict(), "canonical": str(canonical), "page": str(drawn)}


def _name(found: CheckedTable, asked: dict[str, Any]) -> str:
    said = {key: value for key, value in asked.items() if value}
    text = json.dumps([found.digest, said], sort_keys=True, default=str)
    stem = Path(found.source).name.partition(".")[0] or "table"
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
