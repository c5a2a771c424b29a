"""Numbers that mean something, text that can be written, and enough people for what is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scenarios.checks.ranges import outside

if TYPE_CHECKING:
    from scenarios.data import ScenarioData

LONGEST_TEXT = 4000


def size_problems(scenario: ScenarioData) -> Iterator[str]:
    """Sentences about sizes."""
    data = scenario.model_dump(mode="python")
    yield from _values(data, "", "")
    yield from _customers(scenario)


def _values(data: Any, path: str, field: str) -> Iterator[str]:
    """Walk the data; `field` is the last name on the way that is no item's own name."""
    if isinstance(data, dict):
        for key, value in data.items():
            inner = field if field in _BY_NAME else str(key)
            yield from _values(value, f"{path}.{key}".strip("."), inner)
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            name = value.get("name", number) if isinstance(value, dict) else number
            yield from _values(value, f"{path}.{name}", field if _is_plain(value) else "")
    elif isinstance(data, str):
        yield from _text(path, data)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield from _number(path, field, float(data))


_BY_NAME = (
    *("spend", "affinity", "stage_fit", "hand_offs", "points", "before", "changes", "amounts"),
    *("service_minutes", "patience_hours"),
)
"""Mappings whose keys are names: what is under them belongs to the mapping's own field."""


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict)


def _number(path: str, field: str, value: float) -> Iterator[str]:
    if not math.isfinite(value):
        yield f"{path}: {value} is not a number; give one"
    elif wrong := outside(field, value):
        yield f"{path}: {wrong}"


def _text(path: str, value: str) -> Iterator[str]:
    if len(value) > LONGEST_TEXT:
        yield f"{path}: has {len(value):,} letters, at most {LONGEST_TEXT:,}; shorten it"
    try:
        value.encode()
    except UnicodeEncodeError:
        yield f"{path}: {ascii(value)[:40]} holds half a letter (a lone surrogate); remove it"


def _customers(scenario: ScenarioData) -> Iterator[str]:
    wanted, least = scenario.defaults.customers, 2 * len(scenario.regions)
    if wanted < least:
        yield (
            f"defaults.customers: {wanted} are too few for {len(scenario.regions)} regions with "
            f"two communities each; use at least {least}"
        )
    if wanted > scenario.market_size:
        yield (
            f"defaults.customers: {wanted:,} are more than the {scenario.market_size:,.0f} people "
            "of `market_size`; use fewer"
        )
    if 2 * scenario.defaults.communities > wanted:
        yield (
            f"defaults.communities: {scenario.defaults.communities:,} of {wanted:,} customers "
            f"would hold less than two each; use at most {wanted // 2:,}"
        )
