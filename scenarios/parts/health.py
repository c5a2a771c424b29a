"""What a calibration found of the scenario that it wrote: whether it may be planned with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scenarios.parts.base import Part

Level = Literal["unknown", "ok", "look", "stop"]


class Health(Part):
    """The verdict of the health card that `tiermix calibrate` made; no market lives by it.

    `stop` is said before anything is done with the scenario. `health: null` takes it out.
    """

    level: Level = Field("unknown", description="unknown: it was never fitted to a history")
    findings: tuple[str, ...] = Field((), max_length=40, description="what is not in order")
