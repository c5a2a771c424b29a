"""A page that is drawn while runs are logged is there whole, whatever becomes of the runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from experiments.publish.publication import Opening, publish
from experiments.study import Clock
from experiments.tracking.record import RunRecord
from experiments.tracking.store import Tracked, TrackingError


class Shelf:
    """A store that keeps names, and may break at one of them."""

    def __init__(self, page: Path, breaks: str = "") -> None:
        self.page, self.breaks, self.kept = page, breaks, list[tuple[str, bool]]()

    def store(self) -> Shelf:
        return self

    def log(self, experiment: str, runs: Iterator[RunRecord], **_: Any) -> Tracked:
        for run in runs:
            if run.name == self.breaks:
                raise TrackingError("the store broke")
            self.kept.append((run.name, self.page.exists()))
        return Tracked("", experiment, "1", (), "", "")


def records(files: Sequence[Path]) -> list[RunRecord]:
    one, two = (RunRecord(name, {}, {}, {}) for name in ("one", "two"))
    return [one, two, RunRecord("whole", {}, {}, {}, files=files)]


def published(shelf: Shelf, text: Any, clock: Clock) -> None:
    publish(
        text,
        shelf.page,
        records,
        command="run",
        experiment="e",
        opening=cast(Opening, shelf),
        clock=clock,
    )


def test_a_page_made_elsewhere_is_waited_for_by_the_run_that_keeps_it(tmp_path: Path) -> None:
    shelf, clock = Shelf(tmp_path / "report.html"), Clock(None)
    published(shelf, lambda: "<p>here</p>", clock)
    assert shelf.kept == [("one", False), ("two", False), ("whole", True)]
    assert shelf.page.read_text("utf-8") == "<p>here</p>"
    assert set(clock.seconds) == {"tracking", "report"}


@pytest.mark.parametrize("text", ["<p>here</p>", lambda: "<p>here</p>"])
@pytest.mark.parametrize("breaks", ["one", "whole"])
def test_a_store_that_breaks_takes_no_page_with_it(tmp_path: Path, text: Any, breaks: str) -> None:
    shelf = Shelf(tmp_path / "report.html", breaks)
    with pytest.raises(TrackingError, match="broke"):
        published(shelf, text, Clock(None))
    assert shelf.page.read_text("utf-8") == "<p>here</p>"
