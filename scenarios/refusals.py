"""What pydantic finds wrong in a scenario, as sentences that say what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHOWN = 80
"""Signs of a value that stand in a sentence."""
NUMBER, TEXT, DATE = "a number, as 0.5", "text", "a date, as 2026-01-31"
FIELDS = "fields with their values, as {name: value}"
WANTED: Mapping[str, str] = {
    "float_type": NUMBER, "float_parsing": NUMBER, "int_type": "a whole number, as 12",
    "int_parsing": "a whole number, as 12", "int_from_float": "a whole number, as 12",
    "string_type": TEXT, "dict_type": FIELDS, "model_type": FIELDS,
    "model_attributes_type": FIELDS, "dataclass_type": FIELDS, "date_type": DATE,
    "date_parsing": DATE, "date_from_datetime_parsing": DATE, "date_from_datetime_inexact": DATE,
}  # fmt: skip
"""What a field takes, by pydantic's name of the finding; it has more, whose words do."""
LISTS = ("tuple_type", "list_type", "set_type")


def sentences(data: Any, findings: Iterable[Any]) -> list[str]:
    """Each finding with the path by names, the value and what to write.

    A list is not told to be too short for items that are themselves refused.
    """
    found = list(findings)
    refused = [item["loc"] for item in found]
    inside = {place[:n] for place in refused for n in range(len(place))}
    shown = [x for x in found if not (x["type"] == "too_short" and x["loc"] in inside)]
    return [_sentence(data, item) for item in shown]


def _sentence(data: Any, item: Any) -> str:
    field = ".".join(_named(data, item["loc"]))
    if item["type"] == "value_error":
        message = str(item["ctx"]["error"])
        return f"{field}: {message}" if field else message
    if item["type"] == "extra_forbidden":
        return f"{field}: there is no such field; check its spelling (`tiermix scenarios schema`)"
    if item["type"] == "missing":
        return f"{field}: is missing; add it"
    return f"{field}: {repr(item.get('input'))[:SHOWN]} cannot be used: {_wanted(item)}"


def _wanted(item: Any) -> str:
    """What the field takes instead of the value."""
    kind, value = item["type"], item.get("input")
    if kind in LISTS:
        alone = isinstance(value, int | float | str) and len(str(value)) <= SHOWN
        return f"it takes a list{f', in brackets as [{value}]' if alone else ''}"
    if kind in WANTED:
        return f"it takes {WANTED[kind]}"
    return str(item["msg"]).lower().replace("tuple should", "the list should")


def _named(data: Any, location: tuple[Any, ...]) -> list[str]:
    """Steps of a location with list numbers replaced by the items' names."""
    steps = []
    for step in location:
        inner = None
        if isinstance(data, dict):
            inner = data.get(step)
        elif isinstance(data, list | tuple) and isinstance(step, int) and step < len(data):
            inner = data[step]
        named = isinstance(step, int) and isinstance(inner, dict) and "name" in inner
        steps.append(str(inner["name"]) if named and inner else str(step))
        data = inner if inner is not None else data
    return steps
