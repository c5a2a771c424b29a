"""A scenario and curves that tests of the planner plan on; nothing is measured."""

from functools import cache

from optimize import Curve, ResponseCurves
from scenarios import Scenario, load_scenario

WORTH = {"margin": 3.0, "revenue": 6.0, "conversions": 0.03, "new_customers": 0.02}
"""What a unit of money brings at most."""
BASE = {"margin": 6e7, "revenue": 1.5e8, "conversions": 6e5, "new_customers": 1e5}
"""What the year brings without it."""


@cache
def retail() -> Scenario:
    """Twelve channels and months."""
    return load_scenario("retail")


@cache
def curves() -> ResponseCurves:
    """Hill curves around last year's money, the worse the dearer the channel."""
    scenario = retail()
    spent = scenario.reference_plan.by_channel
    found = tuple(
        Curve(name, kpi, "hill", worth * spent[name] / 12 * (0.7 + 0.05 * place),
              spent[name] / 12, 0.9)
        for place, name in enumerate(scenario.plannable)
        for kpi, worth in WORTH.items()
    )  # fmt: skip
    months = scenario.months
    base = {kpi: [level / 12] * 12 for kpi, level in BASE.items()}
    last = {kpi: 1.1 * level for kpi, level in BASE.items()}
    return ResponseCurves(found, months, base=base, last_year=last)
