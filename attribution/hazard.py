"""An additive hazard: conversions come from a baseline and from touches that fade."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from attribution.base import MEASURES, AttributionModel
from attribution.errors import one_of, positive
from attribution.shared.exposure_history import DAY, Pairs, Panel, watch
from journeys import JourneyLog, Paths, weighted_counts
from tiermix.core.arrays import Floats

GRID = (1.0, 3.0, 7.0, 14.0, 30.0)
MEMORY = 20.0  # half-lives after which a touch counts for nothing: less than a millionth is left


@dataclass(eq=False)
class Hazard(AttributionModel):
    """λ(t) = μ + Σ over touches before t of β[channel] · k(t − touch).

    The kernel k(a) = ln 2 / h · 2^(−a / h) fades with half-life h and adds up to one. So μ is a
    visitor's chance per day without any touch, and β[channel] the conversions that a touch brings
    in all (Xu, Duan and Whinston 2014 without excitation between channels; Aalen's additive
    hazard with a kernel). Rates are ≥ 0, fitted to the likelihood of all conversions by
    expectation-maximisation, which also says how much of each conversion stems from which touch:
    that is the credit, and the Shapley value of an additive hazard. What stems from μ is baseline.

    half_life_days: None takes the most likely of 1, 3, 7, 14 and 30 days. credit: `shapley`, or
    `last_ad` (the last touch keeps its part, the other touches' goes to the baseline). Needs
    visitors and times: paths and path tables are refused. `rates_` holds β and μ per day.
    """

    half_life_days: float | None = None
    credit: str = "shapley"
    outcome: str = "order"
    rates_: pd.Series = field(init=False, repr=False)
    half_life_: float = field(init=False, repr=False)
    log_likelihood_: float = field(init=False, repr=False)
    _touches: pd.DataFrame = field(init=False, repr=False)

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from a log of touches and conversions; returns self."""
        one_of("credit", self.credit, ("shapley", "last_ad"))
        if self.half_life_days is not None:
            positive("half_life_days", self.half_life_days)
        choices = GRID if self.half_life_days is None else (self.half_life_days,)
        fitted = [_fitted(self._seen(log, half_life)) for half_life in choices]
        best = max(range(len(choices)), key=lambda i: fitted[i].log_likelihood)
        self.half_life_, self.log_likelihood_ = choices[best], fitted[best].log_likelihood
        self._give(fitted[best], log.channels)
        return self

    def _seen(self, log: JourneyLog | Paths, half_life: float) -> "_Evidence":
        memory = MEMORY * half_life
        panel = watch(log, outcome=self.outcome, memory_days=memory, step_days=None, model="hazard")
        return _evidence(panel, half_life)

    @property
    def credit_by_touch_(self) -> pd.DataFrame:
        """Credit of single touches, indexed by their row in `log.touches`; others get nothing."""
        return self._touches

    def _give(self, fitted: "_Fit", channels: tuple[str, ...]) -> None:
        names = [*channels, "(baseline)"]
        self.rates_ = pd.Series([*fitted.rates, fitted.base], index=names)
        seen, share = fitted.evidence, fitted.share
        if self.credit == "last_ad":
            share = np.where(seen.pairs.latest, share, 0.0)
        measures = np.stack([share, share * seen.value[seen.pairs.moment]], axis=1)
        credit = [weighted_counts(seen.pairs.channel, m, len(channels)) for m in measures.T]
        total = (float(len(seen.value)), float(seen.value.sum()))
        self._settle(channels, np.stack(credit, axis=1), total)
        index = pd.Index(seen.pairs.row, name="touch")
        pairs = pd.DataFrame(measures, index=index, columns=list(MEASURES))
        self._touches = pairs.groupby(level=0).sum()


@dataclass(frozen=True, eq=False)
class _Evidence:
    """Pairs of a conversion and a touch before it, and what every rate was exposed to.

    kernel: k(t − touch) of each pair; value: worth of each conversion; exposure: Σ over touches
    of ∫ k by channel, over the time observed; days: visitor-days observed.
    """

    pairs: Pairs
    kernel: Floats
    value: Floats
    exposure: Floats
    days: float


@dataclass(frozen=True, eq=False)
class _Fit:
    evidence: _Evidence
    rates: Floats
    base: float
    share: Floats
    log_likelihood: float


def _evidence(panel: Panel, half_life: float) -> _Evidence:
    pairs, touches = panel.at_conversions, panel.touches
    watched = 1.0 - np.exp2(-(panel.end - touches.time) / DAY / half_life)
    return _Evidence(
        pairs=pairs,
        kernel=np.log(2.0) / half_life * np.exp2(-pairs.age / half_life),
        value=panel.value,
        exposure=weighted_counts(touches.channel, watched, len(panel.channels)),
        days=panel.days * panel.visitors,
    )


def _fitted(seen: _Evidence, steps: int = 2000) -> _Fit:
    """Expectation-maximisation: every step shares conversions out and counts the shares."""
    goals = float(len(seen.value))
    base = 0.5 * goals / max(seen.days, 1e-300)
    rates = np.full(len(seen.exposure), 0.5 * goals / max(seen.exposure.sum(), 1e-300))
    share, hazard = _shared(seen, rates, base)
    for _ in range(steps):
        before = rates
        caused = weighted_counts(seen.pairs.channel, share, len(rates))
        rates = np.divide(caused, seen.exposure, out=np.zeros_like(caused), where=seen.exposure > 0)
        base = (goals - caused.sum()) / max(seen.days, 1e-300)
        share, hazard = _shared(seen, rates, base)
        if np.abs(rates - before).max(initial=0.0) <= 1e-9 * max(rates.max(initial=0.0), 1e-300):
            break
    expected = rates @ seen.exposure + base * seen.days
    return _Fit(seen, rates, base, share, float(np.log(hazard).sum() - expected))


def _shared(seen: _Evidence, rates: Floats, base: float) -> tuple[Floats, Floats]:
    """Each pair's share of its conversion, and the hazard at each conversion."""
    part = rates[seen.pairs.channel] * seen.kernel
    hazard = base + weighted_counts(seen.pairs.moment, part, len(seen.value))
    hazard = np.maximum(hazard, 1e-300)
    return part / hazard[seen.pairs.moment], hazard
