"""A figure of the health card: what it is, where it is worth a look, and what to do then."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

OK, LOOK, STOP = "ok", "look", "stop"
LEVELS = (OK, LOOK, STOP)
"""ok: nothing to do. look: plan, but know this. stop: do not plan with this scenario."""


@dataclass(frozen=True)
class Figure:
    """One figure with its level; `shown` is the value as people read it.

    `ok` says where it is in order; `says` and `remedy` are sentences without their points.
    """

    figure: str
    value: float | None
    shown: str
    ok: str
    level: str
    says: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """What is found and what to do."""
        return f"{self.says}; {self.remedy}." if self.remedy else f"{self.says}."

    def to_dict(self) -> dict[str, Any]:
        """The figure as a row of the document."""
        return asdict(self)


def worst(levels: list[str]) -> str:
    """The gravest of some levels; ok where there are none."""
    return max(levels, key=LEVELS.index, default=OK)


def by_limits(value: float, look: float, stop: float) -> str:
    """ok up to the first limit, look up to the second, stop beyond."""
    return OK if value <= look else LOOK if value <= stop else STOP
