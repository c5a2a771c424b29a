"""A scenario's plain data without some of its channels, and without all that hangs on them.

What speaks of one channel alone goes with it: its money, its content, shocks, rules of automation
and of the plan, ranges of its figures, uncertainty of its fields. What speaks of several channels
speaks of those that are left.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

NAMES_ONE = ("channel", "made_for")
"""Fields of a part that say whose it is."""
NAMES_SEVERAL = ("channels", "adapted_to")
BOOKED = ("word_of_mouth", "desk")
"""Parts of a scenario, of which there is one, that are booked on a channel."""
KEYED = ("spend", "hand_offs")
"""Mappings by channel."""


def taken_out(above: dict[str, Any]) -> list[str]:
    """Channels that a file which extends another takes out by null."""
    channels = above.get("channels")
    return (
        [name for name, part in channels.items() if part is None]
        if isinstance(channels, dict)
        else []
    )


def without_channels(data: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The data without the channels of these names and what hangs on them."""
    gone = frozenset(names)
    if not gone:
        return data
    kept = {key: _kept(key, value, gone) for key, value in data.items()}
    if isinstance(kept.get("channels"), list):
        kept["channels"] = [x for x in kept["channels"] if x.get("name") not in gone]
    for key in BOOKED:
        if _hangs_on(kept.get(key), gone):
            # Talk that is booked nowhere is none; who calls is answered, and booked nowhere.
            kept[key] = {} if key == "word_of_mouth" else {**kept[key], "channel": ""}
    return kept


def _kept(key: str, value: Any, gone: frozenset[str]) -> Any:
    if isinstance(value, list | tuple):
        names = [x for x in value if not (key in NAMES_SEVERAL and _is_one(x, gone))]
        kept = [_kept(key, part, gone) for part in names if not _hangs_on(part, gone)]
        return [part for part in kept if not _changes_nothing(part)]
    if not isinstance(value, dict):
        return value
    return {
        name: _kept(name, part, gone)
        for name, part in value.items()
        if not (key in KEYED and name in gone)
        and not _is_path_into(name, gone)
        and not _hangs_on(part, gone)
    }


def _hangs_on(part: Any, gone: frozenset[str]) -> bool:
    """Whether a part of a list has nothing to speak of without these channels."""
    if not isinstance(part, dict):
        return False
    if any(_is_one(part.get(field), gone) for field in NAMES_ONE):
        return True
    named = part.get("channels")
    if isinstance(named, list | tuple) and named and all(_is_one(name, gone) for name in named):
        return True
    scope = str(part.get("figure", "")).partition("@")[2].removeprefix("channel:")
    return scope in gone or _is_path_into(part.get("path"), gone)


def _changes_nothing(part: Any) -> bool:
    """Whether it is a candidate of whose changes none is left."""
    changes = part.get("changes") if isinstance(part, dict) else None
    return isinstance(changes, dict) and all(change == {} for change in changes.values())


def _is_one(name: Any, gone: frozenset[str]) -> bool:
    return isinstance(name, str) and name in gone


def _is_path_into(path: Any, gone: frozenset[str]) -> bool:
    """Whether a dotted path leads into one of these channels, or to its money."""
    if not isinstance(path, str):
        return False
    steps = path.split(".")
    return (steps[0] == "channels" and len(steps) > 2 and steps[1] in gone) or (
        steps[:2] == ["history", "spend"] and len(steps) > 2 and steps[2] in gone
    )
