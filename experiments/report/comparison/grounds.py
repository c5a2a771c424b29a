"""What a study rests on: what it was given, what nobody can know, and how it is made again."""

from __future__ import annotations

from typing import Any

from experiments.comparison.result import Comparison
from experiments.wording import TIERS
from scenarios import Scenario, library_names, load_scenario
from tiermix.core.figures import number, short_money


def grounds(scenario: Scenario, comparison: Comparison) -> dict[str, Any]:
    """The fields `given`, `uncertain` and `repeat` of the report's data."""
    return {
        "given": _given(scenario),
        "uncertain": [(one.path, one.spread, one.shared) for one in scenario.uncertainty],
        "repeat": _repeat(scenario, comparison),
    }


def _given(scenario: Scenario) -> dict[str, str]:
    """What the study was given, for readers who have not seen the scenario."""
    count = [sum(c.tier == tier for c in scenario.channels) for tier in TIERS]
    return {
        "people in the market": number(scenario.market_size),
        "budget of the year": short_money(scenario.budget, scenario.currency),
        "planned months": f"{scenario.months[0]} to {scenario.months[-1]}",
        "channels by tier": " · ".join(map(str, count)),
        "rules": f"{len(scenario.rules)}",
        "goals": f"{len(scenario.goals)}",
    }


def _repeat(scenario: Scenario, comparison: Comparison) -> list[str]:
    """The command, and where the scenario is if it is none of the library's."""
    known = scenario.name in library_names() and load_scenario(scenario.name).hash == scenario.hash
    name = scenario.name if known else "scenario.yaml"
    tried = ",".join(comparison.strategies)
    command = (
        f"tiermix run {name} --seed {comparison.seed} --customers {comparison.customers} "
        f"--replications {comparison.replications} --strategies {tried}"
    )
    if known:
        return [command]
    return [command, "scenario.yaml is kept with each tracked run of this study."]
