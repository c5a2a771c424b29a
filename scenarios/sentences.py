"""What a scenario refuses, as sentences: the field by names, its line in a file, the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenarios.refusals import wanted, without_echoes
from scenarios.schema import Scenario
from scenarios.yaml_io import file_text, line_of

SCHEMA = "(`tiermix scenarios schema`)"
NAME = (
    "a name has small English letters, figures and _, a letter first; what it is called in Chinese "
    "goes to name_zh, of the scenario itself to title_zh"
)


def sentences(error: ValidationError, data: Any, source: str) -> Iterator[str]:
    """Each finding in a line of its own, with the file and the line where it stands in one."""
    file = Path(source)
    text = file_text(file) if file.suffix in (".yaml", ".yml") and file.is_file() else ""
    for item in without_echoes(error.errors()):
        said = _sentence(data, item)
        line = line_of(text, said.partition(": ")[0].split(".")) if text else None
        yield f"{source}: {said}" if line is None else f"{source}, line {line}: {said}"


def _sentence(data: Any, item: Any) -> str:
    """One of pydantic's findings as a sentence with the path by names and the value."""
    field = ".".join(_named(data, item["loc"]))
    if item["type"] == "value_error":
        message = str(item["ctx"]["error"])
        return f"{field}: {message}" if field else message
    if item["type"] == "extra_forbidden":
        return f"{field}: there is no such field; {_remedy(str(item['loc'][-1]))} {SCHEMA}"
    if item["type"] == "missing":
        return f"{field}: is missing; add it"
    value = repr(item.get("input"))[:80]
    if item["type"] == "string_pattern_mismatch" and item["loc"][-1] == "name":
        return f"{field}: {value} cannot be used: {NAME}"
    return f"{field}: {value} cannot be used: {wanted(item)}"


def _remedy(field: str) -> str:
    """The field that was likely meant."""
    schema = Scenario.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    known = {name for part in parts for name in part.get("properties", {})}
    near = get_close_matches(field[:80], sorted(known), n=1)
    return f"did you mean '{near[0]}'?" if near else "check its spelling"


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
