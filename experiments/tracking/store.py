"""Tracked studies: the only module that knows MLflow, which it imports when it is first needed.

One experiment per study, flat runs (children of a nested run never reach MLflow's charts), a few
bulk calls per run. What is logged is enough to make each run again: scenario, plan, seed, world.
"""

import json
import logging
import os
import secrets
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from experiments.tracking.labels import INVOCATION, STUDY
from experiments.tracking.record import RunRecord
from tiermix.core.errors import TiermixError
from tiermix.core.forked import no_copies
from tiermix.core.processes import has_ended, own_mark
from tiermix.core.serving import HOST, check_free, serve

SQLITE = "sqlite:///"
DEFAULT_URI = f"{SQLITE}mlflow.db"
METRICS_PER_CALL, PARAMS_PER_CALL = 800, 100  # and 1000 of both together, as MLflow takes
ANSWER = 5.0
"""Seconds in which a server has to take a connection."""
UI_PORT = 5000

# The UI opens such an experiment on its runs, and not on a page for language models.
KIND = {"mlflow.experimentKind": "custom_model_development"}
# Nothing is sent to anybody, and the UI starts no job runners of its own.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
# A server that does not answer is told of in seconds; MLflow alone asks it again for minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
PROCESS = "process"
"""Tag: which process logged a run, so that one that was killed is told from one at work."""


class TrackingError(TiermixError):
    """The tracking store cannot be used."""


@dataclass(frozen=True)
class Tracked:
    """Where a study was logged: store, experiment, runs in order, links, and what it cost.

    `study` is the run that stands for all of them. `compare_url` opens the runs of one replication
    side by side, `chart_url` the charts of all runs; both work while the UI is up. `seconds` tells
    opening the store from the runs.
    """

    tracking_uri: str
    experiment: str
    experiment_id: str
    run_ids: tuple[str, ...]
    compare_url: str
    chart_url: str
    study: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def seconds_per_run(self) -> float:
        """Mean cost of logging one run, in seconds."""
        return self.seconds["runs"] / max(len(self.run_ids), 1)


def tracking_uri() -> str:
    """The store in use: MLFLOW_TRACKING_URI, or a sqlite file in the working folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI


class Store:
    """An open tracking store; opening costs seconds, so open it once and early.

    `uri` is any that MLflow takes; None means `tracking_uri()`. Raises `TrackingError` when the
    store cannot be reached.
    """

    def __init__(self, uri: str | None = None) -> None:
        started = time.perf_counter()
        self.uri = uri or tracking_uri()
        with no_copies():
            self.client = _client(self.uri)
        self.seconds = time.perf_counter() - started

    def log(
        self,
        study: str,
        records: Iterable[RunRecord],
        *,
        on_run: Callable[[RunRecord], None] | None = None,
    ) -> Tracked:
        """Log each record as a flat run of the study's experiment; `on_run` hears of each."""
        started = time.perf_counter()
        with _explained(self.uri):
            experiment = self._experiment(study)
            self._end_what_was_left(experiment)
        together = {"study": study, INVOCATION: secrets.token_hex(6), PROCESS: own_mark()}
        logged: list[tuple[str, RunRecord]] = []
        for record in records:
            with _explained(self.uri):
                logged.append((self._log_run(experiment, together, record), record))
            if on_run:
                on_run(record)
        seconds = {"open": self.seconds, "runs": time.perf_counter() - started}
        ids = tuple(run for run, _ in logged)
        links = _links(self.uri, experiment, _side_by_side(logged))
        whole = [run for run, record in logged if STUDY in record.tags] or list(ids)
        return Tracked(
            self.uri, study, experiment, ids, *links, whole[-1] if whole else "", seconds
        )

    def _experiment(self, study: str) -> str:
        found = self.client.get_experiment_by_name(study)
        if found is None:
            return str(self.client.create_experiment(study, tags=KIND))
        if found.lifecycle_stage != "active":
            self.client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)

    def _end_what_was_left(self, experiment: str) -> None:
        """Mark runs as killed whose process ended while it logged them: they run no more."""
        for run in self.client.search_runs([experiment], "attributes.status = 'RUNNING'"):
            if has_ended(run.data.tags.get(PROCESS, "")):
                self.client.set_terminated(run.info.run_id, "KILLED")

    def _log_run(self, experiment: str, together: dict[str, str], record: RunRecord) -> str:
        tags = {**together, **record.tags}
        run = self.client.create_run(experiment, run_name=record.name, tags=tags).info.run_id
        try:
            self._fill(run, record)
        except BaseException:
            with suppress(Exception):
                self.client.set_terminated(run, "KILLED")
            raise
        self.client.set_terminated(run)
        return str(run)

    def _fill(self, run: str, record: RunRecord) -> None:
        from mlflow.entities import Metric, Param

        # Files first: for each MLflow looks the run up, with all metrics that it has by then.
        for name, text in record.texts.items():
            self.client.log_text(run, text, name)
        for path in record.files:
            self.client.log_artifact(run, str(path))
        now = int(time.time() * 1000)
        metrics = [Metric(key, value, now, 0) for key, value in record.metrics.items()]
        params = [Param(key, str(value)) for key, value in record.params.items()]
        calls = max(-(-len(metrics) // METRICS_PER_CALL), -(-len(params) // PARAMS_PER_CALL))
        for call in range(calls):
            self.client.log_batch(
                run,
                metrics=metrics[call * METRICS_PER_CALL : (call + 1) * METRICS_PER_CALL],
                params=params[call * PARAMS_PER_CALL : (call + 1) * PARAMS_PER_CALL],
            )


def ui(*, uri: str | None = None, port: int = UI_PORT) -> int:
    """Serve the MLflow UI on 127.0.0.1 until it is stopped; returns its exit code.

    Raises `TrackingError` when the store is itself a server, which has its own UI, and
    `PortTakenError` where the port is not free.
    """
    store = uri or tracking_uri()
    if store.startswith("http"):
        raise TrackingError(
            f"the tracking store {store} is a server and shows its own UI; open it there, or "
            "unset MLFLOW_TRACKING_URI to look at the runs in this folder."
        )
    check_free(port)
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store]
    where = ["--host", HOST, "--port", str(port)]
    return serve([*command, *where], {**os.environ, **QUIET})


def check_reachable(uri: str) -> None:
    """Refuse within seconds, before any work, a store that cannot be there.

    Raises `TrackingError` for a server whose port is closed, and for a file that is a folder, that
    is no database, or that may not be written. What only MLflow can tell is told when it opens.
    """
    with _explained(uri):
        if uri.startswith(("http://", "https://")):
            parts = urlsplit(uri)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            socket.create_connection((parts.hostname or "", port), timeout=ANSWER).close()
        elif (path := file_of(uri)) is not None:
            _check_file(path)


def file_of(uri: str) -> Path | None:
    """The file that holds a store; None for one that lies in memory or elsewhere."""
    path = uri.removeprefix(SQLITE).partition("?")[0]
    held = uri.startswith(SQLITE) and path and not path.startswith((":memory:", "file:"))
    return Path(path) if held else None


def address_of_ui(uri: str, port: int = UI_PORT) -> str:
    """Where the runs of a store are looked at: a server's own pages, or the UI on this machine."""
    return uri.rstrip("/") if uri.startswith("http") else f"http://{HOST}:{port}"


def _check_file(path: Path) -> None:
    place = path if path.exists() else path.absolute().parent
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")
    if not os.access(place, os.W_OK):
        raise PermissionError(f"{place} cannot be written to")
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise ValueError(f"{path} is no database of sqlite")


def _client(uri: str) -> Any:
    """MLflow's client on a store that exists and answers."""
    for name, value in {**QUIET, **PATIENCE}.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    # After the import, which sets levels of its own.
    for talker in ("mlflow", "alembic"):
        logging.getLogger(talker).setLevel(logging.WARNING)
    with _explained(uri):
        _made_whole(_from_here(uri))
        if uri == DEFAULT_URI:
            _journal_ahead(Path(uri.removeprefix(SQLITE)))
        client = MlflowClient(tracking_uri=_from_here(uri))
        client.search_experiments(max_results=1)
    return client


def _made_whole(uri: str) -> None:
    """Make the file of a new store beside its place, and link it there when it is whole.

    Its tables take seconds, and a file that was left half made could never be used again. Of two
    that are made at once the first stays.
    """
    path = Path(uri.removeprefix(SQLITE))
    if not uri.startswith(f"{SQLITE}/") or path.exists() or not path.parent.is_dir():
        return
    from mlflow import MlflowClient

    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        MlflowClient(tracking_uri=f"{SQLITE}{draft}").search_experiments(max_results=1)
        with suppress(FileExistsError):
            _put(draft, path)
    finally:
        for left in path.parent.glob(f"{draft.name}*"):
            left.unlink(missing_ok=True)


def _from_here(uri: str) -> str:
    """The address with its whole path: MLflow keeps an open store by address, wherever it was."""
    path = uri.removeprefix(SQLITE)
    if path == uri or not path or path.startswith((":memory:", "file:")):
        return uri
    return f"{SQLITE}{Path(path).absolute()}"


def _put(draft: Path, path: Path) -> None:
    """The draft under its name; raises `FileExistsError` where another was sooner."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if not path.exists():
            draft.replace(path)


def _journal_ahead(path: Path) -> None:
    """Let the file in this folder be written behind a log, which waits for the disk far less.

    It stays as safe (sqlite.org/wal.html) and remembers it. A store that somebody chose stays as it
    is: it may lie where several machines write to it, for which a log is not made.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=WAL")


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Turns whatever MLflow and its stores raise into one sentence about the store."""
    try:
        yield
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise TrackingError(
            f"the tracking store {uri} cannot be used ({reason}); check MLFLOW_TRACKING_URI, "
            "or unset it to log into this folder."
        ) from error


def _side_by_side(logged: list[tuple[str, RunRecord]]) -> list[str]:
    """The runs of the newest replication that has several: they differ in their strategy only."""
    replications = [record.tags.get("replication") for _, record in logged]
    several = [name for name in replications if replications.count(name) > 1]
    return [
        run
        for (run, _), name in zip(logged, replications, strict=True)
        if not several or name == several[-1]
    ]


def _links(uri: str, experiment: str, runs: list[str]) -> tuple[str, str]:
    """MLflow's pages that compare these runs, and that chart the experiment."""
    base = address_of_ui(uri)
    chosen, where = quote(json.dumps(runs)), quote(json.dumps([experiment]))
    return (
        f"{base}/#/compare-runs?runs={chosen}&experiments={where}",
        f"{base}/#/experiments/{experiment}/runs?compareRunsMode=CHART",
    )
