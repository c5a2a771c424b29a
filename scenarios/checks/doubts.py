"""What is allowed, and seldom meant: sentences for who checks a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scenarios.parts.rules import ChannelBounds, GroupBounds, Launch

if TYPE_CHECKING:
    from scenarios.data import ScenarioData


def doubts_of(scenario: ScenarioData) -> list[str]:
    """Sentences that begin with the field; none where nothing is doubted."""
    spent = scenario.reference_plan.by_channel
    new = [name for name in scenario.plannable if not spent[name]]
    doubts = [_untried(scenario, new), _held_at_nothing(scenario, new), _running(scenario, new)]
    return [*_health(scenario), *(text for found in doubts for text in found)]


def _health(scenario: ScenarioData) -> Iterator[str]:
    """What the fit to the company's history left open."""
    level = scenario.health.level
    if level in ("look", "stop"):
        yield from (f"health ({level}): {text}" for text in scenario.health.findings)


def _untried(scenario: ScenarioData, new: list[str]) -> Iterator[str]:
    launched = [rule.channel for rule in scenario.rules if isinstance(rule, Launch)]
    for name in new:
        if name not in launched:
            yield (
                f"history.spend.{name}: no money last year and no `launch` in `rules`, so a "
                "company's own data say nothing of it and experiments try the usual money of its "
                "tier; give it a launch with a month and a learning budget"
            )


def _held_at_nothing(scenario: ScenarioData, new: list[str]) -> Iterator[str]:
    for rule in scenario.rules:
        relative = isinstance(rule, ChannelBounds | GroupBounds) and rule.basis == "last_year"
        names = rule.mentions().channels
        if not relative or not names:
            continue
        alone = isinstance(rule, ChannelBounds)
        held = [name for name in names if name in new] if alone else []
        if held or (not alone and set(names) <= set(new)):
            yield (
                f"rules.{rule.name}: {', '.join(held or names)} had no money last year, and a "
                "change on nothing is nothing; bound it in money, or do not name it"
            )


def _running(scenario: ScenarioData, new: list[str]) -> Iterator[str]:
    for rule in scenario.rules:
        if isinstance(rule, Launch) and rule.channel not in new:
            yield (
                f"rules.{rule.name}: {rule.channel} had money last year, and before "
                f"{rule.start} the launch stops it; is it a new one?"
            )
