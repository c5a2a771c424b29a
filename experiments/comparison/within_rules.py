"""A strategy's plan brought within the rules on money, by moving as little as possible."""

from __future__ import annotations

from dataclasses import replace

from experiments.comparison.strategy import Choice, Knowledge
from optimize import money_moved, nearest
from tiermix.core import figures

NEAREST = (
    "moved as little as the rules on money ask for; rules on what the money brings are left out"
)


def within_rules(knows: Knowledge, choice: Choice) -> Choice:
    """The choice with the nearest plan that keeps the rules on money, which need no curves."""
    found = nearest(knows.scenario, choice.media)
    moved = money_moved(choice.media, found)
    if moved <= 1e-6 * knows.scenario.budget:
        return choice
    said = f"{figures.money(moved, knows.scenario.currency)} moved to keep the rules on money"
    return replace(choice, media=found, note="; ".join(filter(None, [choice.note, said])))
