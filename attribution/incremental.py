"""What data-driven models share: how often conversions come, fitted by logistic regression."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from attribution.base import AttributionModel
from attribution.shared import logit
from attribution.shared.exposure_history import Pairs, Panel
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats


@dataclass(eq=False)
class Incremental(AttributionModel):
    """Credit from a fitted rate of conversions; what would have happened anyway is baseline.

    Conversions are set against instants without one: every visitor every `step_days`, counted
    `step_days` times, so a visitor who has met nothing counts as well. With one loss a day the
    odds of a conversion are its rate per day, and a logistic regression of conversions on the
    features x of that visitor at that time fits rate = exp(intercept + slopes · x), whatever the
    step. A conversion's share exp(−slopes · x) is baseline, the rest belongs to channels. Credit
    may be negative. Needs visitors and times: paths and path tables are refused. `coefficients_`
    holds intercept and slopes.
    """

    coefficients_: pd.Series = field(init=False, repr=False)

    @abstractmethod
    def _panel(self, log: JourneyLog | Paths) -> Panel: ...

    @abstractmethod
    def _features(self, pairs: Pairs, moments: int, channels: int) -> Any:
        """Features, moment × feature, sparse; the first ones are the channels'."""

    @abstractmethod
    def _shares(self, panel: Panel, met: Any, slopes: Floats) -> Floats:
        """Each conversion's shares by channel, from its features."""

    def _names(self, channels: tuple[str, ...]) -> list[str]:
        """Names of the features."""
        return list(channels)

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from a log of touches and conversions; returns self."""
        panel = self._panel(log)
        channels, goals = len(panel.channels), len(panel.value)
        met = self._features(panel.at_conversions, goals, channels)
        intercept, slopes = logit.fit(self._rows(panel, met))
        names = pd.Index(["(intercept)", *self._names(panel.channels)], name="channel")
        self.coefficients_ = pd.Series([intercept, *slopes], index=names)
        shares = self._shares(panel, met, slopes)
        earned = np.stack([np.ones(goals), panel.value], axis=1)
        self._settle(panel.channels, shares.T @ earned, panel.total)
        return self

    def _rows(self, panel: Panel, met: Any) -> logit.Rows:
        """Conversions, instants at which something had been met, and all others as one row."""
        from scipy import sparse

        step = float(getattr(self, "step_days", 1.0))
        between = self._features(panel.at_instants, panel.seen, len(panel.channels))
        nothing = sparse.csr_array((1, met.shape[1]))
        goals = len(panel.value)
        return logit.Rows(
            features=sparse.vstack([met, between, nothing]).tocsr(),
            wins=np.concatenate([np.ones(goals), np.zeros(panel.seen + 1)]),
            losses=step * np.concatenate([np.zeros(goals), np.ones(panel.seen), [panel.unseen]]),
            penalty=float(getattr(self, "penalty", 0.0)),
        )


def by_moment(pairs: Pairs, weight: Floats, moments: int, channels: int) -> Any:
    """Weights of touches summed by moment and channel, sparse."""
    from scipy import sparse

    cells = (weight, (pairs.moment, pairs.channel))
    return sparse.coo_array(cells, shape=(moments, channels)).tocsr()
