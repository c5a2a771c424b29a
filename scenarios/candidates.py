"""A scenario in which candidate investments have been bought, and which candidates exclude others.

The history year is what it was: a bought system begins on its day. Integration dials keep their
values until then, automation rules answer and content is released from then on; all else that a
candidate changes begins with the planned year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import Any

from scenarios.checks.candidates import DIALS
from scenarios.dotted_paths import Place, places
from scenarios.load import build_scenario, laid_over
from scenarios.parts.investments import Candidate
from scenarios.schema import Scenario
from tiermix.core.errors import ScenarioError


def with_bought(scenario: Scenario, names: Collection[str]) -> Scenario:
    """The scenario with its candidates of these names bought: each is one of its `investments`.

    Raises `ScenarioError` where what they change together cannot be.
    """
    data = scenario.model_dump(mode="json")
    mine = [one for one in scenario.candidates if one.name in names]
    for one in mine:
        _buy(data, scenario, one)
    data["candidates"] = []
    words = " and ".join(one.name for one in mine) or "nothing bought"
    found = build_scenario(data, {}, f"{scenario.name} with {words}")
    _check_grown(scenario, found, words)
    return found


def _check_grown(scenario: Scenario, found: Scenario, words: str) -> None:
    """Refuse what would leave the past without something that it has lived with."""
    if [c.name for c in found.channels] != [c.name for c in scenario.channels]:
        raise ScenarioError(
            f"candidates: {words} adds or removes a channel; have the channel in the scenario, and "
            "let media compete for it"
        )
    for field in ("automation.rules", "content.assets"):
        part, _, name = field.partition(".")
        before, now = ([x.name for x in getattr(getattr(s, part), name)] for s in (scenario, found))
        if now[: len(before)] != before:
            raise ScenarioError(
                f"candidates: {words} takes out some of {field}; write what it adds as a mapping "
                "of names, which leaves the others"
            )


def alternatives(scenario: Scenario) -> frozenset[frozenset[str]]:
    """Pairs of candidates that change the same thing: at most one of such a pair can be bought."""
    touched = {one.name: set(_touched(scenario, one)) for one in scenario.candidates}
    return frozenset(
        frozenset(pair)
        for pair in combinations(touched, 2)
        if any(_same(a, b) for a in touched[pair[0]] for b in touched[pair[1]])
    )


def _buy(data: dict[str, Any], scenario: Scenario, one: Candidate) -> None:
    start, before = (one.start or scenario.start).isoformat(), {}
    for path, value in one.changes.items():
        for place in places(data, path):
            if place.path in DIALS:
                before[place.path.partition(".")[2]] = place.get()
            place.put(laid_over(place.get(), _dated(place, value, start)))
    for other in data["investments"]:
        # What a dial was before an earlier system is past; a dial changes once.
        other["before"] = {k: x for k, x in other["before"].items() if k not in before}
    bought = one.model_dump(mode="json", exclude={"changes", "start"})
    data["investments"] = [*data["investments"], {**bought, "start": start, "before": before}]


def _dated(place: Place, value: Any, start: str) -> Any:
    """New rules of automation answer from `start` on, unless they say another day themselves."""
    if place.path != "automation.rules" or not isinstance(value, dict):
        return value
    known = {rule["name"] for rule in place.get()}
    return {
        name: {"since": start, **rule} if name not in known and isinstance(rule, dict) else rule
        for name, rule in value.items()
    }


def _touched(scenario: Scenario, one: Candidate) -> Iterator[str]:
    data = scenario.model_dump(mode="json")
    for path, value in one.changes.items():
        for place in places(data, path):
            yield from _leaves(place.path, value)


def _leaves(path: str, value: Any) -> Iterable[str]:
    if not isinstance(value, dict) or not value:
        return [path]
    return [leaf for key, inner in value.items() for leaf in _leaves(f"{path}.{key}", inner)]


def _same(one: str, other: str) -> bool:
    """Whether one path is the other, or lies within it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
