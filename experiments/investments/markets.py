"""Packages lived in drawn markets, paired by common random numbers; what is done is kept on disk.

In each draw the past is lived once, without anything bought. Media are planned on what the company
saw of it, for the money that a package leaves. Then the planned year is lived by the same people
with the same random streams, whatever is bought.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.comparison.planning import choose_at
from experiments.comparison.strategy import Choice, Strategy
from experiments.direction import sign
from experiments.investments.packages import NOTHING, Package, Packages
from experiments.scenario_comparison.kept import DIGITS, key_of
from experiments.study import Clock, StudyError
from scenarios import MediaPlan, Scenario, build_scenario
from sim import (
    Arm,
    Scorecard,
    WarmedUpMarket,
    Workers,
    draw_world,
    settings_of,
    simulate_arms,
    simulate_histories,
)
from tiermix.core.arrays import Floats
from tiermix.core.files import write_text

PIECE = 4
"""Draws that are lived together: so many at most are lost when a study is cut off."""
OF_THE_DRAW = ("personas", "seasons", "rivals", "shocks", "behaviour", "search", "margin_rate")
"""What a draw has in common whatever is bought."""


class Cell(NamedTuple):
    """One way to live a draw: what is bought, and the package that leaves the money for media.

    They differ where what a package does is told from the media that are given up for it.
    """

    bought: Package = NOTHING
    money: Package = NOTHING

    @classmethod
    def of(cls, package: Package) -> Cell:
        """The package bought, with media on what it leaves."""
        return cls(package, package)


@dataclass(frozen=True)
class Lived:
    """What came of a cell in some draws: the objective, more being better, and money on media.

    `plan` is the media plan of the first of these draws; `fallbacks` are the reasons of the planner
    in draws in which it made no plan of its own and kept last year's split.
    """

    merit: list[float]
    spend: list[float]
    plan: list[list[float]]
    fallbacks: list[str]


@dataclass
class InvestmentMarkets:
    """Lives cells in the draws of these seeds; `reused` counts pieces that were kept from before.

    `pasts` and `choices` of a piece are remembered, so that cells can be asked for one by one.
    """

    packages: Packages
    strategy: Strategy
    customers: int
    seeds: Sequence[int]
    workers: Workers
    clock: Clock
    kept: Path | None
    reused: int = 0
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._pasts: dict[int, list[WarmedUpMarket]] = {}
        self._choices: dict[tuple[int, Package], list[Choice]] = {}
        self._lived: dict[tuple[int, Cell], Lived] = {}

    def live(self, cells: Sequence[Cell], what: str) -> None:
        """Live these cells in every draw, piece by piece; `what` they are is told as progress."""
        report, draws = self.clock.progress_of(what), len(self.seeds)
        for start in range(0, draws if cells else 0, PIECE):
            if report:
                report(what, start, draws)
            self._piece(start, list(dict.fromkeys(cells)))
            if report:
                report(what, min(start + PIECE, draws), draws)

    def merit(self, cell: Cell) -> Floats:
        """The objective of a cell in each draw [D], more being better."""
        found = np.array([x for one in self._of(cell) for x in one.merit])
        if not np.isfinite(found).all():
            raise StudyError(
                f"objective: {self.packages.scenario.objective} is missing in some draw, so that "
                "it cannot decide; choose one that every draw has, or simulate more customers"
            )
        return found

    def spend(self, cell: Cell) -> Floats:
        """Money on media in each draw [D]."""
        return np.array([x for one in self._of(cell) for x in one.spend])

    def plan(self, cell: Cell) -> MediaPlan:
        """The media plan of the first draw."""
        scenario = self.packages.scenario
        first = next(self._of(cell))
        return MediaPlan(scenario.plannable, scenario.months, np.array(first.plan))

    def fallbacks(self) -> tuple[int, str]:
        """In how many media plans last year's split was kept, and why in the first of them."""
        money = {(start, cell.money): one.fallbacks for (start, cell), one in self._lived.items()}
        reasons = [reason for mine in money.values() for reason in mine]
        return len(reasons), next(iter(reasons), "")

    def _of(self, cell: Cell) -> Iterator[Lived]:
        return (self._lived[start, cell] for start in range(0, len(self.seeds), PIECE))

    def _piece(self, start: int, cells: list[Cell]) -> None:
        missing = []
        for cell in cells:
            if (start, cell) in self._lived:
                continue
            before = self._read(start, cell)
            if before is None:
                missing.append(cell)
            else:
                self._lived[start, cell] = before
                self.reused += 1
        if missing:
            for cell, lived in zip(missing, self._simulated(start, missing), strict=True):
                self._lived[start, cell] = lived
                self._write(start, cell, lived)

    def _simulated(self, start: int, cells: list[Cell]) -> list[Lived]:
        pasts = self._past(start)
        self._plan(start, pasts, list(dict.fromkeys(cell.money for cell in cells)))
        markets, arms, places = [], [], []
        for bought in dict.fromkeys(cell.bought for cell in cells):
            mine = [cell for cell in cells if cell.bought == bought]
            for n, past in enumerate(pasts):
                markets.append(self._after(past, bought))
                arms.append([Arm(self._choices[start, cell.money][n].media) for cell in mine])
                places.append([(cell, n) for cell in mine])
        years = simulate_arms(markets, arms, workers=self.workers)
        cards = {
            place: Scorecard(year).estimates()
            for some, mine in zip(places, years, strict=True)
            for place, year in zip(some, mine, strict=True)
        }
        return [self._told(start, cell, [cards[cell, n] for n in range(len(pasts))])
                for cell in cells]  # fmt: skip

    def _told(self, start: int, cell: Cell, cards: list[dict[str, tuple[float, float]]]) -> Lived:
        objective = self.packages.scenario.objective
        choices = self._choices[start, cell.money]
        return Lived(
            merit=[sign(objective) * figures[objective][0] for figures in cards],
            spend=[figures["spend"][0] for figures in cards],
            plan=_on_the_grid(choices[0].media, self.packages.scenario).amounts.tolist(),
            fallbacks=[choice.note for choice in choices if choice.fallback],
        )

    def _past(self, start: int) -> list[WarmedUpMarket]:
        if start not in self._pasts:
            seeds = list(self.seeds[start : start + PIECE])
            plain = self.packages.bought(NOTHING)
            settings = settings_of([draw_world(plain, s) for s in seeds], self.customers, seeds)
            self._pasts[start] = simulate_histories(settings, workers=self.workers)
        return self._pasts[start]

    def _plan(self, start: int, pasts: list[WarmedUpMarket], packages: list[Package]) -> None:
        new = [package for package in packages if (start, package) not in self._choices]
        if not new:
            return
        scenarios = [self.packages.left(package) for package in new]
        plain = self.packages.bought(NOTHING)
        found = choose_at(plain, scenarios, self.strategy, pasts, self.workers)
        for k, package in enumerate(new):
            choices = [mine[k] for mine in found]
            self._check(package, scenarios[k].budget, choices)
            self._choices[start, package] = choices

    def _check(self, package: Package, left: float, choices: list[Choice]) -> None:
        """Refuse a planner that spends on media what has gone to something else."""
        most = max(choice.media.total for choice in choices)
        if package and most > left * (1 + 1e-6):
            raise StudyError(
                f"strategy: {self.strategy.name} spends {most:,.0f} where {' and '.join(package)} "
                f"leaves {left:,.0f}; choose one that keeps to the scenario's budget"
            )

    def _after(self, past: WarmedUpMarket, bought: Package) -> WarmedUpMarket:
        """The market of a draw with a package bought: the same draw in all else."""
        seed, ours = past.setting.seed, past.setting.scenario
        world = draw_world(self.packages.bought(bought), seed)
        if any(getattr(world, name) != getattr(ours, name) for name in OF_THE_DRAW):
            raise StudyError(
                f"uncertainty: the draw of seed {seed} cannot be with {' and '.join(bought)} bought"
                "; lower the `spread` of what is uncertain"
            )
        return past.going_on(_as_before(world, ours, bought))

    def _read(self, start: int, cell: Cell) -> Lived | None:
        file = self._file(start, cell)
        if file is None or not file.is_file():
            return None
        try:
            return Lived(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, start: int, cell: Cell, lived: Lived) -> None:
        file = self._file(start, cell)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(file, json.dumps(lived.__dict__, ensure_ascii=False))

    def _file(self, start: int, cell: Cell) -> Path | None:
        """Where a piece is kept: by all that its figures hang on."""
        if self.kept is None:
            return None
        plain, seeds = self.packages.bought(NOTHING), list(self.seeds[start : start + PIECE])
        base = key_of(plain, (self.strategy,), 0, self.customers, len(seeds))
        if base is None:
            return None
        asked: list[Any] = [base, seeds, self.packages.bought(cell.bought).hash]
        asked.append(self.packages.left(cell.money).hash)
        name = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:DIGITS]
        self.keys.add(name)
        return self.kept / f"{name}.json"


def forget(kept: Path | None, needed: set[str]) -> None:
    """Drop pieces of other questions that were asked in the same folder."""
    for file in kept.glob("*.json") if kept else ():
        if re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", file.stem) and file.stem not in needed:
            file.unlink(missing_ok=True)


def _as_before(world: Scenario, ours: Scenario, bought: Package) -> Scenario:
    """The drawn world in which levels are, until something is bought, those that were drawn."""
    data = world.model_dump(mode="json")
    for one in data["investments"]:
        if one["name"] in bought:
            one["before"] = {dial: getattr(ours.integration, dial) for dial in one["before"]}
    return build_scenario(data, {}, world.name)


def _on_the_grid(plan: MediaPlan, scenario: Scenario) -> MediaPlan:
    """A plan by month on all of the scenario's channels."""
    monthly = plan.monthly()
    rows = [
        monthly.of(name) if name in monthly.channels else np.zeros(len(scenario.months))
        for name in scenario.plannable
    ]
    return MediaPlan(scenario.plannable, scenario.months, np.array(rows))
