"""Worlds: draws of what a planner cannot know."""

from __future__ import annotations

import hashlib

import numpy as np
from pydantic import ValidationError

from scenarios import Scenario, ScenarioError, places
from tiermix.core.seeds import WORLD_DRAWS

WIDEST = 2.5
"""Draws lie within so many standard deviations: a world stays a world."""


def draw_world(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with every uncertain parameter times a lognormal factor of this seed.

    Of the shocks that may happen, those of this world are sure and the others gone. Each draw is
    keyed by the parameter's path or the shock's name, so that one more leaves the others as they
    were. Raises `ScenarioError` when a drawn value breaks the schema.
    """
    unsure = any(0.0 < shock.probability < 1.0 for shock in scenario.shocks)
    if not scenario.uncertainty and not unsure:
        return scenario
    data = scenario.model_dump(mode="json")
    data["shocks"] = [
        {**shock, "probability": 1.0}
        for shock in data["shocks"]
        if _stream(f"shocks.{shock['name']}", seed).random() < shock["probability"]
    ]
    for item in scenario.uncertainty:
        for place in places(data, item.path):
            path = item.path if item.shared else place.path
            place.put(place.get() * np.exp(item.spread * _normal(path, seed)))
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ScenarioError(
            f"uncertainty: world {seed} has {'.'.join(map(str, first['loc']))} = "
            f"{first.get('input')!r}, which cannot be ({first['msg']}); lower its `spread`"
        ) from None


def _stream(path: str, seed: int) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big")
    return np.random.default_rng([WORLD_DRAWS, seed, key])


def _normal(path: str, seed: int) -> float:
    return float(np.clip(_stream(path, seed).standard_normal(), -WIDEST, WIDEST))
