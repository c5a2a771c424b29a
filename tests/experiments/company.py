"""Companies whose true market is known: a plain market with other parameters, and its weeks."""

import datetime as dt

import numpy as np

from experiments.calibration.history import WEEK, History
from experiments.calibration.market import as_history, simulate_weeks
from experiments.calibration.parameters import Parameter, applied, parameters_of
from scenarios import Scenario
from tests.scenes import CHANNELS
from tiermix.core.arrays import Floats

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


def money(seed: int, told: bool) -> History:
    """A year of spend that wanders; with figures of its channels to come, or without."""
    rng = np.random.default_rng(seed)
    weeks = tuple(dt.date(2025, 1, 1) + n * WEEK for n in range(52))
    spend = 1e6 / 52 * np.exp(0.6 * rng.standard_normal((52, 3)))
    figures = np.ones((52, 3)) if told else np.full((52, 3), np.nan)
    return History(weeks, CHANNELS, spend, figures, figures, np.ones(52), np.ones(52), "made up")


def company(
    scenario: Scenario, truth: Floats | None, *, seed: int, customers: int, told: bool = True
) -> tuple[History, tuple[Parameter, ...]]:
    """A year of the scenario moved by `truth` [K] (not at all if None), and what may move."""
    spent = money(seed, told)
    parameters = parameters_of(scenario, spent)
    moved = scenario if truth is None else applied(scenario, parameters, truth)
    seen = as_history(
        simulate_weeks([moved], [seed], customers, spent, workers=1)[0], spent, scenario
    )
    if told:
        return seen, parameters
    hidden = {"impressions": spent.impressions, "clicks": spent.clicks, "spend": spent.spend}
    return History(**{**vars(seen), **hidden}), parameters
