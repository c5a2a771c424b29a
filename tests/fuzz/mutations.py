"""A good file made bad, a little or a lot, the same way for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

ODD_CELLS = (
    *("", " ", "nan", "inf", "-inf", "1e400", "-1", "0", "1,000", "1.000,5", "１２", "1_000", "٣"),
    *("=1+1", "a > b", "a > > b", "total", "合计", "\ufeff", "\u202eabc", "x" * 3_000, '"', "'"),
    *("2025-02-30", "0001-01-01", "9999-12-31", "2025-W53", "45658", "1/2/3", "NULL", "null"),
    *("true", "{}", "[]", "*a", "&a", "!!x", "1:30:00", "010", "\x00", "\x1b[31m", "1e308"),
    *("抖音", "💥", "\ud7ff", "9" * 400, "-0", "3%", "¥5"),
)
ODD_BYTES = (
    *(
        b"\x00",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b'"',
        b"\x1f\x8b",
        b"PK",
    ),
)
SEPARATORS = b",;\t|:>{}[]#&*!%@-?"

Mutation = Callable[[random.Random, bytes], bytes]


def mutated(seed: int, data: bytes) -> bytes:
    """The bytes after one to three changes."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 3)):
        data = dice.choice(MUTATIONS)(dice, data)
    return data


def _place(dice: random.Random, data: bytes) -> int:
    return dice.randrange(len(data) + 1)


def _cut(dice: random.Random, data: bytes) -> bytes:
    return data[: _place(dice, data)]


def _dropped(dice: random.Random, data: bytes) -> bytes:
    start = _place(dice, data)
    return data[:start] + data[start + dice.randint(1, 40) :]


def _inserted(dice: random.Random, data: bytes) -> bytes:
    start = _place(dice, data)
    return data[:start] + dice.choice(ODD_BYTES) + data[start:]


def _flipped(dice: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    start = dice.randrange(len(data))
    return data[:start] + bytes([data[start] ^ (1 << dice.randrange(8))]) + data[start + 1 :]


def _other_mark(dice: random.Random, data: bytes) -> bytes:
    """One separator in the place of another, everywhere or once."""
    old, new = (bytes([dice.choice(SEPARATORS)]) for _ in range(2))
    return data.replace(old, new, dice.choice([1, -1]))


def _other_cell(dice: random.Random, data: bytes) -> bytes:
    """A cell, or a value of a mapping, replaced by an odd one."""
    lines = data.split(b"\n")
    n = dice.randrange(len(lines))
    mark = b"," if b"," in lines[n] else b":"
    cells = lines[n].split(mark)
    cells[dice.randrange(len(cells))] = dice.choice(ODD_CELLS).encode("utf-8", "replace")
    lines[n] = mark.join(cells)
    return b"\n".join(lines)


def _lines_moved(dice: random.Random, data: bytes) -> bytes:
    """A line doubled, taken out, or put first."""
    lines = data.split(b"\n")
    n = dice.randrange(len(lines))
    change = dice.randrange(3)
    if change == 0:
        lines.insert(n, lines[n])
    elif change == 1:
        lines.pop(n)
    else:
        lines.insert(0, lines.pop(n))
    return b"\n".join(lines)


def _other_encoding(dice: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(dice.choice(["utf-16", "utf-16-le", "gb18030", "utf-8-sig"]), "replace")


def _column_gone(dice: random.Random, data: bytes) -> bytes:
    """A column taken out, or doubled, in every line."""
    rows = [line.split(b",") for line in data.split(b"\n")]
    n, doubled = dice.randrange(max(len(rows[0]), 1)), dice.random() < 0.5
    for row in rows:
        if n < len(row):
            row[n : n + 1] = [row[n]] * 2 if doubled else []
    return b"\n".join(b",".join(row) for row in rows)


MUTATIONS: tuple[Mutation, ...] = (
    *(_cut, _dropped, _inserted, _flipped, _other_mark, _other_cell, _other_cell, _other_cell),
    *(_lines_moved, _other_encoding, _column_gone),
)
