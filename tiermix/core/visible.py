"""Text from files as a terminal may show it: signs that would steer it are written out."""

from __future__ import annotations

import re

LONGEST_LINE = 2_000
"""Letters of a line of a message: a value from a file is shown, and fills no screen."""
# Control signs but tab and new line; marks that turn the direction of what follows.
_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
)


def visible(text: str) -> str:
    r"""The text with such signs as `\u001b`, which means the same in JSON."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shortened(text: str, most: int = LONGEST_LINE) -> str:
    """A message whose lines are cut where they are longer than anybody reads."""
    lines = text.split("\n")
    return "\n".join(line if len(line) <= most else f"{line[:most]} …" for line in lines)
