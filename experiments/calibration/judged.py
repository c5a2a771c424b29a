"""A calibration as those see it who judge it: what it was fitted to, and where it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from experiments.calibration.contributions import Contribution
from experiments.calibration.fit import Posterior
from experiments.calibration.history import History
from experiments.calibration.problem import Problem, Slope
from scenarios import Scenario


@dataclass(frozen=True)
class Foretold:
    """A fit that has not seen the last `horizon` weeks, and the slopes that it was made with.

    `start` is where the slopes were measured.
    """

    horizon: int
    posterior: Posterior
    start: Any
    slopes: Sequence[Slope]


class Judged(Protocol):
    """A calibration, as far as there is something to say of it."""

    @property
    def base(self) -> Scenario: ...
    @property
    def history(self) -> History: ...
    @property
    def problem(self) -> Problem: ...
    @property
    def whole(self) -> Posterior: ...
    @property
    def bare(self) -> Posterior | None: ...
    @property
    def foretold(self) -> tuple[Foretold, ...]: ...
    @property
    def fitted(self) -> Scenario: ...
    @property
    def left_out(self) -> int: ...
    @property
    def fit(self) -> dict[str, Any]: ...
    @property
    def parameters(self) -> list[dict[str, Any]]: ...
    @property
    def fit_by_channel(self) -> list[dict[str, Any]]: ...
    @property
    def brought(self) -> tuple[Contribution, ...]: ...
    @property
    def readings(self) -> dict[str, tuple[float, float]]: ...
    @property
    def lifts(self) -> list[dict[str, Any]]: ...
    @property
    def unfit(self) -> tuple[str, ...]: ...
