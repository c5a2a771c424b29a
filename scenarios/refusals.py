"""What pydantic finds wrong in a scenario in plain words: what a field takes instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHOWN = 80
"""Letters of a value that stand in a sentence."""
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


def without_echoes(findings: Iterable[Any]) -> list[Any]:
    """The findings but for lists that are too short because items of theirs are refused."""
    found = list(findings)
    inside = {item["loc"][:n] for item in found for n in range(len(item["loc"]))}
    return [x for x in found if not (x["type"] == "too_short" and x["loc"] in inside)]


def wanted(item: Any) -> str:
    """What the field takes instead of the value."""
    kind, value = item["type"], item.get("input")
    if kind in LISTS:
        alone = isinstance(value, int | float | str) and len(str(value)) <= SHOWN
        return f"it takes a list{f', in brackets as [{value}]' if alone else ''}"
    if kind in WANTED:
        return f"it takes {WANTED[kind]}"
    return str(item["msg"]).lower().replace("tuple should", "the list should")
