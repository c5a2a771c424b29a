"""Name or path → Scenario, with overrides; the only module that reads YAML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from scenarios.errors import TiermixError
from scenarios.paths import PathError, places
from scenarios.schema import Scenario

LARGEST_FILE = 5_000_000


class ScenarioError(TiermixError):
    """A scenario that cannot be used: the message names file, field, value and remedy."""


def library_names() -> tuple[str, ...]:
    """Names of the scenarios that come with Tiermix."""
    folder = resources.files("scenarios.library")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml")))


def library_text(name: str) -> str:
    """The YAML of a scenario of the library, as it was written; raises `ScenarioError`."""
    if name not in library_names():
        near = get_close_matches(name, library_names(), n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(library_names())}"
        raise ScenarioError(
            f"SCENARIO: there is no scenario '{name}' in the library and no such file; {hint}"
        )
    return resources.files("scenarios.library").joinpath(f"{name}.yaml").read_text("utf-8")


def load_scenario(
    name_or_path: str | os.PathLike[str],
    overrides: Mapping[str, Any] | None = None,
    **more: Any,
) -> Scenario:
    """The scenario of a library name or of a YAML file, with dotted paths overridden.

    `load_scenario("retail", {"channels.douyin.peak": 0.2}, budget=2e7)`. Raises `ScenarioError`
    with file, field, value and remedy.
    """
    source, text = _read(name_or_path)
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{source}: is not valid YAML: {_first_line(error)}") from None
    if not isinstance(data, dict):
        raise ScenarioError(f"{source}: holds no scenario; it has to be a mapping of fields")
    return build(data, {**(overrides or {}), **more}, source)


def build(data: dict[str, Any], overrides: Mapping[str, Any], source: str) -> Scenario:
    """A scenario from plain data; overrides may name any field, written in the file or not."""
    base = _validated(data, source)
    if not overrides:
        return base
    full = base.model_dump(mode="json")
    for path, value in overrides.items():
        for place in _found(full, path, source):
            place.put(value)
    return _validated(full, f"{source} with --set")


def _found(data: dict[str, Any], path: str, source: str) -> Any:
    try:
        return places(data, path)
    except PathError as error:
        raise ScenarioError(f"{source}: --set {error}") from None


def _validated(data: dict[str, Any], source: str) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [_sentence(data, item) for item in error.errors()]
        raise ScenarioError("\n".join(f"{source}: {line}" for line in lines)) from None


def _sentence(data: Any, item: Any) -> str:
    """One of pydantic's findings as a sentence with the path by names and the value."""
    field = ".".join(_named(data, item["loc"]))
    if item["type"] == "value_error":
        message = str(item["ctx"]["error"])
        return f"{field}: {message}" if field else message
    if item["type"] == "extra_forbidden":
        return f"{field}: there is no such field; check its spelling (`tiermix scenarios schema`)"
    if item["type"] == "missing":
        return f"{field}: is missing; add it"
    value = repr(item.get("input"))
    return f"{field}: {value[:80]} cannot be used: {item['msg'].lower()}"


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


def _read(name_or_path: str | os.PathLike[str]) -> tuple[str, str]:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or path.exists():
        return str(path), _file_text(path)
    name = str(name_or_path)
    return f"scenario '{name}'", library_text(name)


def _file_text(path: Path) -> str:
    if not path.is_file():
        raise ScenarioError(f"{path}: there is no such file; give a YAML file or a library name")
    if path.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: is larger than {LARGEST_FILE:,} bytes; is it a scenario?")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: is not UTF-8 text; save it as UTF-8") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
