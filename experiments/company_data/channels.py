"""Each channel's spend: its size, share and variation, and how it moves with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.company_data.amounts import Amounts
from experiments.company_data.vocabulary import CLICKS, IMPRESSIONS, SPEND
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class ChannelFigures:
    """A channel over all periods: what it cost, when it was live, how its spend moves.

    `variation` is its standard deviation over its mean; `inflation` the variance inflation factor
    of its spend given all others; costs are of a thousand impressions and of a click.
    """

    channel: str
    spend: float
    share: float
    live: int
    variation: float
    inflation: float
    cost_per_thousand: float
    cost_per_click: float


def spend_of(amounts: Amounts) -> tuple[list[str], Floats]:
    """Channels that spend, and their spend [T, C] by period; 0 where none is given."""
    names = [name for name in amounts.channels if amounts.total(SPEND, name) > 0]
    columns = [np.nan_to_num(amounts.national(SPEND, name)) for name in names]
    return names, np.array(columns, dtype=float).T.reshape(len(amounts.periods), len(names))


def correlations(spend: Floats) -> Floats:
    """Correlations [C, C] of spend; 0 beside a channel that does not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.atleast_2d(np.corrcoef(spend, rowvar=False))
    return np.where(np.isfinite(found), found, 0.0)


def inflations(spend: Floats) -> Floats:
    """Variance inflation factors [C]: the diagonal of the inverse correlation matrix."""
    if not spend.shape[1]:
        return np.zeros(0)
    found = np.diag(np.linalg.pinv(correlations(spend), hermitian=True))
    moves = spend.std(axis=0) > 0
    determined = (
        np.linalg.matrix_rank(spend[:, moves] - spend[:, moves].mean(axis=0)) == moves.sum()
    )
    return np.where(moves, found if determined else np.inf, np.nan)


def channel_figures(amounts: Amounts) -> list[ChannelFigures]:
    """Each channel that spends, in the order of its spend."""
    names, spend = spend_of(amounts)
    factors, whole = inflations(spend), spend.sum()
    rows = []
    for c, name in enumerate(names):
        mine = spend[:, c]
        shown, clicked = amounts.total(IMPRESSIONS, name), amounts.total(CLICKS, name)
        rows.append(
            ChannelFigures(
                name, float(mine.sum()), float(mine.sum() / whole), int((mine > 0).sum()),
                float(mine.std() / mine.mean()), float(factors[c]),
                1000 * float(mine.sum()) / shown if shown > 0 else float("nan"),
                float(mine.sum()) / clicked if clicked > 0 else float("nan"),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: -row.spend)
