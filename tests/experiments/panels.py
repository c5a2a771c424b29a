"""Made-up geo tests whose effect is known: regions of unlike size with common times."""

import datetime as dt
from pathlib import Path

import numpy as np

from experiments.field_test.panel import Panel
from tiermix.core.arrays import Floats


def planted(
    seed: int,
    *,
    regions: int = 24,
    treated: int = 4,
    before: int = 48,
    days: int = 12,
    effect: float = 0.08,
    echo: float = 0.3,
    noise: float = 0.05,
) -> tuple[Panel, float]:
    """A panel, and the incremental outcome of its treated regions in the test.

    Regions share a week, a trend and a wandering demand, in proportion to their size; what each
    has of its own forgets geometrically (`echo`), and is less in larger regions.
    """
    rng = np.random.default_rng([9173, seed])
    dates = before + days
    size = np.exp(rng.normal(7.0, 0.5, regions))
    common = 1.0 + 0.1 * np.sin(2 * np.pi * np.arange(dates) / 7) + 0.001 * np.arange(dates)
    common += _forgetting(rng, 1, dates, 0.8, 0.03)[0]
    own = _forgetting(rng, regions, dates, echo, noise) * np.sqrt(size.mean() / size)[:, None]
    outcome = size[:, None] * (common + own)
    chosen = np.zeros(regions, dtype=bool)
    chosen[rng.choice(regions, treated, replace=False)] = True
    gained = outcome[chosen, before:] * effect
    outcome[chosen, before:] += gained
    return Panel(outcome, chosen, before), float(gained.sum())


def _forgetting(
    rng: np.random.Generator, series: int, dates: int, echo: float, size: float
) -> Floats:
    """Series [S, T] of standard deviation `size` that forget geometrically."""
    found = np.empty((series, dates))
    found[:, 0] = rng.normal(0.0, size, series)
    for t in range(1, dates):
        shock = rng.normal(0.0, size, series) * np.sqrt(1 - echo**2)
        found[:, t] = echo * found[:, t - 1] + shock
    return found


def names_of(panel: Panel) -> list[str]:
    """A name for each region."""
    return [f"城市{n:02d}" for n in range(len(panel.treated))]


FIRST = dt.date(2025, 1, 6)


def start_of(panel: Panel) -> str:
    """The first day of the test."""
    return str(FIRST + dt.timedelta(panel.before))


def treated_of(panel: Panel) -> str:
    """The names of treated regions, as they are typed."""
    return ",".join(n for n, is_ in zip(names_of(panel), panel.treated, strict=True) if is_)


def written(panel: Panel, file: Path, head: str = "location,Y,date") -> Path:
    """The panel as the table that GeoLift reads."""
    rows = [head]
    for name, series in zip(names_of(panel), panel.outcome, strict=True):
        for t, value in enumerate(series.tolist()):
            rows.append(f"{name},{value:.6f},{FIRST + dt.timedelta(t)}")
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file
