"""Markets lived in pieces that are kept: a study that was cut off goes on with the next piece."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.comparison.result import Comparison
from experiments.comparison.run import judged
from experiments.comparison.strategy import Strategy
from experiments.scenario_comparison.kept import Kept, key_of
from experiments.study import Clock
from scenarios import Scenario
from sim import Workers, settings_of, simulate_histories

PIECE = 8
"""Markets that are lived together: so many at most are lost when a study is cut off."""


@dataclass
class Markets:
    """Lives markets for a planner who knows the `scenario` alone; remembers what it used."""

    scenario: Scenario
    tried: tuple[Strategy, ...]
    customers: int
    seed: int
    workers: Workers
    clock: Clock
    kept: Path | None
    reused: int = 0

    def __post_init__(self) -> None:
        self.store, self.keys = Kept(self.kept), list[str | None]()

    def live(self, worlds: Sequence[Scenario], seeds: Sequence[int], what: str) -> list[Comparison]:
        """Every strategy in every one of these markets, with the people of its seed; by piece."""
        report, found = self.clock.progress_of(what), []
        for start in range(0, len(worlds), PIECE):
            part = slice(start, start + PIECE)
            found.append(self._piece(worlds[part], seeds[part]))
            if report:
                report(what, min(start + PIECE, len(worlds)), len(worlds))
        return found

    def forget(self) -> None:
        """Drop pieces of other questions that were asked in the same folder."""
        self.store.forget(self.keys)

    def _piece(self, worlds: Sequence[Scenario], seeds: Sequence[int]) -> Comparison:
        key = self._key(worlds, seeds)
        self.keys.append(key)
        before = self.store.read(key, self.tried)
        if isinstance(before, Comparison):
            self.reused += 1
            return before
        settings = settings_of(list(worlds), self.customers, list(seeds))
        pasts = simulate_histories(settings, workers=self.workers)
        quiet = Clock(None)
        mine = judged(self.scenario, self.tried, pasts, None, self.seed, self.workers, quiet)
        self.store.write(key, mine.comparison)
        return mine.comparison

    def _key(self, worlds: Sequence[Scenario], seeds: Sequence[int]) -> str | None:
        base = key_of(self.scenario, self.tried, self.seed, self.customers, len(worlds))
        if base is None:
            return None
        asked = [base, [world.hash for world in worlds], list(seeds)]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[: len(base)]


def merits(pieces: Sequence[Comparison]) -> pd.DataFrame:
    """The objective turned so that more is better: a row a market, a column a strategy."""
    return pd.concat([piece.merit(piece.objective) for piece in pieces], ignore_index=True)


def left_out(pieces: Sequence[Comparison]) -> dict[str, str]:
    """Strategies that cannot be recommended, and why.

    A plan that breaks a rule on money is out. A rule on what the money brings is judged piece by
    piece, each of which may fail it by chance: a strategy is out where most pieces say so.
    """
    found = {}
    for name in pieces[0].strategies:
        standings = [piece.standing(name) for piece in pieces]
        lived = {rule.rule for s in standings for rule in s.lived}
        money = sorted({r.rule for s in standings for r in s.broken} - lived)
        outcomes = sorted(
            rule for rule in lived
            if sum(any(r.rule == rule for r in s.broken) for s in standings) > len(pieces) / 2
        )  # fmt: skip
        if not any(standing.has_plan for standing in standings):
            found[name] = "made no plan of its own in any draw"
        elif money or outcomes:
            found[name] = f"breaks {', '.join([*money, *outcomes])}"
    return found
