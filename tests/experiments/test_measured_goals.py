"""Goals and objectives on KPIs that a market cannot measure are refused, with what is missing."""

from typing import Any

import pytest

from experiments.comparison.run import check_measured
from scenarios import Scenario
from sim.market.simulate import RunError
from tests.scenes import DIRECT, market, media, shopper


def asking(loyalty: dict[str, float] | None = None, **goal: Any) -> Scenario:
    """A market of three tiers, nothing uncertain, nobody asked unless told, and one goal."""
    wish = {"name": "wish", "level": 1.0, **goal}
    return market(
        DIRECT,
        media(),
        media("forum", tier=3),
        people=shopper(),
        loyalty=loyalty or {},
        goals=[wish],
    )


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ({"kpi": "nps"}, "goals.wish: .* measure 'nps' over year; it needs buyers who are asked"),
        ({"kpi": "opportunities"}, "it needs a desk that sells"),
        ({"kpi": "insight", "tier": 3}, "measure 'insight' for tier 3; it needs a tier-3 channel"),
        ({"kpi": "reach", "period": "quarter"}, "measure 'reach' over quarter; use one of"),
    ],
)
def test_goals_without_a_mechanism_or_a_scope_are_refused(goal: dict[str, Any], words: str) -> None:
    with pytest.raises(RunError, match=words):
        check_measured(asking(**goal))


@pytest.mark.parametrize(
    "goal", [{"kpi": "ltv"}, {"kpi": "reach", "tier": 2}, {"kpi": "ltv", "period": "quarter"}]
)
def test_goals_on_what_is_measured_pass(goal: dict[str, Any]) -> None:
    check_measured(asking(**goal))


def test_an_answered_survey_gives_nps() -> None:
    check_measured(asking(loyalty={"answers": 0.2}, kpi="nps"))
    objective = asking(kpi="ltv").model_copy(update={"objective": "nps"})
    with pytest.raises(RunError, match=r"objective: .* 'nps'; it needs buyers who are asked"):
        check_measured(objective)
