"""The season of a KPI's months, as far as its noise lets one see it.

Twelve sums of few orders differ by luck: planned on as they are, money follows luck. Visits are
many, so their season is known; that of orders departs from it, and what orders bring from theirs,
by

    d_m = level_m / (steady_m · mean ratio) − 1,   variance τ² + v_m,

with v_m the KPI's own error. Where the spread of d is no more than chance (Cochran's Q at 5 %) the
departure is taken for luck. Else τ² comes from the spread of d beyond v (method of moments,
DerSimonian and Laird 1986), and each month keeps the part τ² / (τ² + v_m) of its departure.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import chi2

from tiermix.core.arrays import Floats

STEADY = "visits"
"""What has many events in every month: the season that other KPIs are drawn to."""
ORDERS = "conversions"
SURE = 0.95
"""How unlikely a spread has to be by chance before a departure counts."""
OF_ORDERS = ("revenue", "margin", "new_customers")
"""What orders bring, of which the few large ones decide: drawn to the season of orders."""


def seasons_of(level: Mapping[str, Floats], errors: Mapping[str, Floats]) -> dict[str, Floats]:
    """Each KPI's season by month [M], mean 1, from its `level` by month and its standard errors.

    A KPI whose error, or whose steadier companion, is not known keeps its own season.
    """
    found: dict[str, Floats] = {}
    for kpi in sorted(level, key=lambda name: name in OF_ORDERS):
        steady = found.get(ORDERS) if kpi in OF_ORDERS else level.get(STEADY)
        found[kpi] = season_of(level[kpi], steady, errors.get(kpi))
    return found


def season_of(level: Floats, steady: Floats | None = None, error: Floats | None = None) -> Floats:
    """A KPI's season by month [M], mean 1.

    `level` is the KPI by month, `error` its standard errors, `steady` what has many events: without
    both the level's own season. Flat where a month has none of it, so that months are not told.
    """
    flat = np.ones(len(level))
    if not level.mean() > 0 or (steady is None and not (level > 0).all()):
        return flat
    if steady is None or error is None or not (steady > 0).all():
        return np.asarray(level / level.mean()) if (level > 0).all() else flat
    usual = steady * (level.sum() / steady.sum())
    gone, noise = level / usual - 1, (error / usual) ** 2
    kept = _between(gone, noise) / np.maximum(_between(gone, noise) + noise, 1e-300)
    settled = usual * (1 + kept * gone)
    return np.asarray(settled / settled.mean())


def _between(gone: Floats, noise: Floats) -> float:
    """The variance of departures that their errors do not explain."""
    weight = 1 / np.maximum(noise, 1e-12)
    mean = float((weight * gone).sum() / weight.sum())
    spread, free = float((weight * (gone - mean) ** 2).sum()), len(gone) - 1
    if spread <= chi2.ppf(SURE, free):
        return 0.0
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    return (spread - free) / scale
