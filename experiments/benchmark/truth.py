"""The truths of a world: every named effect of every channel, with its error, as one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from experiments.benchmark.suite import ESTIMANDS
from experiments.study import StudyError
from experiments.validation.estimands import Truth
from experiments.validation.references import TOGETHER
from sim import Effects, ground_truth

if TYPE_CHECKING:
    from scenarios import Scenario

COLUMNS = ("estimand", "channel", "effect", "se", "low", "high")
BASELINE = "(baseline)"
LAST = 0.05
"""The share of a channel's money that the marginal effect is measured on."""
ORDERS = 4
"""Sampled orders of switching on, in pairs, where channels are too many to try every set of them:
each is a market year for every channel."""


def truth_table(world: Scenario, *, seed: int, customers: int) -> pd.DataFrame:
    """`estimand, channel, effect, se, low, high` in conversions of the market, within the year.

    Rows `(together)` are all channels at once and `(baseline)` all orders of the year as planned;
    marginal effects are those of the last 5 % of the money, times twenty.
    """
    found = {
        name: ground_truth(
            world,
            name,
            seed=seed,
            customers=customers,
            share=LAST,
            permutations=ORDERS,
            within_year=True,
            workers=1,
        )
        for name in ESTIMANDS
    }
    parts = [_rows(name, effects) for name, effects in found.items()]
    # Gains over an order of switching on add up to what all channels bring, whatever the order.
    ends = [
        ("all", TOGETHER, *found["shapley"].total),
        ("all", BASELINE, *found["removal"].baseline),
    ]
    whole = pd.DataFrame(ends, columns=list(COLUMNS[:4]))
    return pd.concat([*parts, whole], ignore_index=True)


def _rows(name: str, effects: Effects) -> pd.DataFrame:
    scale = 1.0 / LAST if name == "marginal" else 1.0
    figures = ["effect", "se", "low", "high"]
    table = effects.table.rename(columns={"unit": "channel"})[["channel", *figures]]
    return table.assign(estimand=name, **{x: table[x] * scale for x in figures})[list(COLUMNS)]


def read_truth(file: Path) -> pd.DataFrame:
    """A table of truths that was written; raises `StudyError` where there is none."""
    if not file.is_file():
        raise StudyError(
            f"{file}: the truth of this suite is not here; name the folder of its answers where "
            "they are hidden, or make the suite to its end"
        )
    return pd.read_csv(file)


def truth_of(table: pd.DataFrame, estimand: str) -> Truth:
    """One estimand of such a table, as `validate` holds credit against it."""
    mine = table[table["estimand"] == estimand]
    whole = table[table["estimand"] == "all"].set_index("channel")
    effect, baseline = (float(whole["effect"][name]) for name in (TOGETHER, BASELINE))
    effects = mine[["channel", "effect", "se"]].reset_index(drop=True)
    return Truth(effects, (effect, float(whole["se"][TOGETHER])), baseline, {})
