"""Studies in a market with a process of one's own."""

from typing import Any

import pytest

from experiments.curves import measure_curves
from experiments.lift_test.run import lift
from experiments.validation.run import validate
from tests.scenes import plain_market
from tests.sim.test_own_processes import outage

MARKET = plain_market()
FEW: dict[str, Any] = {"seed": 4, "workers": 1, "customers": 400}


def test_a_lift_test_lives_with_the_process() -> None:
    plain, ours = (
        lift(MARKET, "social", "geo", attachments=a, **FEW).to_dict()["truth"]
        for a in ((), (outage,))
    )
    assert ours < plain


def test_curves_are_measured_with_the_process() -> None:
    plain, ours = (
        measure_curves(MARKET, kpis=("conversions",), attachments=a, **FEW) for a in ((), (outage,))
    )
    spend = MARKET.reference_plan.of("social")
    assert value(ours, spend) < value(plain, spend)


def value(curves: Any, spend: Any) -> float:
    mine = [c for c in curves.curves if c.channel == "social" and c.kpi == "conversions"]
    return float(sum(curve.value(spend).sum() for curve in mine))


@pytest.mark.long
def test_models_are_validated_with_the_process() -> None:
    plain, ours = (
        validate(MARKET, ["last"], attachments=a, replications=1, **FEW).facts()["conversions"]
        for a in ((), (outage,))
    )
    assert ours < plain
