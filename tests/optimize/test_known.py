"""What each channel brings, what its next unit brings, and how surely, against slow versions."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import (
    ResponseCurves,
    by_channel,
    changed,
    channel_returns,
    forecast,
    marginal_returns,
    months_drawn,
)

SCENARIO = make_scenario(3, 4, budget=1200.0)
CURVES = make_curves(SCENARIO, carry_over=0.4)
PLAN = SCENARIO.reference_plan


def uncertain() -> ResponseCurves:
    """The same curves whose ceilings are known to a fifth."""
    factors = 1 + 0.2 * np.linspace(-1.5, 1.5, 20)
    mine = tuple(
        replace(c, draws=np.column_stack([c.ceiling * factors, [c.half] * 20, [c.shape] * 20]))
        for c in CURVES.curves
    )
    return replace(CURVES, curves=mine)


def test_the_next_unit_brings_what_a_slightly_larger_plan_brings_more() -> None:
    """In the last month, of which nothing is left for later within the year but after it."""
    found = marginal_returns(SCENARIO, CURVES, PLAN, "margin", passed=0)
    brought = by_channel(SCENARIO, CURVES, PLAN, "margin")
    for name in PLAN.channels:
        more = by_channel(
            SCENARIO, CURVES, PLAN.with_channel(name, PLAN.of(name) * 1.001), "margin"
        )
        gained = (more[name].sum() - brought[name].sum()) / (0.001 * PLAN.of(name).sum())
        assert 0 < gained <= found[name][0] * 1.001  # what comes after the year counts as well
        assert gained == pytest.approx(found[name][0], rel=0.35)
        assert np.isnan(found[name][1])


def test_channels_and_what_comes_anyway_add_up() -> None:
    brought = by_channel(SCENARIO, CURVES, PLAN, "margin")
    none = PLAN.scale(0.0)
    grown = forecast(SCENARIO, CURVES, PLAN)["margin"] - forecast(SCENARIO, CURVES, none)["margin"]
    without = sum(x.sum() for x in by_channel(SCENARIO, CURVES, none, "margin").values())
    assert sum(x.sum() for x in brought.values()) - without == pytest.approx(grown)


def test_errors_are_those_of_the_draws() -> None:
    curves = uncertain()
    spread = float(np.std(1 + 0.2 * np.linspace(-1.5, 1.5, 20), ddof=1))
    for mean, error in marginal_returns(SCENARIO, curves, PLAN, "margin").values():
        assert error == pytest.approx(mean * spread, rel=1e-6)
    drawn = months_drawn(SCENARIO, curves, PLAN, "margin")
    assert drawn.shape == (20, 4)
    assert drawn.mean() == pytest.approx(months_drawn(SCENARIO, CURVES, PLAN, "margin").mean())


def test_what_changed_is_told_of_the_months_asked() -> None:
    other = PLAN.with_channel("b", PLAN.of("b") * [1, 1, 2, 3])
    assert changed(PLAN, other, other.months[2:])["b"] == (200.0, 500.0)
    assert changed(PLAN, other, other.months[:2])["b"] == (200.0, 200.0)


def test_returns_are_what_is_missing_without_the_years_money_of_a_channel() -> None:
    none, found = PLAN.scale(0.0), channel_returns(SCENARIO, CURVES, PLAN, "margin")
    whole = forecast(SCENARIO, CURVES, PLAN)["margin"]
    without = forecast(SCENARIO, CURVES, none)["margin"]
    assert sum(one.in_year for one in found) == pytest.approx(whole - without)
    for one in found:
        alone = forecast(SCENARIO, CURVES, PLAN.with_channel(one.channel, PLAN.of(one.channel) * 0))
        assert one.in_year == pytest.approx(whole - alone["margin"])
        assert one.spend == pytest.approx(PLAN.by_channel[one.channel])
        assert 0 < one.marginal * one.spend < one.brought  # the curves are concave
        assert one.brought > one.in_year
        assert np.isnan([*one.brought_90, *one.marginal_90]).all()


def test_intervals_of_returns_hold_nine_in_ten_of_the_draws() -> None:
    ends = np.quantile(1 + 0.2 * np.linspace(-1.5, 1.5, 20), [0.05, 0.95])
    for one in channel_returns(SCENARIO, uncertain(), PLAN, "margin"):
        assert one.brought_90 == pytest.approx(tuple(one.brought * ends))
        assert one.marginal_90 == pytest.approx(tuple(one.marginal * ends))
