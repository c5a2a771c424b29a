"""Every stream of random numbers, by what it is for: one table, so that no two are the same.

A study makes the seeds of its markets by adding a number of this table to the user's seed; that
keeps what a plan was made from apart from what it is judged on. Draws that belong to no market have
a generator of their own, keyed by a number of this table too. Within a market every draw is keyed
by its purpose (`sim.engine.draws`). Numbers are part of all results: never change or reuse one.
"""

from __future__ import annotations

from typing import NamedTuple

# ---- added to the user's seed: seeds of markets

DRAWN_WORLDS = 1_000_003
"""Draws of the uncertain parameters, and the markets in which strategies and lift are judged."""
MEASURED_CURVES = 500_009
"""Paired experiments that `compare` measures curves by: no plan is judged on what it came from."""
VALIDATED_CURVES = 600_011
"""The same for `validate`."""
REPORTED_TRUTH = 700_001
"""The market whose credit and truth the report shows."""
REFINED_PLANS = 900_001
"""Plans are refined with one stream and judged with another; measuring before takes it twice."""
VALIDATED_WORLDS = 2_000_003
"""Markets that models are examined in."""
JUDGED_CREDIT = 400_009
"""On top of the seed of an examined market: where plans made from credit are judged."""
FITTED_MARKETS = 31_000
"""Markets that answer to a history: this, a thousand times the user's seed, and their number."""
SHOWN_MARKETS = 500_000
"""More of them for the picture: this, ten times the seed of a fitted one, and their number."""

# ---- keys of generators

WORLD_DRAWS = 71
"""Factors of the uncertain parameters and shocks that happen, with the seed and the name."""
SWITCHING_ORDERS = 73
"""Sampled orders of switching units on, for Shapley values."""
TREATED_PLACES = 83
"""Which community of a pair is treated in a geo test."""
WANDERING_SPEND = 20_250_101
"""How last year's real spend wandered about its plan: of the scenario, with the channel's name."""
PLAIN_CONTENT = 20_260_101
"""Whether a week's plain content carries the core: of the scenario, with the channel's name."""

GENERATORS = (WORLD_DRAWS, SWITCHING_ORDERS, TREATED_PLACES, WANDERING_SPEND, PLAIN_CONTENT)


class Stream(NamedTuple):
    """Seeds of markets for one purpose: `first + per_seed · seed + n`, n below `count`."""

    first: int
    per_seed: int = 1
    single: bool = False
    """One market for each seed instead of one for each replication."""

    def seeds(self, seed: int, replications: int) -> range:
        """Those of one user's seed."""
        start = self.first + self.per_seed * seed
        return range(start, start + (1 if self.single else replications))


MARKETS = {
    "as the user says": Stream(0),
    "judged strategies": Stream(DRAWN_WORLDS),
    "curves of a comparison": Stream(MEASURED_CURVES, single=True),
    "curves of a validation": Stream(VALIDATED_CURVES, single=True),
    "truth of the report": Stream(REPORTED_TRUTH, single=True),
    "refined plans": Stream(REFINED_PLANS, single=True),
    "curves to refine from": Stream(2 * REFINED_PLANS, single=True),
    "refined plans of the clairvoyant": Stream(DRAWN_WORLDS + REFINED_PLANS),
    "curves of the clairvoyant": Stream(DRAWN_WORLDS + 2 * REFINED_PLANS),
    "examined models": Stream(VALIDATED_WORLDS),
    "plans from credit": Stream(VALIDATED_WORLDS + JUDGED_CREDIT),
    "fitted markets": Stream(FITTED_MARKETS, per_seed=1000),
    "fitted markets shown": Stream(SHOWN_MARKETS + 10 * FITTED_MARKETS, per_seed=10_000),
}
"""Every purpose that has markets of its own, chains of purposes included."""
