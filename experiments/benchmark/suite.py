"""The frozen suite: named markets with their cards, their sizes and their worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from experiments.study import StudyError, draw_worlds
from scenarios import Scenario, load_scenario, read_yaml
from tiermix.core.seeds import BENCHMARK_WORLDS, seed_of

SUITE = "v1"
SIZES = ("full", "tiny")
"""`tiny` is for trying things out: the same markets with few customers in two worlds each."""
ESTIMANDS = ("removal", "unfunded", "marginal", "shapley")
"""The truths that each market comes with; `experiments.validation.estimands` says what they are."""


@dataclass(frozen=True)
class Market:
    """A market of the suite: its scenario, its size, and what it is known to break."""

    name: str
    customers: int
    worlds: int
    breaks: str
    seed: int

    @cached_property
    def scenario(self) -> Scenario:
        """The market as written."""
        return load_scenario(markets_folder() / f"{self.name}.yaml")

    @cached_property
    def drawn(self) -> list[Scenario]:
        """The scenario of each world: draws of what nobody knows, where the market has any."""
        return draw_worlds(self.scenario, self.market_seed, self.worlds)

    @property
    def market_seed(self) -> int:
        """The seed of the market's draws: that of the suite with the market's place in it."""
        return seed_of(BENCHMARK_WORLDS, self.seed, _place(self.name))

    def world_seed(self, number: int) -> int:
        """The seed of the people and the random streams of a world, numbered from 1."""
        return seed_of(BENCHMARK_WORLDS, self.market_seed, number)

    def card(self) -> dict[str, Any]:
        """What a reader should know of it."""
        scenario = self.scenario
        return {
            "name": self.name,
            "title": scenario.title,
            "about": scenario.about.strip(),
            "breaks": self.breaks,
            "customers": self.customers,
            "worlds": self.worlds,
            "people": scenario.market_size,
            "currency": scenario.currency,
            "channels": list(scenario.plannable),
            "scenario_hash": scenario.hash,
        }


def markets_folder() -> Path:
    """Where the files of the suite lie."""
    return Path(str(resources.files("experiments.benchmark.markets")))


def market_names() -> tuple[str, ...]:
    """The markets of the suite in their order."""
    return tuple(_sheet()["markets"])


def load_suite(
    names: Sequence[str] | None = None, *, size: str = "full", seed: int | None = None
) -> list[Market]:
    """The markets of the suite, or those that are named; raises `StudyError` for an unknown name.

    seed: the suite's own unless given; a secret one makes markets that nobody can have tuned to.
    """
    sheet = _sheet()
    if size not in SIZES:
        raise StudyError(f"size: '{size}' is not known; use {' or '.join(SIZES)}")
    chosen = list(names) if names else list(sheet["markets"])
    for name in chosen:
        if name not in sheet["markets"]:
            raise StudyError(
                f"markets: '{name}' is no market of {SUITE}; use some of "
                f"{', '.join(sheet['markets'])}"
            )
    smaller = sheet["tiny"] if size == "tiny" else {}
    own = sheet["seed"] if seed is None else seed
    return [
        Market(name=name, seed=own, **{**sheet["markets"][name], **smaller})
        for name in sheet["markets"]
        if name in chosen
    ]


def _sheet() -> dict[str, Any]:
    file = markets_folder() / f"{SUITE}.yaml"
    return read_yaml(file.read_text("utf-8"), str(file))


def _place(name: str) -> int:
    """Markets keep their place when others are added at the end, or are not asked for."""
    return market_names().index(name)
