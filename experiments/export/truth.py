"""The truth in the terms of mix models: contribution by week, ROI and marginal ROI.

Contribution is removal within the planned year: the year as it is, less the same year with the same
people and random streams without the channel. ROI is contribution in revenue over what was spent,
marginal ROI that of the last 5 % of the money.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.export.weeks import CONVERSIONS, LAST, REVENUE, Weeks
from sim import jackknife, with_each_left_out


def by_week(weeks: Weeks) -> pd.DataFrame:
    """`week, channel, orders, revenue`: what each channel brought in each planned week."""
    planned = weeks.starts[weeks.planned]
    parts = []
    for channel in weeks.media:
        gain = (weeks.whole - weeks.without[channel])[:, weeks.planned].sum(axis=0)
        rows = {"week": planned, "channel": channel, "orders": gain[:, CONVERSIONS]}
        parts.append(pd.DataFrame({**rows, "revenue": gain[:, REVENUE]}))
    return pd.concat(parts, ignore_index=True)


def by_channel(weeks: Weeks) -> pd.DataFrame:
    """`channel, spend, orders, revenue, roi, marginal_roi` of the planned year, each with `_se`.

    Standard errors are a jackknife over geos.
    """
    rows = []
    for channel in weeks.media:
        spend = float(weeks.planned_spend[weeks.of(channel)])
        gain = (weeks.whole - weeks.without[channel])[:, weeks.planned].sum(axis=1)
        last = (weeks.whole - weeks.less[channel])[:, weeks.planned].sum(axis=1)
        row: dict[str, object] = {"channel": channel, "spend": spend}
        over = spend if spend > 0 else np.nan
        for name, values in (
            ("orders", gain[:, CONVERSIONS]),
            ("revenue", gain[:, REVENUE]),
            ("roi", gain[:, REVENUE] / over),
            ("marginal_roi", last[:, REVENUE] / (LAST * over)),
        ):
            left = with_each_left_out(values, weeks.people)
            row |= {name: float(left[0]), f"{name}_se": float(jackknife(left[1:]))}
        rows.append(row)
    return pd.DataFrame(rows)
