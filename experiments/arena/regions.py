"""A test by regions: which are treated, what dose each lives, and what is seen and true of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.arena.conditions import HIT, Condition
from experiments.arena.market import KPIS, WEEKS_BEFORE, Dose, Outcomes
from experiments.field_test.panel import Panel
from experiments.lift_test.estimate import assign_pairs
from tiermix.core.arrays import Bools, Floats, Ints

BLOCK = 4
"""Neighbouring regions that are treated together, where blocks are."""


@dataclass(frozen=True, eq=False)
class RegionTest:
    """One test: the panel that a company sees, the same without a test, and the true effect.

    `truth` is what the treated regions have more, in the test, with the channel off everywhere
    than with it on everywhere: the same people with the same random streams.
    """

    panel: Panel
    untouched: Panel
    truth: float


def region_test(outcomes: Outcomes, condition: Condition, rng: np.random.Generator) -> RegionTest:
    """A test with drawn treatment, on the outcomes of a market."""
    owner = np.repeat(np.arange(condition.regions), condition.communities)
    kpi = KPIS.index(condition.kpi)
    before = _summed(outcomes.before[kpi], owner)
    treated = _treated(condition, before.sum(axis=1), rng)
    hit = _hit(condition, rng)
    off = _off(treated.astype(float), condition.leak)
    during = {dose: _summed(found[kpi], owner) for dose, found in outcomes.during.items()}
    seen, on, gone = (_picked(during, x, hit) for x in (off, 0.0 * off, 0.0 * off + 1.0))
    kept = _inner(treated) if condition.inner else np.ones(condition.regions, dtype=bool)
    whole = Panel(np.hstack([before, seen])[kept], treated[kept], WEEKS_BEFORE)
    untouched = replace(whole, outcome=np.hstack([before, on])[kept])
    return RegionTest(whole, untouched, float((gone - on)[kept & treated].sum()))


def _summed(values: Floats, owner: Ints) -> Floats:
    """Communities [C, T] added up to regions [R, T]."""
    found = np.zeros((owner[-1] + 1, values.shape[1]))
    np.add.at(found, owner, values)
    return found


def _treated(condition: Condition, before: Floats, rng: np.random.Generator) -> Bools:
    """One of each pair of regions that sold alike before, or one of each two blocks in a row."""
    if condition.blocks:
        first = rng.random(condition.regions // BLOCK // 2) < 0.5
        return np.asarray(np.repeat(np.stack([first, ~first], axis=1).ravel(), BLOCK))
    return assign_pairs(before, np.zeros(len(before)), rng)


def _hit(condition: Condition, rng: np.random.Generator) -> Bools:
    """Where a rival campaigns."""
    if condition.shock == "local":
        return np.asarray(rng.permutation(condition.regions) < round(HIT * condition.regions))
    return np.full(condition.regions, condition.shock == "common")


def _off(treated: Floats, leak: float) -> Floats:
    """The share of its ads that each region is without; regions lie in a ring."""
    near = (np.roll(treated, 1) + np.roll(treated, -1)) / 2
    return np.asarray(np.round((1 - leak) * treated + leak * near, 3))


def _inner(treated: Bools) -> Bools:
    """Regions both of whose neighbours are treated as they are."""
    return np.asarray((np.roll(treated, 1) == treated) & (np.roll(treated, -1) == treated))


def _picked(during: dict[Dose, Floats], off: Floats, hit: Bools) -> Floats:
    """The outcomes of each region under its dose [R, T]."""
    doses = [Dose(float(share), bool(rival)) for share, rival in zip(off, hit, strict=True)]
    return np.array([during[dose][region] for region, dose in enumerate(doses)])
