"""Studies that were tracked: which there are, what each was asked and found, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

from experiments.tracking.labels import COMMAND, INVOCATION, LINE, STUDY
from experiments.tracking.store import (
    UI_PORT,
    Store,
    TrackingError,
    address_of_ui,
    file_of,
    tracking_uri,
)
from tiermix.core.hints import hint_sentence

PAGE_OF_STUDIES = 1000  # runs that a store gives at a time
OURS = "tiermix/"  # how the names of our experiments begin
LAST = "last"
SHORT = 8
"""Letters of a study's id that are shown; so many, or fewer that are no other's, name it."""


@dataclass(frozen=True)
class StudyRun:
    """A study as it was tracked: what was asked, what came out, and when.

    `line` is the command that made it, empty where Python did.
    """

    id: str
    name: str
    began: datetime
    experiment: str
    status: str
    params: Mapping[str, str] = field(repr=False)
    metrics: Mapping[str, float] = field(repr=False)
    tags: Mapping[str, str] = field(repr=False)

    @property
    def short(self) -> str:
        """The first letters of its id."""
        return self.id[:SHORT]

    @property
    def command(self) -> str:
        """The command that makes such studies."""
        return self.tags.get(COMMAND, "")

    @property
    def line(self) -> str:
        """The command as it was typed."""
        return self.tags.get(LINE, "")

    @property
    def invocation(self) -> str:
        """What no other command shares."""
        return self.tags.get(INVOCATION, "")

    def to_dict(self) -> dict[str, Any]:
        """Fields as they are, tags of the tracking store itself left out."""
        return {
            "id": self.id,
            "name": self.name,
            "began": self.began.isoformat(timespec="seconds"),
            "command": self.command,
            "line": self.line,
            "experiment": self.experiment,
            "status": self.status,
            "params": dict(self.params),
            "metrics": dict(self.metrics),
            "tags": {k: v for k, v in self.tags.items() if not k.startswith("mlflow.")},
        }


class Studies:
    """The tracked studies of a store, newest first.

    Raises `TrackingError` for a store that is not there (none is made by looking) or cannot be
    reached.
    """

    def __init__(self, uri: str | None = None) -> None:
        self.uri = uri or tracking_uri()
        file = file_of(self.uri)
        if file is not None and not file.exists():
            raise TrackingError(
                f"there is no tracking store {self.uri} yet, so no study; `tiermix run retail` "
                "makes one in this folder, and MLFLOW_TRACKING_URI names another."
            )
        self.client = Store(self.uri).client

    def all(self, *, command: str | None = None, scenario: str | None = None) -> list[StudyRun]:
        """Every study, of one command or of one scenario if asked."""
        experiments = {one.experiment_id: one.name for one in self._experiments()}
        found = [self._read(run, experiments) for run in self._runs(list(experiments))]
        return [
            study
            for study in found
            if command in (None, study.command)
            and scenario in (None, study.tags.get("scenario"), _subject(study.experiment))
        ]

    def named(self, letters: str) -> StudyRun:
        """The study whose id starts so, or the newest one as `last`.

        Raises `TrackingError` where that is none or several.
        """
        every = self.all()
        if letters == LAST and every:
            return every[0]
        found = [study for study in every if letters and study.id.startswith(letters)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(study.id[: len(letters) + 4] for study in found)
            raise TrackingError(f"{len(found)} studies begin with {letters!r}: {ids}; give more.")
        near = hint_sentence(letters, [study.short for study in every])
        raise TrackingError(f"there is no study {letters!r}; {near}")

    def made_again(self, before: StudyRun) -> StudyRun:
        """The newest study of the same command; raises `TrackingError` where there is no newer."""
        for study in self.all():
            if study.line == before.line and study.began > before.began:
                return study
        raise TrackingError(f"`{before.line}` tracked no study; it may have been stopped.")

    def page(self, study: StudyRun) -> Path:
        """The study's page on this disk; raises `TrackingError` where it has none.

        It is fetched to a folder for a time only where the store keeps it elsewhere.
        """
        pages = [one.path for one in self._artifacts(study) if one.path.endswith(".html")]
        if not pages:
            raise TrackingError(f"the study {study.short} kept no page; run it again to get one.")
        return self._fetched(study, str(pages[0]))

    def file(self, study: StudyRun, name: str) -> Path:
        """One of the files that were kept with it; raises `TrackingError` where it has none such.

        It is fetched to a folder for a time only where the store keeps it elsewhere.
        """
        kept = self.files(study)
        if name not in kept:
            told = ", ".join(kept) or "nothing"
            raise TrackingError(f"the study {study.short} kept no {name}; it kept {told}.")
        return self._fetched(study, name)

    def files(self, study: StudyRun) -> list[str]:
        """Names of the files that were kept with it."""
        return [one.path for one in self._artifacts(study)]

    def links(self, port: int = UI_PORT) -> dict[str, str]:
        """By experiment, the page of the UI that lists its studies alone, newest first."""
        base = address_of_ui(self.uri, port)
        only = quote(f"tags.{STUDY} = 'true'")
        view = f"searchFilter={only}&orderByKey=attributes.start_time&orderByAsc=false"
        return {
            one.name: f"{base}/#/experiments/{one.experiment_id}/runs?{view}"
            for one in self._experiments()
            if one.name.startswith(OURS)
        }

    def _fetched(self, study: StudyRun, name: str) -> Path:
        here = _on_this_disk(self.client.get_run(study.id).info.artifact_uri)
        if here is not None and (here / name).is_file():
            return here.joinpath(name)
        return Path(str(self.client.download_artifacts(study.id, name)))

    def _artifacts(self, study: StudyRun) -> Sequence[Any]:
        found: Sequence[Any] = self.client.list_artifacts(study.id)
        return found

    def _experiments(self) -> list[Any]:
        return list(self._paged(self.client.search_experiments))

    def _runs(self, experiments: list[str]) -> list[Any]:
        if not experiments:
            return []
        return self._paged(
            self.client.search_runs,
            experiment_ids=experiments,
            filter_string=f"tags.{STUDY} = 'true'",
            order_by=["attributes.start_time DESC"],
        )

    @staticmethod
    def _paged(search: Any, **asked: Any) -> list[Any]:
        found: list[Any] = []
        token = None
        while True:
            page = search(max_results=PAGE_OF_STUDIES, page_token=token, **asked)
            found += page
            token = page.token
            if not token:
                return found

    @staticmethod
    def _read(run: Any, experiments: Mapping[str, str]) -> StudyRun:
        info, data = run.info, run.data
        return StudyRun(
            id=info.run_id,
            name=info.run_name,
            began=datetime.fromtimestamp(info.start_time / 1000, UTC),
            experiment=experiments[info.experiment_id],
            status=str(info.status).lower(),
            params=dict(data.params),
            metrics=dict(data.metrics),
            tags=dict(data.tags),
        )


def differences(studies: Sequence[StudyRun]) -> dict[str, list[str | float | None]]:
    """What was asked otherwise in one study than in another, and what came out, by name.

    Parameters that are the same in all are left out, and so are figures that one of them lacks.
    """
    asked = dict.fromkeys(name for study in studies for name in study.params)
    told: dict[str, list[str | float | None]] = {}
    for name in asked:
        values: list[str | float | None] = [study.params.get(name) for study in studies]
        if len(set(values)) > 1:
            told[name] = values
    for name in studies[0].metrics:
        if all(name in study.metrics for study in studies):
            told[name] = [study.metrics[name] for study in studies]
    return told


def unlike(one: StudyRun, other: StudyRun) -> dict[str, tuple[float | None, float | None]]:
    """Figures of a study that are not to the last digit those of another."""
    names = dict.fromkeys([*one.metrics, *other.metrics])
    pairs = {name: (one.metrics.get(name), other.metrics.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _subject(experiment: str) -> str:
    """The scenario of an experiment `tiermix/SCENARIO/…`."""
    parts = experiment.split("/")
    return parts[1] if len(parts) > 1 else ""


def _on_this_disk(uri: str) -> Path | None:
    """The folder of an address, where that is one of this machine."""
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(url2pathname(parts.path))
    return Path(uri) if not parts.scheme else None
