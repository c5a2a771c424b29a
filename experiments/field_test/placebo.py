"""Placebo tests: the same method where nothing was done, earlier and elsewhere.

In time, the test is moved back by its own length as often as there is room: of tests that found
nothing to find, 5 % should be significant. In space, controls pretend to be treated while the test
lasts: an effect should be larger than most of theirs (Abadie, Diamond and Hainmueller 2010).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from experiments.field_test.estimate import ALPHA, Estimate, NotApplicable
from experiments.field_test.methods import Method
from experiments.field_test.panel import Panel
from experiments.field_test.regions import LEAST_BEFORE
from tiermix.core.arrays import Bools
from tiermix.core.seeds import PLACEBO_REGIONS

MOST_TIMES, MOST_PLACES = 20, 100
RARE = 0.1


@dataclass(frozen=True)
class Check:
    """What placebo tests of a method say.

    `typical` is the root mean square of their effects, as a share of what was expected; `rejected`
    counts those that were significant at 5 %; `p_value` is the share of placebo tests, the test
    itself among them, whose effect is as large beside its noise. `passed` is None where there was
    no room.
    """

    method: str
    check: str
    tests: int
    rejected: int | None
    typical: float | None
    p_value: float | None
    passed: bool | None
    says: str

    def to_dict(self) -> dict[str, Any]:
        """The check as a row of the document."""
        return asdict(self)


def in_time(name: str, method: Method, panel: Panel) -> Check:
    """The test moved back in time."""
    found = [estimate for place in _earlier(panel) if (estimate := _tried(method, place))]
    if not found:
        return Check(
            name, "time", 0, None, None, None, None,
            "no room before the test for another of its length; bring more of the past",
        )  # fmt: skip
    rejected = sum(one.p_value <= ALPHA for one in found)
    chance = float(binom.sf(rejected - 1, len(found), ALPHA))
    passed = rejected == 0 or chance > ALPHA
    says = f"{rejected} of {len(found)} tests before it are significant though nothing was done"
    if not passed:
        says += ": regions drift apart by themselves, and intervals are too narrow"
    return Check(name, "time", len(found), rejected, _typical(found), None, passed, says)


def in_space(name: str, method: Method, panel: Panel, estimate: Estimate, seed: int) -> Check:
    """Controls in the place of the treated regions."""
    places = _elsewhere(panel, seed)
    found = [one for treated in places if (one := _tried(method, panel.elsewhere(treated)))]
    if len(found) < 2:
        return Check(
            name, "space", len(found), None, None, None, None,
            "too few controls to pretend that some were treated; bring more regions",
        )  # fmt: skip
    larger = sum(abs(one.strength) >= abs(estimate.strength) for one in found)
    p_value = (1 + larger) / (1 + len(found))
    significant = estimate.p_value <= ALPHA
    says = f"{larger} of {len(found)} tests of controls are as far from nothing, by chance alone"
    passed = not significant or p_value <= max(RARE, 1.5 / (1 + len(found)))
    return Check(name, "space", len(found), None, _typical(found), p_value, passed, says)


def _typical(found: list[Estimate]) -> float:
    return float(np.sqrt(np.mean([one.percent[0] ** 2 for one in found])))


def _tried(method: Method, panel: Panel) -> Estimate | None:
    try:
        return method(panel, interval=False)
    except NotApplicable:
        return None


def _earlier(panel: Panel) -> Iterator[Panel]:
    for n in range(1, MOST_TIMES + 1):
        if panel.before - n * panel.days < max(LEAST_BEFORE, panel.days):
            return
        moved = panel.earlier(n * panel.days)
        if (moved.mean_before > 0).all():
            yield moved


def _elsewhere(panel: Panel, seed: int) -> list[Bools]:
    """Controls that pretend to be treated [N0]: each of them, or as many as were, drawn."""
    controls, treated = int((~panel.treated).sum()), int(panel.treated.sum())
    count = min(treated, controls // 2)
    if count <= 1:
        return list(np.eye(controls, dtype=bool)[:MOST_PLACES])
    rng = np.random.default_rng([PLACEBO_REGIONS, seed])
    drawn = [rng.permutation(controls) < count for _ in range(MOST_PLACES)]
    return list({one.tobytes(): one for one in drawn}.values())
