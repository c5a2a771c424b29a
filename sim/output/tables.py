"""YearlyCounts of a year → its ledger, costs and aggregates as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.engine.counts import channel_counts
from sim.output.market_year import MarketYear
from sim.output.overheads import overheads
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd


def ledger_frame(year: MarketYear) -> pd.DataFrame:
    """`date, channel, spend`: money out by day, the planned (or history) year."""
    import pandas as pd

    start = np.datetime64(year.scenario.history_start, "D") + year.first_day
    names = [c.name for c in year.scenario.channels]
    spend = year.ledger[..., : year.days].sum(axis=0)
    return pd.DataFrame(
        {
            "date": np.tile(start + np.arange(year.days), len(names)),
            "channel": pd.Categorical(np.repeat(names, year.days), categories=names),
            "spend": spend.ravel(),
        }
    )


def costs_frame(year: MarketYear) -> pd.DataFrame:
    """`date, kind, name, amount`: money beside media by day: content, integration, desk."""
    import pandas as pd

    start = np.datetime64(year.scenario.history_start, "D") + year.first_day
    rows = [
        (start + day, cost.kind, cost.name, cost.amounts[day])
        for cost in overheads(year.scenario, planned=year.first_day > 0)
        for day in np.flatnonzero(cost.amounts[: year.days])
    ]
    kinds = {"date": "datetime64[s]", "kind": "string", "name": "string", "amount": "float64"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def aggregates_frame(year: MarketYear) -> pd.DataFrame:
    """`week, region, channel, spend, impressions, clicks, visits, conversions, revenue`.

    Conversions are booked on the channel of the session that they happened in. Figures are those
    of the market: counts times the people behind each customer. A week begins every seven days
    from the start of the history year; the first and last of a year may be cut.
    """
    import pandas as pd

    scenario = year.scenario
    channels = [c.name for c in scenario.channels]
    first_week = year.first_day // 7
    weeks = year.weekly.shape[1]
    starts = np.datetime64(scenario.history_start, "D") + 7 * (first_week + np.arange(weeks))
    index = pd.MultiIndex.from_product(
        [list(starts), [r.name for r in scenario.regions], channels],
        names=["week", "region", "channel"],
    )
    counts = year.weekly.transpose(1, 0, 3, 2).reshape(-1, channel_counts.WEEKLY) * year.weight
    frame = pd.DataFrame(
        counts, index=index, columns=list(channel_counts.NAMES[: channel_counts.WEEKLY])
    )
    frame["revenue"] /= 100.0
    frame.insert(0, "spend", _weekly_spend(year, first_week, weeks))
    return frame.reset_index()


def _weekly_spend(year: MarketYear, first_week: int, weeks: int) -> Floats:
    regions, channels, _ = year.ledger.shape
    week = (year.first_day + np.arange(year.days)) // 7 - first_week
    out = np.zeros((weeks, regions, channels))
    np.add.at(out, week, year.ledger[..., : year.days].transpose(2, 0, 1))
    return out.ravel()
