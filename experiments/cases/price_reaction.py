"""How much more is bought while an offer runs: the market with it and without, on the same luck."""

from __future__ import annotations

import datetime as dt

import numpy as np

from scenarios import Scenario
from sim import Run, Workers, simulate
from tiermix.core.arrays import Floats


def price_elasticity(
    scenario: Scenario, offer: str, run: Run, *, seed: int, customers: int, workers: Workers
) -> tuple[float, float]:
    """Percent fewer orders per percent of price on the days of an offer, and its standard error.

    `run` is the market as it stands, with this seed. Customers are the units of the error; not a
    number where the offer costs nothing, or nobody orders without it.
    """
    mine = next(o for o in scenario.offers if o.name == offer)
    if mine.cost == 0.0:
        return np.nan, np.nan
    rest = [o.model_dump(mode="json") for o in scenario.offers if o is not mine]
    changed = {"offers": rest, "beliefs": []}
    other = Scenario.model_validate(scenario.model_dump(mode="json") | changed)
    without = simulate(other, seed=seed, customers=customers, workers=workers)
    with_it = _orders(run, mine.start, mine.end)
    bare = _orders(without, mine.start, mine.end)
    if not bare.sum():
        return np.nan, np.nan
    gain = with_it.sum() / bare.sum() - 1.0
    scatter = with_it - (1.0 + gain) * bare
    se = np.sqrt(len(bare) * scatter.var()) / bare.sum()
    return float(-gain / mine.cost), float(se / mine.cost)


def _orders(run: Run, first: dt.date, last: dt.date) -> Floats:
    """Orders of each simulated customer from one day to another, [customers]."""
    import pandas as pd

    table = run.log.conversions
    day = table["time"].dt.normalize()
    within = (day >= pd.Timestamp(first)) & (day <= pd.Timestamp(last))
    bought = table.loc[within & (table["kind"] == "order")]
    who = run.truth.set_index("visitor_id")["customer_id"]
    counts = bought["visitor_id"].astype(str).map(who).value_counts()
    everyone = run.truth["customer_id"].unique()
    return np.asarray(counts.reindex(everyone, fill_value=0), dtype=float)
