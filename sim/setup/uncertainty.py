"""Worlds: draws of what a planner cannot know."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from pydantic import ValidationError

from scenarios import Scenario, ScenarioError, places
from tiermix.core.seeds import WORLD_DRAWS

WIDEST = 2.5
"""Draws lie within so many standard deviations: a world stays a world."""
ATTEMPTS = 25
"""Draws of a world that are tried before it is said that none can be."""


def draw_world(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with every uncertain parameter times a lognormal factor of this seed.

    Of the shocks that may happen, those of this world are sure and the others gone. Each draw is
    keyed by the parameter's path or the shock's name, so that one more leaves the others as they
    were. Values that are each possible and not together, as with more rows a day than there is
    room for, are drawn again: worlds are those of the prior cut to what can be. Raises
    `ScenarioError` for a value outside its own bounds, and where no draw can be.
    """
    unsure = any(0.0 < shock.probability < 1.0 for shock in scenario.shocks)
    if not scenario.uncertainty and not unsure:
        return scenario
    told = ""
    for attempt in range(ATTEMPTS):
        try:
            return Scenario.model_validate(_drawn(scenario, seed, attempt))
        except ValidationError as error:
            _refuse(error, seed)
            told = told or error.errors()[0]["msg"]
    raise ScenarioError(
        f"uncertainty: of {ATTEMPTS} draws of world {seed} none can be; the first: {told}. "
        "Lower the `spread` of what is uncertain there"
    )


def _refuse(error: ValidationError, seed: int) -> None:
    """Raise where a value is outside its own bounds: its spread is too wide for what it is."""
    first = error.errors()[0]
    if first["loc"]:
        raise ScenarioError(
            f"uncertainty: world {seed} has {'.'.join(map(str, first['loc']))} = "
            f"{first.get('input')!r}, which cannot be ({first['msg']}); lower its `spread`"
        ) from None


def _drawn(scenario: Scenario, seed: int, attempt: int) -> dict[str, Any]:
    """The fields of a world; every attempt has draws of its own."""
    again = f" again {attempt}" if attempt else ""
    data: dict[str, Any] = scenario.model_dump(mode="json")
    data["shocks"] = [
        {**shock, "probability": 1.0}
        for shock in data["shocks"]
        if _stream(f"shocks.{shock['name']}", seed).random() < shock["probability"]
    ]
    for item in scenario.uncertainty:
        for place in places(data, item.path):
            path = item.path if item.shared else place.path
            place.put(place.get() * np.exp(item.spread * _normal(path + again, seed)))
    return data


def _stream(path: str, seed: int) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big")
    return np.random.default_rng([WORLD_DRAWS, seed, key])


def _normal(path: str, seed: int) -> float:
    return float(np.clip(_stream(path, seed).standard_normal(), -WIDEST, WIDEST))
