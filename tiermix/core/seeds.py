"""Every stream of random numbers, by what it is for: one table, so that no two are the same.

A study asks for the seeds of its markets by purpose, the user's seed and a number (of the draw, the
replication): all three are hashed, so that neither neighbouring seeds nor two purposes ever meet.
That keeps studies of other seeds independent, and what a plan was made from apart from what it is
judged on. Draws that belong to no market have a generator of their own, keyed by a number of this
table too. Within a market every draw is keyed by its purpose (`sim.engine.draws`). Numbers are part
of all results: never change or reuse one.

One market as written has the user's seed itself: `simulate`, `truth`, `curves`, a single `lift` of
seed s all speak of the same people.
"""

from __future__ import annotations

import hashlib

# ---- purposes that have markets of their own

DRAWN_WORLDS = 1_000_003
"""Draws of the uncertain parameters, and the markets in which strategies and lift are judged."""
MEASURED_CURVES = 500_009
"""Paired experiments that `compare` measures curves by: no plan is judged on what it came from."""
VALIDATED_CURVES = 600_011
"""The same for `validate`."""
REPORTED_TRUTH = 700_001
"""The market whose credit and truth the report shows."""
REFINED_PLANS = 900_001
"""Plans are refined with one stream and judged with another."""
REFINED_FROM = 1_800_002
"""Curves that a plan to be refined starts from, apart from both."""
VALIDATED_WORLDS = 2_000_003
"""Markets that models are examined in."""
JUDGED_CREDIT = 400_009
"""Where plans made from credit are judged; its seed is that of the examined market."""
TRUE_WORLDS = 300_007
"""Draws that `truth` is averaged over, and their markets."""
CASE_WORLDS = 200_003
"""Draws of the smart-home case, and their markets."""
FITTED_MARKETS = 31_000
"""Markets that answer to a history."""
EARLIER_YEARS = 620_009
"""Markets that live the years before a scenario's own; the seed is that of a fitted one."""
SHOWN_MARKETS = 500_000
"""More of them for the picture; the seed is that of a fitted one."""
HELD_OUT_TESTS = 110_017
"""Lift tests of a planner: a sample of its own of the drawn market, whose seed it is keyed by."""

BENCHMARK_WORLDS = 170_003
"""Draws of a benchmark's markets, and the people of each."""

BENCHMARK_TESTS = 190_027
"""Markets in which estimators of geo and people tests are judged."""

INVESTMENTS_CHOSEN = 120_011
"""Draws in which candidate investments are measured and chosen."""
INVESTMENTS_JUDGED = 130_003
"""Draws in which the chosen ones are judged, apart from those that chose them."""

MARKETS = {
    "judged strategies": DRAWN_WORLDS,
    "curves of a comparison": MEASURED_CURVES,
    "curves of a validation": VALIDATED_CURVES,
    "truth of the report": REPORTED_TRUTH,
    "refined plans": REFINED_PLANS,
    "curves to refine from": REFINED_FROM,
    "examined models": VALIDATED_WORLDS,
    "plans from credit": JUDGED_CREDIT,
    "truth over draws": TRUE_WORLDS,
    "the case": CASE_WORLDS,
    "fitted markets": FITTED_MARKETS,
    "fitted markets of earlier years": EARLIER_YEARS,
    "fitted markets shown": SHOWN_MARKETS,
    "lift tests of a planner": HELD_OUT_TESTS,
    "worlds of the benchmark": BENCHMARK_WORLDS,
    "tests of the benchmark": BENCHMARK_TESTS,
    "investments chosen": INVESTMENTS_CHOSEN,
    "investments judged": INVESTMENTS_JUDGED,
}
"""Every purpose that has markets of its own."""

# ---- keys of generators

WORLD_DRAWS = 71
"""Factors of the uncertain parameters and shocks that happen, with the seed and the name."""
SWITCHING_ORDERS = 73
"""Sampled orders of switching units on, for Shapley values."""
TREATED_PLACES = 83
"""Which community of a pair is treated in a geo test."""
ESTIMATED_CURVES = 89
"""Draws of what a company can estimate from its history in a drawn market."""
RESAMPLED_LOGS = 97
"""Resampled visitors of a validated model's intervals."""
RESAMPLED_DRAWS = 127
"""Resampled and reordered draws of a sensitivity study, with its seed and what is resampled."""
TEST_ERRORS = 101
"""What chance adds to a planner's lift test, with the market's seed and the channel's number."""
PLACEBO_REGIONS = 103
"""Controls that pretend to be treated in placebo tests of a company's own geo test."""
BENCHMARK_ASSIGNMENTS = 107
"""Who is treated in a test of the benchmark, with the market's seed and the test's number."""
DRIFTING_REGIONS = 109
"""How demand of a tested region wanders, with the market's seed and the region's number."""
WANDERING_SPEND = 20_250_101
"""How last year's real spend wandered about its plan: of the scenario, with the channel's name."""
PLAIN_CONTENT = 20_260_101
"""Whether a week's plain content carries the core: of the scenario, with the channel's name."""

GENERATORS = (
    WORLD_DRAWS,
    SWITCHING_ORDERS,
    TREATED_PLACES,
    ESTIMATED_CURVES,
    RESAMPLED_LOGS,
    RESAMPLED_DRAWS,
    TEST_ERRORS,
    PLACEBO_REGIONS,
    BENCHMARK_ASSIGNMENTS,
    DRIFTING_REGIONS,
    WANDERING_SPEND,
    PLAIN_CONTENT,
)


def seed_of(purpose: int, seed: int, number: int = 0) -> int:
    """The seed of one stream: 63 bits of SHA-256 of the purpose, the user's seed and a number.

    purpose: one of this table. seed, number: below 2**64; a seed may be one that this gave.
    """
    words = (value.to_bytes(8, "little") for value in (purpose, seed, number))
    return int.from_bytes(hashlib.sha256(b"".join(words)).digest()[:8], "little") >> 1


def seeds_of(purpose: int, seed: int, count: int) -> list[int]:
    """The same for the numbers below `count`."""
    return [seed_of(purpose, seed, number) for number in range(count)]
