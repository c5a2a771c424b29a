"""A market's past and its experiments, lived once whatever is asked of its planned year.

Budget, rules, goals, objective and names are asked of the planned year and change no past: variants
that differ in nothing else share last year's people to the last row (`Scenario.market_hash`).
Anything else that differs is another market and is lived anew. Its draws are the same all the same:
seeds hang on the study's seed and the draw's number, and each drawn factor on the parameter's path,
so that a parameter that two variants have in common is drawn alike.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from experiments.curves import (
    MULTIPLIERS,
    curve_kpis,
    curves_from,
    lived_experiments,
    trial_spend,
)
from experiments.study import draw_worlds, seeds_of_worlds
from optimize import ResponseCurves
from scenarios import Scenario
from sim import (
    MarketYear,
    Setting,
    WarmedUpMarket,
    Workers,
    checked_seed,
    settings_of,
    simulate_histories,
)
from tiermix.core.progress import Progress, named
from tiermix.core.seeds import MEASURED_CURVES, seed_of


class LivedMarket:
    """A market of so many customers over so many draws: what is lived of it is kept."""

    def __init__(
        self, seed: int, customers: int, draws: int, workers: Workers, progress: Progress | None
    ) -> None:
        self.seed, self.customers, self.draws = seed, customers, draws
        self.workers, self.progress = workers, progress
        self._pasts: dict[tuple[int, str], WarmedUpMarket] = {}
        self._years: dict[str, tuple[WarmedUpMarket, list[MarketYear]]] = {}
        self._curves: dict[str, ResponseCurves] = {}

    def pasts(self, scenario: Scenario) -> list[WarmedUpMarket]:
        """Last year in every draw, as the scenario's own; lived when first asked for.

        A draw that is not possible under one variant's rules is drawn again there, and lived there.
        """
        worlds = draw_worlds(scenario, self.seed, self.draws)
        every = list(enumerate(world.market_hash for world in worlds))
        new = [(n, market) for n, market in every if (n, market) not in self._pasts]
        seeds = seeds_of_worlds(self.seed, self.draws)
        settings = settings_of(
            [worlds[n] for n, _ in new], self.customers, [seeds[n] for n, _ in new]
        )
        if settings:
            told = named(self.progress, "last year")
            lived = simulate_histories(settings, workers=self.workers, progress=told)
            self._pasts |= dict(zip(new, lived, strict=True))
        return [self._pasts[key].under(world) for key, world in zip(every, worlds, strict=True)]

    def curves(self, scenario: Scenario) -> ResponseCurves:
        """The scenario's own curves; experiments are lived once for all that ask the same of them.

        Experiments hang on what is tried of new channels, curves also on the KPIs that are needed.
        """
        name = curves_key(scenario)
        if name not in self._curves:
            past, years = self._experiments(scenario)
            years = [replace(year, scenario=scenario) for year in years]
            kpis = curve_kpis(scenario)
            self._curves[name] = curves_from(past.under(scenario), years, kpis, MULTIPLIERS)
        return self._curves[name]

    def _experiments(self, scenario: Scenario) -> tuple[WarmedUpMarket, list[MarketYear]]:
        tried = _digest(_trials(scenario))
        if tried not in self._years:
            mine = seed_of(MEASURED_CURVES, checked_seed(self.seed))
            setting = Setting(scenario, self.customers, mine)
            self._years[tried] = lived_experiments(
                setting, workers=self.workers, progress=self.progress
            )
        return self._years[tried]


def curves_key(scenario: Scenario) -> str:
    """What a scenario's own curves hang on, seed and customers apart: equal keys, equal curves."""
    asked = {"kpis": curve_kpis(scenario), "objective": scenario.objective}
    return _digest({"market": scenario.market_hash, "trials": _trials(scenario), **asked})


def _trials(scenario: Scenario) -> dict[str, list[float]]:
    return {name: [float(x) for x in money] for name, money in trial_spend(scenario).items()}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
