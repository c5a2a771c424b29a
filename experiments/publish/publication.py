"""A study brought to its readers: its page is written, its runs are tracked, and both are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from experiments.study import Clock
from experiments.tracking.labels import labelled
from experiments.tracking.record import RunRecord
from experiments.tracking.store import (
    Store,
    Tracked,
    TrackingError,
    check_reachable,
    tracking_uri,
)
from tiermix.core.files import write_text
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario


class TrackedDocument(TypedDict):
    """Where the runs are: `compare` opens those of one world side by side.

    `study` is the run that stands for the study as a whole, for `tiermix studies`.
    """

    tracking_uri: str
    experiment: str
    compare: str
    study: str


class Opening:
    """A tracking store that is opened while the market is simulated: it costs seconds.

    One that cannot be there is refused at once. Raises `TrackingError`.
    """

    def __init__(self) -> None:
        check_reachable(tracking_uri())
        pool = ThreadPoolExecutor(1, "tracking")
        self._opened = pool.submit(lambda: Store(tracking_uri()))
        pool.shutdown(wait=False)

    def watched(self, progress: Progress | None) -> Progress:
        """Progress that also tells, at its next step, that the store could not be opened."""

        def hear(what: str, done: int, total: int | None) -> None:
            if self._opened.done():
                self._opened.result()
            if progress:
                progress(what, done, total)

        return hear

    def store(self) -> Store:
        """The open store; raises what opening raised."""
        return self._opened.result()


def check_places(files: Iterable[Path], command: str) -> None:
    """Refuse, before any work, files that are not ours and a store that cannot be there.

    Raises `OutputError` and `TrackingError`.
    """
    check_replaceable(files, command)
    check_reachable(tracking_uri())


@dataclass(frozen=True)
class Publication:
    """A study that was published: its page, and where its runs are tracked."""

    report: Path
    tracked: Tracked

    @property
    def mlflow(self) -> TrackedDocument:
        """What the JSON of every study says under `mlflow`."""
        return tracked_document(self.tracked)


def tracked_document(tracked: Tracked) -> TrackedDocument:
    """What the JSON of every study says under `mlflow`."""
    return {
        "tracking_uri": tracked.tracking_uri,
        "experiment": tracked.experiment,
        "compare": tracked.compare_url,
        "study": tracked.study,
    }


def track(
    record: RunRecord, *, command: str, scenario: Scenario, opening: Opening
) -> TrackedDocument:
    """Log a study that has one run and no page of its own. Raises `TrackingError`."""
    runs = labelled([record], command, scenario)
    return tracked_document(opening.store().log(f"tiermix/{scenario.name}/{command}", runs))


def publish(
    text: str | Callable[[], str],
    path: Path,
    records: Callable[[Sequence[Path]], Iterable[RunRecord]],
    *,
    command: str,
    experiment: str,
    scenario: Scenario | None = None,
    files: Sequence[Path] = (),
    opening: Opening | None = None,
    clock: Clock | None = None,
) -> Publication:
    """Write a study's page to `path` and log its runs in an experiment.

    `records` is given the files to keep with the study: the page, and `files` that lie on disk
    already. The page appears whole or not at all, and takes the place of no file but one that
    `command` wrote. Where its `text` is being made elsewhere it is waited for when the run that
    keeps it is logged, or none can be. `scenario` is the one that is asked about, where it is one:
    its budget is told with every run. Raises `TrackingError` and `OutputError`.
    """
    clock = clock or Clock(None)
    page = _Page(path, text, command, clock)
    if isinstance(text, str):
        page.write()
    runs = list(labelled(records([path, *files]), command, scenario))
    on_step, done = clock.progress_of("tracking"), 0

    def logged(_: RunRecord) -> None:
        nonlocal done
        done += 1
        if on_step:
            on_step("runs", done, len(runs))

    def in_turn() -> Iterator[RunRecord]:
        for run in runs:
            if run.files:
                page.write()
            yield run

    try:
        tracked = (opening or Opening()).store().log(experiment, in_turn(), on_run=logged)
    except TrackingError:
        page.write()
        raise
    clock.lap("tracking")
    return Publication(path, tracked)


@dataclass
class _Page:
    """A page that is written once, when first asked for."""

    path: Path
    text: str | Callable[[], str]
    command: str
    clock: Clock
    written: bool = False

    def write(self) -> None:
        if self.written:
            return
        self.written = True
        if not isinstance(self.text, str):
            self.clock.lap("tracking")
        with replacing(self.path, self.command) as place:
            write_text(place, self.text if isinstance(self.text, str) else self.text())
        self.clock.lap("report")
