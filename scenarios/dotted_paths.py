"""Dotted paths into a scenario's data: `channels.douyin.peak`, `personas.*.needs_per_year`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tiermix.core.errors import TiermixError


class PathError(TiermixError):
    """A dotted path that leads nowhere: the sentence names the step and what stands there."""


@dataclass(frozen=True)
class Place:
    """One value inside nested data: the container, its key, and the path in full."""

    holder: Any
    key: Any
    path: str

    def get(self) -> Any:
        """The value."""
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        """Replace the value."""
        self.holder[self.key] = value


def places(data: Any, path: str) -> list[Place]:
    """All places that a path names; `*` stands for every item; raises `PathError`."""
    found = [Place({"": data}, "", "")]
    for step in path.split("."):
        found = [inner for place in found for inner in _step(place, step, path)]
    return found


def _step(place: Place, step: str, path: str) -> list[Place]:
    options = _options(place.get())
    if step == "*":
        return [Place(h, k, f"{place.path}.{n}".strip(".")) for n, (h, k) in options.items()]
    if step not in options:
        near = get_close_matches(step, list(options), n=1)
        known = ", ".join(list(options)[:12]) or "nothing"
        hint = f"did you mean '{near[0]}'?" if near else f"there is: {known}"
        raise PathError(f"'{path}': no '{step}' in {place.path or 'the scenario'}; {hint}")
    holder, key = options[step]
    return [Place(holder, key, f"{place.path}.{step}".strip("."))]


def _options(value: Any) -> dict[str, tuple[Any, Any]]:
    """Names of the items of a mapping, or of a list by each item's `name` or number."""
    if isinstance(value, dict):
        return {str(key): (value, key) for key in value}
    if isinstance(value, list | tuple):
        names = [_name(item, i) for i, item in enumerate(value)]
        return {name: (value, i) for i, name in enumerate(names)}
    return {}


def _name(item: Any, number: int) -> str:
    if isinstance(item, dict):
        return str(item.get("name", item.get("path", number)))
    return str(number)
