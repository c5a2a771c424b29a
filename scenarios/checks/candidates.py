"""What has to hold of investments that may be bought: days, names, and what they may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scenarios.dotted_paths import PathError, places
from tiermix.core.hints import unknown

if TYPE_CHECKING:
    from scenarios.data import ScenarioData
    from scenarios.parts.investments import Candidate

CAN_CHANGE = (
    *("integration", "automation", "content", "channels", "desk", "loyalty", "leads", "inventory"),
    "word_of_mouth",
)
"""Parts of a scenario that a company can change by buying something."""
OF_PEOPLE = ("integration.consent", "integration.interests")
"""Fields within them that people have from the start, whatever is bought later."""
DIALS = {f"integration.{n}" for n in ("resolution", "personalisation", "seamless", "discipline")}
DATED = {*DIALS, "automation.rules", "content.assets"}
"""What has a date in the market, and can begin within the year."""


def candidate_problems(scenario: ScenarioData) -> Iterator[str]:
    """Sentences about candidate investments."""
    taken = {item.name for item in scenario.investments}
    for one in scenario.candidates:
        field = f"candidates.{one.name}"
        if one.name in taken:
            yield f"{field}: 'investments' has one of this name already; give it another"
        yield from _days(scenario, field, one)
        yield from _twice(scenario, field, one)
        for path, value in one.changes.items():
            yield from _path(scenario, field, path)
            if path == "content.assets" and isinstance(value, dict):
                yield from _releases(scenario, field, one, value)


def _days(scenario: ScenarioData, field: str, one: Candidate) -> Iterator[str]:
    start = one.start or scenario.start
    last = scenario.start.replace(year=scenario.start.year + 1)
    if not scenario.start <= start < last:
        yield (
            f"{field}.start: {start} lies outside the planned year, which begins on "
            f"{scenario.start} and ends before {last}; move it into the year"
        )
    late = [path for path in one.changes if path not in DATED]
    if start > scenario.start and late:
        yield (
            f"{field}.start: {late[0]} has no date in the market and can only begin with the "
            f"planned year; set `start` to {scenario.start}, or leave it out"
        )


def _twice(scenario: ScenarioData, field: str, one: Candidate) -> Iterator[str]:
    for item in scenario.investments:
        for dial in item.before:
            if item.start > scenario.start and f"integration.{dial}" in one.changes:
                yield (
                    f"{field}.changes: '{item.name}' changes integration.{dial} within the planned "
                    f"year, on {item.start}, and a level changes once; leave one of them out"
                )


def _releases(
    scenario: ScenarioData, field: str, one: Candidate, assets: dict[str, Any]
) -> Iterator[str]:
    start = str(one.start or scenario.start)
    known = {asset.name for asset in scenario.content.assets}
    for name, asset in assets.items():
        released = str(asset.get("release", start)) if isinstance(asset, dict) else start
        if name not in known and released < start:
            yield (
                f"{field}.changes: content.assets.{name} is released on {released}, before the "
                f"investment begins on {start}; release it later"
            )


def _path(scenario: ScenarioData, field: str, path: str) -> Iterator[str]:
    head = path.partition(".")[0]
    if head not in CAN_CHANGE:
        yield unknown(f"{field}.changes", "part", head, CAN_CHANGE)
    elif path in CAN_CHANGE:
        yield (
            f"{field}.changes: '{path}' is a whole part; name what changes in it, as in "
            "integration.resolution"
        )
    elif path in OF_PEOPLE:
        yield f"{field}.changes: people bring '{path}' along, and nothing bought changes it"
    else:
        try:
            places(scenario.model_dump(mode="python"), path)
        except PathError as error:
            yield f"{field}.changes: {error}"
