"""Made-up companies of other tools, whose makers published what each channel brought.

pymc-marketing's example (https://www.pymc-marketing.io/en/stable/notebooks/mmm/mmm_example.html):
weekly sales are the sum of an intercept (2), a growth ((t + 10)^¼ − 1 with t from 0 to 50), a wave
through the year ((cos x − sin 2x) / 2), two weeks of their own (1.5 and 2.5), noise (0.25), and two
channels: 3 and 2 times the logistic saturation (λ 4 and 3) of spend that is carried over
geometrically (α 0.4 and 0.2, eight weeks, weights that sum to 1). Spend is drawn anew here: x1 even
from 0 to ½, in a tenth of the weeks above 0.9; x2 in a fifth of the weeks, above 0.8.
"""

import numpy as np
import pandas as pd

from tiermix.core.arrays import Floats

YEAR = slice(-52, None)
CHANNELS = {"x1": (0.4, 4.0, 3.0), "x2": (0.2, 3.0, 2.0)}
ORDERS, MONEY = 1000.0, 10_000.0


def brought(spend: Floats, alpha: float, lam: float, beta: float) -> Floats:
    """What a channel's spend brings each week, by the published formula."""
    weights = alpha ** np.arange(8)
    carried = np.convolve(spend, weights / weights.sum())[: len(spend)]
    return np.asarray(beta * np.tanh(lam * carried / 2))  # (1 − e^−λx) / (1 + e^−λx)


def company(seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Its table, and the share of the last year's sales that is lacking without each channel."""
    luck = np.random.default_rng(seed)
    weeks = pd.date_range("2018-04-02", "2021-08-30", freq="W-MON")
    high, low = luck.uniform(size=len(weeks)), luck.uniform(size=len(weeks))
    spend = {"x1": np.where(high > 0.9, high, high / 2), "x2": np.where(low > 0.8, low, 0.0)}
    special = {"event_1": weeks == "2019-05-13", "event_2": weeks == "2020-09-14"}
    x = 2 * np.pi * weeks.dayofyear.to_numpy() / 365.5
    sales = 1 + (np.linspace(0, 50, len(weeks)) + 10) ** 0.25 + (np.cos(x) - np.sin(2 * x)) / 2
    sales = sales + 1.5 * special["event_1"] + 2.5 * special["event_2"]
    sales = sales + luck.normal(0, 0.25, len(weeks))
    for name, how in CHANNELS.items():
        sales = sales + brought(spend[name], *how)
    truth = {}
    for name, how in CHANNELS.items():
        less = spend[name].copy()
        less[YEAR] = 0.0
        lacking = brought(spend[name], *how) - brought(less, *how)
        truth[name] = float(lacking[YEAR].sum() / sales[YEAR].sum())
    columns = {"date_week": weeks, "y": np.round(ORDERS * sales)}
    columns |= {name: MONEY * x for name, x in spend.items()}
    return pd.DataFrame(columns | {k: 1 * x for k, x in special.items()}), truth
