"""Name or path → Scenario, with overrides; YAML itself is read in `scenarios.yaml_io`.

A file that begins with `extends: retail` (a library name, or a path beside the file) says only
what differs from that scenario: mappings are merged, everything else is replaced. A list of named
parts is replaced by a list, and changed part by part by a mapping of names:

    extends: retail
    channels:
      douyin: {peak: 0.2}
    history:
      spend: {forums: null}

`null` takes out what the base has; a channel goes with all that hangs on it. The hash is that of
the result. A file may extend one that extends another, but not itself. `format: 1` is the version
of the form, which is no part of the scenario.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenarios.amounts import budget_of
from scenarios.dotted_paths import PathError, places
from scenarios.schema import Scenario
from scenarios.sentences import sentences
from scenarios.without import taken_out, without_channels
from scenarios.yaml_io import LARGEST_FILE, file_text, read_yaml
from tiermix.core.errors import ScenarioError
from tiermix.core.hints import hint
from tiermix.core.tables.formats import FIELD, SCENARIO, check_format

MOST_BASES = 20
"""Files that may extend one another in a row."""
SHOWN = 80

__all__ = ["LARGEST_FILE", "ScenarioError", "build_scenario", "library_names", "load_scenario"]


class PatchError(ScenarioError):
    """What a file that extends another says of a part cannot be laid over it."""


def library_names() -> tuple[str, ...]:
    """Names of the scenarios that come with Tiermix."""
    folder = resources.files("scenarios.library")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml")))


def library_text(name: str) -> str:
    """The YAML of a scenario of the library, as it was written; raises `ScenarioError`."""
    if name not in library_names():
        near = get_close_matches(name[:SHOWN], library_names(), n=1)
        known = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(library_names())}"
        raise ScenarioError(
            f"SCENARIO: there is no scenario '{_short(name, str)}' in the library and no such "
            f"file; {known}"
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
    source, data = whole(name_or_path)
    return build_scenario(data, {**(overrides or {}), **more}, source)


def whole(
    name_or_path: str | os.PathLike[str], seen: tuple[str, ...] = (), beside: Path | None = None
) -> tuple[str, dict[str, Any]]:
    """Where a scenario comes from and its plain data, laid over what it `extends`."""
    place = name_or_path if beside is None else _beside(beside, str(name_or_path))
    source, text = _read(place)
    if len(seen) > MOST_BASES:
        raise ScenarioError(
            f"{source}: more than {MOST_BASES} files extend one another; put some of them together"
        )
    if source in seen:
        raise ScenarioError(
            f"{source}: extends itself ({' -> '.join((*seen, source))}); let one of them stand on "
            "its own"
        )
    data = read_yaml(text, source)
    check_format(data.pop(FIELD, None), SCENARIO, source, ScenarioError)
    base = data.pop("extends", None)
    if base is None:
        return source, data
    if not isinstance(base, str) or not base or "\0" in base:
        raise ScenarioError(
            f"{source}: extends: {_short(base)} is no scenario; give the name of one, or a path"
        )
    folder = Path(place).parent if Path(place).is_file() else None
    try:
        _, below = whole(base, (*seen, source), folder)
    except ScenarioError as error:
        raise ScenarioError(f"{source}: extends: {error}") from None
    try:
        return source, without_channels(laid_over(below, data), taken_out(data))
    except PatchError as error:
        raise ScenarioError(f"{source}: {error}") from None


def _beside(folder: Path, base: str) -> str | Path:
    """A base that is a file is looked for beside the file that extends it."""
    is_file = Path(base).suffix in (".yaml", ".yml")
    return (folder / base).resolve() if is_file else base


def laid_over(below: Any, above: Any, path: str = "") -> Any:
    """`above` over `below`: mappings are merged, all else is replaced; null takes a key out.

    A mapping over a list of named parts changes those parts, takes them out where it says null, or
    adds new ones at the end. Raises `PatchError` where it says something else of a part.
    """
    if not isinstance(above, dict):
        return above
    if isinstance(below, list | tuple) and all(map(_has_name, below)):
        return _parts_changed(list(below), above, path)
    if not isinstance(below, dict):
        return above
    merged = {
        key: laid_over(below[key], value, f"{path}{key}.")
        for key, value in above.items()
        if key in below
    }
    found = {**below, **above, **merged}
    return {key: x for key, x in found.items() if key not in above or above[key] is not None}


def _has_name(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("name"), str)


def _parts_changed(below: list[Any], above: dict[Any, Any], path: str) -> list[Any]:
    """A list of named parts with those changed, taken out or added that `above` names."""
    known = {part["name"]: part for part in below}
    for name, part in above.items():
        if part is None and name not in known:
            raise PatchError(
                f"{path}{_short(name, str)}: is not there and cannot be taken out; "
                f"{hint(str(name)[:80], list(known))}"
            )
        if not isinstance(part, dict | None):
            raise PatchError(
                f"{path}{_short(name, str)}: {_short(part)} says nothing of that part; write its "
                "fields, as in {field: value}, or null to take it out"
            )
    changed = [
        laid_over(part, above.get(name, {}), f"{path}{name}.")
        for name, part in known.items()
        if above.get(name, {}) is not None
    ]
    return [*changed, *({"name": n, **part} for n, part in above.items() if n not in known)]


def _short(value: Any, said: Callable[[Any], str] = repr) -> str:
    """A value in a sentence, which a long one does not fill."""
    text = said(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def build_scenario(data: dict[str, Any], overrides: Mapping[str, Any], source: str) -> Scenario:
    """A scenario from plain data; overrides may name any field, written in the file or not.

    A budget may be text, as in `9.6m`, or `80%` of the scenario's own; a channel that is null goes
    with all that hangs on it.
    """
    base = _validated(data, source)
    if not overrides:
        return base
    full = base.model_dump(mode="json")
    gone = [path for path, given in overrides.items() if given is None and _is_channel(path)]
    for path, given in overrides.items():
        if path in gone:
            _found(full, path, source)  # raises where there is none
            continue
        as_text = path == "budget" and isinstance(given, str)
        value = budget_of(given, base.budget) if as_text else given
        for place in _found(full, path, source):
            place.put(value)
    full = without_channels(full, [path.split(".")[1] for path in gone])
    return _validated(full, f"{source} with changes")


def _is_channel(path: str) -> bool:
    steps = path.split(".")
    return len(steps) == 2 and steps[0] == "channels" and steps[1] != "*"


def _found(data: dict[str, Any], path: str, source: str) -> Any:
    try:
        return places(data, path)
    except PathError as error:
        raise ScenarioError(f"{source}: changed value {error}") from None


def _validated(data: dict[str, Any], source: str) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError("\n".join(sentences(error, data, source))) from None
    except UnicodeEncodeError as error:
        found = ascii(error.object)[:80]
        raise ScenarioError(
            f"{source}: {found} holds half a letter (a lone surrogate); remove it"
        ) from None


def _read(name_or_path: str | os.PathLike[str]) -> tuple[str, str]:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or _is_there(path):
        return str(path), file_text(path)
    name = str(name_or_path)
    return f"scenario '{name}'", library_text(name)


def _is_there(path: Path) -> bool:
    """Whether a name is a file's; one that is too long for a file is none."""
    try:
        return path.exists()
    except OSError:
        return False
