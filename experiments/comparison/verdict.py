"""Which strategy is best, and how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.comparison.paired import SharedErrors
from experiments.comparison.significance import widened
from experiments.stats import Interval, chosen_elsewhere, t_interval
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Best:
    """The strategy with the best mean, and how far that can be trusted.

    `lead` is its paired lead over the runner-up, its interval widened for the number of rivals;
    `ahead_of_every_rival` says that the lead over *every* rival excludes zero, adjusted for their
    number; `selection_stability` is the share of worlds whose verdict, had it been made without
    them, would have been the same.
    """

    strategy: str
    runner_up: str | None
    lead: Interval[float]
    ahead_of_every_rival: bool
    selection_stability: float


def best_of(names: Sequence[str], gains: Floats, kpi: str, shared: SharedErrors | None) -> Best:
    """The best of strategies by their gains [S, W] in a KPI, of which more is better."""
    order = np.argsort(-gains.mean(axis=1), kind="stable")
    first, rivals = int(order[0]), order[1:]
    leads = t_interval(gains[first] - gains[rivals], comparisons=max(len(rivals), 1))
    if shared is not None and len(rivals):
        key = ("all", kpi)
        common = np.array([shared.of(names[first], *key, names[n]) for n in rivals])
        free = np.full(len(rivals), gains.shape[1] - 1.0)
        leads, _ = widened(leads, free, common, shared.draws, 0.025 / len(rivals))
    several = gains.shape[1] > 1
    return Best(
        strategy=names[first],
        runner_up=names[rivals[0]] if len(rivals) else None,
        lead=Interval(*(float(part[0]) if len(rivals) else math.nan for part in leads)),
        ahead_of_every_rival=bool(len(rivals)) and bool((leads.low > 0).all()),
        selection_stability=(
            float((chosen_elsewhere(gains) == first).mean()) if several else math.nan
        ),
    )
