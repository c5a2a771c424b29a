"""Companies whose true market is known: a plain market with other parameters, and its weeks."""

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.history import WEEK, History
from experiments.calibration.market import as_history, live
from experiments.calibration.parameters import Parameter, applied, parameters_of
from scenarios import Scenario
from tests.experiments.plain_market import PERSON, plain_market

Array = NDArray[np.float64]
CHANNELS = ("video", "social", "radio")
SALE = {"name": "sale 2025", "start": "2025-06-01", "end": "2025-06-28", "needs": 1.5}

BASE_RULES = [
    {"kind": "budget", "name": "budget", "sense": "at_most"},
    {
        "kind": "commitment",
        "name": "promised",
        "channel": "radio",
        "sense": "at_least",
        "amounts": {"2026-03": 1000},
    },
    {"kind": "kpi_floor", "name": "many orders", "kpi": "conversions", "at_least": 10000},
]


# Needs that come by themselves make most of the orders, as they do for established companies.
OWN_NEEDS = {"needs_per_year": 2.0, "repeat_needs_per_year": 2.0}


def base(**more: Any) -> Scenario:
    """The plain market with a season, told by a channel of direct visits."""
    history = {"spend": {name: [1e6] for name in CHANNELS}, "variation": 0.5}
    parts: dict[str, Any] = {"history": history, "seasons": [SALE]}
    parts |= {"personas": [PERSON | OWN_NEEDS], "defaults": {"customers": 1500, "communities": 12}}
    return plain_market(direct=True, **{**parts, **more})


def money(seed: int, told: bool) -> History:
    """A year of spend that wanders; with figures of its channels to come, or without."""
    luck = np.random.default_rng(seed)
    weeks = tuple(dt.date(2025, 1, 1) + n * WEEK for n in range(52))
    spend = 1e6 / 52 * np.exp(0.6 * luck.standard_normal((52, 3)))
    figures = np.ones((52, 3)) if told else np.full((52, 3), np.nan)
    return History(weeks, CHANNELS, spend, figures, figures, np.ones(52), np.ones(52), "made up")


def company(
    scenario: Scenario, truth: Array | None, *, seed: int, customers: int, told: bool = True
) -> tuple[History, tuple[Parameter, ...]]:
    """A year of the scenario moved by `truth` [K] (not at all if None), and what may move."""
    spent = money(seed, told)
    parameters = parameters_of(scenario, spent)
    moved = scenario if truth is None else applied(scenario, parameters, truth)
    seen = as_history(live([moved], [seed], customers, spent, workers=1)[0], spent, scenario)
    if told:
        return seen, parameters
    hidden = {"impressions": spent.impressions, "clicks": spent.clicks, "spend": spent.spend}
    return History(**{**vars(seen), **hidden}), parameters
