"""What every part of a scenario is made of: frozen data with units, names and ranges."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Reference = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*)?$", max_length=40)]
"""The name of another part, or nothing."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Tier = Literal[1, 2, 3]

STAGES = ("unaware", "aware", "considering", "intent", "customer", "loyal", "advocate", "lapsed")
Stage = Literal[
    "unaware", "aware", "considering", "intent", "customer", "loyal", "advocate", "lapsed"
]


class Part(BaseModel):
    """Frozen data that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stretch(Part):
    """Days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date = Field(description="last day, included")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            name = getattr(self, "name", type(self).__name__.lower())
            raise ValueError(f"{name}: `end` {self.end} lies before `start` {self.start}")
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether `day` lies within."""
        return self.start <= day <= self.end
