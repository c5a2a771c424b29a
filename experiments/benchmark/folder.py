"""A suite that was made: where everything lies in its folder, and what a model may read of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.benchmark.suite import Market, load_suite
from experiments.benchmark.truth import read_truth
from experiments.study import StudyError
from journeys import JourneyLog
from scenarios import Scenario

SHEET = "suite.json"


@dataclass(frozen=True)
class WorldFolder:
    """One world of one market, as a company would see it: all that a model may read."""

    market: Market
    number: int
    folder: Path

    @property
    def scenario(self) -> Scenario:
        """The market as written, which is public; what was drawn for this world is not."""
        return self.market.scenario

    @property
    def weight(self) -> float:
        """People of the market behind each customer of the log."""
        return self.scenario.market_size / self.market.customers

    @cached_property
    def log(self) -> JourneyLog:
        """Touches and conversions of the planned year."""
        return JourneyLog.read(self.folder)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """`date, channel, spend` of the planned year."""
        return pd.read_parquet(self.folder / "ledger.parquet")

    @cached_property
    def aggregates(self) -> pd.DataFrame:
        """`week, region, channel, spend, …` of the planned year."""
        return pd.read_parquet(self.folder / "aggregates.parquet")


@dataclass(frozen=True)
class SuiteFolder:
    """A suite on disk. `truth` is where its answers lie: in the folder, or hidden elsewhere."""

    out: Path
    truth: Path
    markets: tuple[Market, ...]
    sheet: dict[str, Any]

    @classmethod
    def open(cls, out: Path, truth: Path | None = None) -> SuiteFolder:
        """A suite that was made; raises `StudyError` where there is none.

        truth: the folder of answers of a suite whose answers are hidden.
        """
        sheet = _read(out / SHEET)
        place = truth or out / "truth"
        seed = sheet["seed"]
        if sheet["hidden"]:
            answers = place / SHEET
            seed = _read(answers)["seed"] if answers.is_file() else 0
        names = [market["name"] for market in sheet["markets"]]
        return cls(out, place, tuple(load_suite(names, size=sheet["size"], seed=seed)), sheet)

    def worlds(self) -> list[WorldFolder]:
        """Every world of every market."""
        return [
            WorldFolder(market, number, world_folder(self.out, market.name, number))
            for market in self.markets
            for number in range(1, market.worlds + 1)
        ]

    def answers(self, world: WorldFolder) -> tuple[pd.DataFrame, dict[str, float]]:
        """The truths of a world, and facts of it; raises `StudyError` where they are hidden."""
        stem = answer_file(self.truth, world.market.name, world.number)
        return read_truth(stem), _read(stem.with_suffix(".json"))["facts"]


def world_folder(out: Path, market: str, number: int) -> Path:
    """Where the tables of a world lie."""
    return out / "markets" / market / f"world-{number}"


def answer_file(truth: Path, market: str, number: int) -> Path:
    """Where the truths of a world lie."""
    return truth / market / f"world-{number}.csv"


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except OSError:
        raise StudyError(
            f"{file}: there is no such file; give a folder in which a suite was made"
        ) from None
    except ValueError as error:
        raise StudyError(f"{file}: is no JSON ({error}); make the suite again") from error
    if not isinstance(found, dict):
        raise StudyError(f"{file}: is not what a suite writes; make the suite again")
    return found
