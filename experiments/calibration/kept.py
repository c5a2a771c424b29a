"""Markets of a fit that are done, kept on disk: a fit that was cut off goes on where it stopped.

Each is a small file named by a hash of all that its figures hang on: base, history, parameters,
place, seeds, size, our sources and the versions of the libraries that reckon. It appears whole or
not at all; one that cannot be read is simulated again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from experiments.calibration.history import History
from experiments.calibration.parameters import Parameter
from scenarios import Scenario
from tiermix.core.arrays import Floats
from tiermix.core.files import sources_hash, versions, whole_file

FIGURES = ("spend", "impressions", "clicks", "conversions", "revenue")
DIGITS = 32
TOGETHER = 6
"""Places that are simulated before they are kept: few, so that little is lost."""


@dataclass(frozen=True)
class KeptMarkets:
    """The folder of a fit's markets; without one nothing is kept."""

    folder: Path | None = None

    def read(self, key: str, like: History) -> History | None:
        """The market of that key in the shape of the history; None where it is not kept."""
        if self.folder is None:
            return None
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as found:
                figures = {name: found[name] for name in FIGURES}
                lifts = found["lifts"]
        except (OSError, ValueError, KeyError, EOFError):
            return None
        tests = tuple(
            replace(one, lift=float(lift), error=float(error))
            for one, (lift, error) in zip(like.lifts, lifts, strict=True)
        )
        return replace(like, **figures, lifts=tests, source="the simulated market", digest="")

    def write(self, key: str, answer: History) -> None:
        """Keep a market."""
        if self.folder is None:
            return
        lifts = np.array([[one.lift, one.error] for one in answer.lifts]).reshape(-1, 2)
        figures = {name: getattr(answer, name) for name in FIGURES}
        with whole_file(self.folder / f"{key}.npz", sync=False) as draft, draft.open("wb") as file:
            np.savez(file, **figures, lifts=lifts)

    def forget(self) -> None:
        """Drop all: the fit is done, and what came of it is written."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def parts(self, todo: Sequence[int]) -> Iterator[Sequence[int]]:
        """Places that are simulated at a time: all at once where nothing is kept."""
        size = TOGETHER if self.folder is not None else max(len(todo), 1)
        for first in range(0, len(todo), size):
            yield todo[first : first + size]


def key_of(
    base: Scenario,
    history: History,
    parameters: Sequence[Parameter],
    seeds: Sequence[int],
    customers: int,
    place: Floats,
) -> str:
    """What a market at a place is known again by."""
    arrays = [*(getattr(history, name) for name in FIGURES), *history.controls.values(), place]
    asked = [
        base.hash, [str(week) for week in history.weeks], list(history.channels),
        [*map(asdict, history.earlier)], [*map(asdict, history.lifts)], list(history.controls),
        [asdict(one) for one in parameters], list(seeds), customers,
        sources_hash(), versions(),
    ]  # fmt: skip
    found = hashlib.sha256(json.dumps(asked, default=str).encode())
    for array in arrays:
        found.update(b"\0" + np.ascontiguousarray(array, dtype=float).tobytes())
    return found.hexdigest()[:DIGITS]
