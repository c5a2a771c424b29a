"""Who was treated: the words of a column of groups, and the names that a user gives."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from experiments.company_data.doubts import TableError, some
from tiermix.core.hints import hint

TREATED_WORDS = "1 1.0 true yes y t treated treatment test exposed on 实验组 处理组 测试组 是"
CONTROL_WORDS = """
0 0.0 false no n c control holdout hold_out hold-out baseline base off 对照组 对照 否
"""
TREATED, CONTROL = set(TREATED_WORDS.split()), {"", *CONTROL_WORDS.split()}


def names_of(text: str | None) -> list[str]:
    """Names as they are typed, with commas between."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def matched(wanted: Sequence[str], known: Sequence[str], what: str, source: str) -> list[str]:
    """The table's own spelling of names; `TableError` for one that it does not have."""
    spelled = {name.casefold(): name for name in known}
    for name in wanted:
        if name.casefold() not in spelled:
            raise TableError(
                f"{source}: --treated {name!r} is no {what} of the table; {hint(name, known)}"
            )
    return list(dict.fromkeys(spelled[name.casefold()] for name in wanted))


def split_groups(
    values: Sequence[str], wanted: Sequence[str], column: str, source: str
) -> tuple[list[str], list[str]]:
    """Values that mean treated, and those that mean control, by words or as they are named."""
    known = list(dict.fromkeys(values))
    if len(known) < 2:
        raise TableError(
            f"{source}: column {column!r} says {some([*map(repr, known)])} throughout; a test has "
            "a group that was treated and one that was not."
        )
    if wanted:
        treated = matched(wanted, known, f"group (column {column!r})", source)
        rest = [name for name in known if name not in treated]
        words = [name for name in rest if name.casefold() in CONTROL]
        return treated, (words or rest) if len(rest) > 1 else rest
    control = [name for name in known if name.casefold() in CONTROL]
    treated = [name for name in known if name.casefold() in TREATED]
    if len(known) == 2 and len(control) + len(treated) >= 1:
        control = control or [name for name in known if name not in treated]
        treated = [name for name in known if name not in control]
    if len(treated) == 1 and control and len(treated) + len(control) == len(known):
        return treated, control
    raise TableError(
        f"{source}: column {column!r} has the groups {some([*map(repr, known)], 6)}; say which was "
        f"treated, as in --treated {shlex.quote(known[-1])}."
    )
