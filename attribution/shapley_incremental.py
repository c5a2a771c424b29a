"""Shapley value of what channels add to the rate of conversions without any touch."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from attribution.errors import positive
from attribution.incremental import Incremental, by_moment
from attribution.shared import games, logit
from attribution.shared.exposure_history import Pairs, Panel, watch
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats


@dataclass(eq=False)
class ShapleyIncremental(Incremental):
    """Shapley value of the fitted rate of conversions, above the rate without any touch.

    v(S) is the rate for a visitor who met only the channels of S in the last `window_days`; each
    conversion is split by the Shapley value of its own game, v(∅) of it is baseline (causally
    motivated, Dalessandro et al. 2012). With `interactions` 1 every channel multiplies the rate by
    a factor of its own; with k every set of up to k channels has one, and with as many as there
    are channels v(S) is the rate observed for each set: then nothing is assumed of how
    channels add up, and rare sets make the answer noisy.
    """

    window_days: float = 30.0
    penalty: float = 1e-6
    step_days: float = 7.0
    outcome: str = "order"
    interactions: int = 1

    def _panel(self, log: JourneyLog | Paths) -> Panel:
        positive("window_days", self.window_days)
        positive("interactions", self.interactions)
        return watch(
            log,
            outcome=self.outcome,
            memory_days=self.window_days,
            step_days=self.step_days,
            model="shapley_incremental",
        )

    def _features(self, pairs: Pairs, moments: int, channels: int) -> Any:
        from scipy import sparse

        met = by_moment(pairs, np.ones(len(pairs.age)), moments, channels).tocsc()
        met.data = np.minimum(met.data, 1.0)
        column: dict[tuple[int, ...], Any] = {(c,): met[:, [c]] for c in range(channels)}
        for several in self._sets(channels)[channels:]:
            column[several] = column[several[:-1]].multiply(column[several[-1:]])
        return sparse.hstack([met[:, :0], *column.values()]).tocsr()

    def _rows(self, panel: Panel, met: Any) -> logit.Rows:
        """As for all, with equal sets of channels as one row: there are few, and many moments."""
        rows, channels = super()._rows(panel, met), len(panel.channels)
        if channels > games.MOST_PLAYERS:
            return rows
        return rows.merged(rows.features[:, :channels] @ np.exp2(np.arange(channels)))

    def _sets(self, channels: int) -> list[tuple[int, ...]]:
        """The sets of channels that have a factor, single channels first."""
        sizes = range(1, min(int(self.interactions), channels) + 1)
        return [chosen for size in sizes for chosen in combinations(range(channels), size)]

    def _names(self, channels: tuple[str, ...]) -> list[str]:
        return [" × ".join(channels[c] for c in one) for one in self._sets(len(channels))]

    def _shares(self, panel: Panel, met: Any, slopes: Floats) -> Floats:
        channels = len(panel.channels)
        factor = dict(zip(self._sets(channels), slopes, strict=True))
        present = met[:, :channels].toarray() > 0
        kinds, kind = np.unique(present, axis=0, return_inverse=True)
        shares = np.zeros(kinds.shape)
        for row, mask in enumerate(kinds):
            shares[row, mask] = _shares_of_set(np.flatnonzero(mask).tolist(), factor)
        return shares[kind.ravel()]


def _shares_of_set(members: list[int], factor: dict[tuple[int, ...], float]) -> Floats:
    """Shapley value of the rate over the members of a set, as shares of the whole set's rate."""
    games.refuse_many(len(members), "shorten the window, or merge channels")
    own = np.zeros(1 << len(members))
    for size in range(1, max(map(len, factor), default=0) + 1):
        for chosen in combinations(range(len(members)), size):
            key = tuple(members[m] for m in chosen)
            own[sum(1 << m for m in chosen)] = factor[key]
    score = games.subset_sums(own)
    return games.shapley(np.exp(score - score[-1]))
