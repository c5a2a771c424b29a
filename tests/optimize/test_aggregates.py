"""Fits from last year's aggregates: what is there is found, and doubt is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optimize import AllocationError, ResponseCurves, fit_aggregates
from optimize.estimation.panel import Panel
from tests.optimize.fakes import FakeScenario, make_scenario

SCENARIO = make_scenario(3, 12, budget=3600.0)
WEEKS = pd.date_range("2025-01-01", periods=53, freq="7D")
SHARE = {"a": 0.25, "b": 0.08, "c": 0.0}


def aggregates(
    seed: int, regions: int = 6, noise: float = 0.02, variation: float = 0.6
) -> pd.DataFrame:
    """Weekly figures in which channel c multiplies sales by exp(share · 2z / (1 + z))."""
    luck = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(np.arange(53) / 8)
    rows = []
    for r in range(regions):
        spend = {c: 20 * (r + 1) * np.exp(variation * luck.normal(size=53)) for c in SHARE}
        z = {c: x / x.mean() for c, x in spend.items()}
        lift = sum(SHARE[c] * 2 * z[c] / (1 + z[c]) for c in SHARE)
        sales = 1000 * (r + 1) * season * np.exp(lift + noise * luck.normal(size=53))
        for c in SHARE:
            part = sales / len(SHARE)
            rows += zip(WEEKS, [f"r{r}"] * 53, [c] * 53, spend[c], part, 100 * part, strict=True)
    return pd.DataFrame(
        rows, columns=["week", "region", "channel", "spend", "conversions", "revenue"]
    )


def share(curves: ResponseCurves, channel: str, kpi: str = "conversions") -> np.ndarray:
    """Draws of what part of the month's level the channel brings at usual spend."""
    curve = curves.get(channel, kpi, "2026-05")
    assert curve is not None
    assert curve.draws is not None
    assert curves.anchor is not None
    usual = curves.anchor.effective[curve.stock_key][4]
    level = curves.anchor.level[kpi][4]
    return curve.draws[:, 0] * usual / (curve.draws[:, 1] + usual) / level


def test_strong_effects_are_found_and_nothing_is_found_where_there_is_nothing() -> None:
    curves = fit_aggregates(aggregates(0), SCENARIO)
    low, high = np.quantile(share(curves, "a"), [0.05, 0.95])
    assert low < 0.25 < high
    assert np.median(share(curves, "c")) < 0.03


def test_intervals_cover_over_many_histories() -> None:
    hits = []
    for seed in range(6):
        curves = fit_aggregates(aggregates(seed, noise=0.05), SCENARIO, seed=seed)
        for channel in ("a", "b"):
            low, high = np.quantile(share(curves, channel), [0.025, 0.975])
            hits.append(low <= SHARE[channel] <= high)
    assert np.mean(hits) >= 0.75


def test_less_variation_between_regions_means_less_certainty() -> None:
    wide, narrow = (
        np.ptp(
            np.quantile(
                share(fit_aggregates(aggregates(1, variation=v), SCENARIO), "a"), [0.05, 0.95]
            )
        )
        for v in (0.05, 0.8)
    )
    assert wide > 1.5 * narrow


def test_a_lift_test_can_speak_through_the_prior() -> None:
    told = fit_aggregates(aggregates(1, variation=0.02), SCENARIO, priors={"c": (0.2, 0.001)})
    blind = fit_aggregates(aggregates(1, variation=0.02), SCENARIO)
    assert np.median(share(told, "c")) > 2 * np.median(share(blind, "c"))


def test_levels_are_last_years_and_other_kpis_follow() -> None:
    table = aggregates(0)
    last = {"margin": 1.0e7, "new_customers": 5000.0, "roi": 2.0}
    curves = fit_aggregates(table, SCENARIO, last_year=last)
    assert curves.anchor is not None
    assert curves.anchor.level["conversions"].sum() == pytest.approx(
        table["conversions"].sum(), rel=0.02
    )
    assert curves.anchor.level["margin"].sum() == pytest.approx(1.0e7)
    assert np.allclose(share(curves, "a", "margin"), share(curves, "a", "revenue"))
    assert "roi" not in curves.kpis
    assert curves.last_year["roi"] == 2.0


def test_weeks_are_shared_out_over_months_by_days() -> None:
    panel = Panel.of(aggregates(0).assign(conversions=7.0), SCENARIO, ("conversions",))
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert panel.by_month("conversions", SCENARIO.months) == pytest.approx(6 * 3.0 * np.array(days))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="spend"), "'spend'"),
        (lambda t: t[t["region"] == "r0"], "one region"),
        (lambda t: t[t["week"] < WEEKS[5]], "5 weeks"),
        (lambda t: t.assign(spend=-1.0), "negative"),
    ],
)
def test_tables_that_cannot_be_read_are_refused(change: object, words: str) -> None:
    with pytest.raises(AllocationError, match=words):
        fit_aggregates(change(aggregates(0)), SCENARIO)  # type: ignore[operator]


def test_channels_with_stock_are_fitted_on_their_stock() -> None:
    lasting = tuple(replace(c, retention=0.95) for c in SCENARIO.channels)
    scenario: FakeScenario = replace(SCENARIO, channels=lasting)
    curve = fit_aggregates(aggregates(0), scenario).get("a", "revenue", "2026-01")
    assert curve is not None
    assert (curve.carry_over, curve.carry_per) == (0.95, "day")


def test_weeks_that_came_since_make_effects_surer_and_leave_levels_where_they_were() -> None:
    spreads = []
    for seed in range(3):
        first, later = aggregates(seed, noise=0.1), aggregates(seed + 50, noise=0.1)
        later["week"] += pd.Timedelta(weeks=53)
        fits = fit_aggregates(first, SCENARIO), fit_aggregates(first, SCENARIO, since=later)
        spreads.append([np.mean([share(c, name).std() for name in ("a", "b")]) for c in fits])
    once, twice = np.mean(spreads, axis=0)
    assert twice < 0.9 * once  # about 1/√2 of it: twice the weeks
    anchors = [curves.anchor for curves in fits]
    assert anchors[0] is not None
    assert anchors[1] is not None
    assert anchors[1].level["revenue"] == pytest.approx(anchors[0].level["revenue"])
    days = later[later["week"] < later["week"].min() + pd.Timedelta(weeks=2)]
    few = fit_aggregates(first, SCENARIO, since=days)
    assert share(few, "a") == pytest.approx(share(fits[0], "a"))
