"""Fits from last year's aggregates: what is there is found, and doubt is told."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.fakes import HISTORY, FakeChannel, FakeScenario, make_scenario
from optimize import AllocationError, ResponseCurves, fit_aggregates
from optimize.curves import carry_over
from optimize.estimation.panel import Panel
from scenarios import MediaPlan
from tests.optimize.exact import allocate

BRANDS = make_scenario(3, 12, budget=80_000.0)
SCENARIO = replace(BRANDS, channels=tuple(replace(c, delivery="search") for c in BRANDS.channels))
WEEKS = pd.date_range("2025-01-01", periods=53, freq="7D")
SHARE = {"a": 0.25, "b": 0.08, "c": 0.0}


def aggregates(
    seed: int, regions: int = 6, noise: float = 0.02, variation: float = 0.6, carry: float = 0.0
) -> pd.DataFrame:
    """Weekly figures in which channel c multiplies sales by exp(share · 2z / (1 + z)).

    `carry` of a week's response stays for the next one.
    """
    luck = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(np.arange(53) / 8)
    rows = []
    for r in range(regions):
        spend = {c: 20 * (r + 1) * np.exp(variation * luck.normal(size=53)) for c in SHARE}
        z = {c: x / x.mean() for c, x in spend.items()}
        lift = sum(SHARE[c] * _kept(2 * z[c] / (1 + z[c]), carry) for c in SHARE)
        sales = 1000 * (r + 1) * season * np.exp(lift + noise * luck.normal(size=53))
        for c in SHARE:
            part = sales / len(SHARE)
            rows += zip(WEEKS, [f"r{r}"] * 53, [c] * 53, spend[c], part, 100 * part, strict=True)
    return pd.DataFrame(
        rows, columns=["week", "region", "channel", "spend", "conversions", "revenue"]
    )


def _kept(response: np.ndarray, carry: float) -> np.ndarray:
    out, level = np.empty_like(response), 1.0
    for week, now in enumerate(response):
        level = carry * level + (1 - carry) * now
        out[week] = level
    return out


def scenario_of(table: pd.DataFrame) -> FakeScenario:
    """The scenario in which last year's money is that of the table."""
    spent = [table[table["channel"] == name]["spend"].sum() / 12 for name in SHARE]
    amounts = np.repeat(np.array(spent)[:, None], 12, axis=1)
    return replace(SCENARIO, last_year=MediaPlan(tuple(SHARE), HISTORY, amounts))


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
    assert {c.evidence for c in curves.curves if c.channel == "a"} == {"data"}
    assert curves.prior_only == ()


def test_intervals_cover_over_many_histories() -> None:
    hits = []
    for seed in range(10):
        curves = fit_aggregates(aggregates(seed, noise=0.05), SCENARIO, seed=seed)
        for channel in ("a", "b"):
            low, high = np.quantile(share(curves, channel), [0.025, 0.975])
            hits.append(low <= SHARE[channel] <= high)
    assert np.mean(hits) >= 0.8  # 0.95 of 20 leaves 16 or more with a chance of 0.997


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


def test_a_hold_out_is_taken_as_the_share_that_it_measured() -> None:
    silent = aggregates(1, variation=0.02, noise=0.3)
    tested = fit_aggregates(silent, scenario_of(silent), lift={"c": (0.08, 0.004)}, draws=300)
    assert share(tested, "c").mean() == pytest.approx(0.08, abs=3 * 0.004 / 300**0.5 + 0.002)
    assert share(tested, "c").std() == pytest.approx(0.004, rel=0.25)
    assert {c.evidence for c in tested.curves if c.channel == "c"} == {"test"}
    assert "c" not in tested.prior_only


def test_a_short_test_sees_less_than_the_whole_of_what_lasts() -> None:
    """After ten weeks without it, half of what brand advertising is remembered for is still there.

    A share of 0.04 lost over these weeks is more in the long run; where channels act at once it is
    nearly the same.
    """
    found = []
    for scenario in (BRANDS, SCENARIO):
        silent = aggregates(1, variation=0.02, noise=0.3)
        mine = replace(scenario, last_year=scenario_of(silent).last_year)
        curves = fit_aggregates(silent, mine, lift={"c": (0.04, 0.001, 10)}, draws=300)
        found.append(share(curves, "c").mean())
    assert found[0] > 1.5 * found[1]
    assert 0.04 < found[1] < 0.06


def test_a_test_at_other_money_tells_the_share_at_the_usual() -> None:
    """At twice the money a channel brings 2 (1 + κ) / (2 + κ) times its share, 4/3 at κ = 1."""
    silent = aggregates(1, variation=0.02, noise=0.3)
    mine = scenario_of(silent)
    usual, twice = (
        float(share(fit_aggregates(silent, mine, lift={"c": (0.08, 0.001, 52, x)}), "c").mean())
        for x in (1.0, 2.0)
    )
    assert usual / twice == pytest.approx(4 / 3, rel=0.1)


def test_a_rough_test_is_weighed_with_what_is_held_of_such_channels() -> None:
    """A share of 0.3 that may be chance moves little; one that is sure is taken as it is."""
    silent = aggregates(1, variation=0.02, noise=0.3)
    mine = scenario_of(silent)
    usual = float(share(fit_aggregates(silent, mine, draws=300), "c").mean())
    found = [
        float(share(fit_aggregates(silent, mine, lift={"c": (0.3, e)}), "c").mean())
        for e in (10.0, 0.2, 0.002)
    ]
    assert found[0] == pytest.approx(usual, rel=0.15)
    assert usual < found[1] < 0.25
    assert found[2] == pytest.approx(0.3, rel=0.02)


@pytest.mark.long
def test_intervals_after_a_test_cover_what_was_drawn_from_the_prior() -> None:
    """Shares from a half-normal, tests with an error as large: nine in ten lie in their 90 %."""
    silent, luck = aggregates(1, variation=0.02, noise=0.3), np.random.default_rng(8)
    mine = scenario_of(silent)
    usual = share(fit_aggregates(silent, mine, draws=300), "c")
    hits = []
    for truth in luck.choice(usual, 60):
        told = float(truth + 0.1 * luck.normal())
        curves = fit_aggregates(silent, mine, lift={"c": (told, 0.1)}, draws=100)
        low, high = np.quantile(share(curves, "c"), [0.05, 0.95])
        hits.append(low <= truth <= high)
    assert 0.8 <= np.mean(hits) <= 0.99  # 0.9 ± 2.6 standard errors of 60


def test_an_elasticity_is_converted_by_how_bent_the_curve_is() -> None:
    silent = aggregates(1, variation=0.02, noise=0.3)
    told = fit_aggregates(silent, scenario_of(silent), priors={"c": (0.04, 0.001)}, draws=300)
    curve = told.get("c", "conversions", "2026-05")
    assert curve is not None
    assert curve.draws is not None
    usual = told.anchor.effective[curve.stock_key][4]  # type: ignore[union-attr]
    kappa = curve.draws[:, 1] / usual
    marginal = share(told, "c") * kappa / (1 + kappa)
    assert marginal.mean() == pytest.approx(0.04, rel=0.05)
    assert share(told, "c").mean() > 1.5 * 0.04  # as a hold-out it would have been 0.04


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"lift": {"z": (0.1, 0.01)}}, "'z'"),
        ({"lift": {"a": (0.1, 0.0)}}, "lift.a"),
        ({"lift": {"a": (8.0, 1.0)}}, "fractions"),
        ({"lift": {"a": (0.1, 0.1)}, "priors": {"a": (0.1, 0.1)}}, "keep the one"),
    ],
)
def test_tests_that_cannot_be_used_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(AllocationError, match=words):
        fit_aggregates(aggregates(0), SCENARIO, **given)


def test_money_of_the_table_counts() -> None:
    table = aggregates(0)
    curves = fit_aggregates(table, SCENARIO)
    more = fit_aggregates(table.assign(spend=table["spend"] * 1.5), SCENARIO)
    for once, half_more in zip(curves.curves, more.curves, strict=True):
        assert half_more.half == pytest.approx(1.5 * once.half)
        assert half_more.ceiling == pytest.approx(once.ceiling)


@pytest.mark.parametrize("factor", [1000.0, 1 / 7.1])
def test_money_in_another_unit_is_refused(factor: float) -> None:
    table = aggregates(0)
    with pytest.raises(AllocationError, match="give money in CNY") as error:
        fit_aggregates(table.assign(spend=table["spend"] * factor), SCENARIO)
    assert f"{26_652 * factor:,.0f}"[:2] in str(error.value)


def test_a_cap_that_was_not_used_up_is_no_other_unit() -> None:
    table = aggregates(0)
    table.loc[table["channel"] == "b", "spend"] *= 0.1
    with pytest.raises(AllocationError, match="b: the aggregates"):
        fit_aggregates(table, SCENARIO)
    capped = tuple(replace(c, capped=c.name == "b") for c in SCENARIO.channels)
    curve = fit_aggregates(table, replace(SCENARIO, channels=capped)).get("b", "revenue", "2026-01")
    whole = fit_aggregates(aggregates(0), SCENARIO).get("b", "revenue", "2026-01")
    assert curve is not None
    assert whole is not None
    assert curve.half / whole.half == pytest.approx(1.0, rel=0.25)  # in planned money


@dataclass(frozen=True)
class Fair(FakeChannel):
    """There in March alone."""

    def takes_place(self, day: dt.date) -> bool:
        return day.month == 3


def test_what_is_planned_where_a_fair_is_not_is_no_other_unit() -> None:
    """Money for the whole year, of which only that of the fair's month could be spent."""
    table = aggregates(0)
    table.loc[(table["channel"] == "b") & (table["week"].dt.month != 3), "spend"] = 0.0
    with pytest.raises(AllocationError, match="b: the aggregates"):
        fit_aggregates(table, SCENARIO)
    fair = tuple(Fair(**vars(c)) if c.name == "b" else c for c in SCENARIO.channels)
    assert fit_aggregates(table, replace(SCENARIO, channels=fair)).get("b", "revenue", "2026-03")
    other = table.assign(spend=table["spend"].where(table["channel"] != "b", table["spend"] * 50))
    with pytest.raises(AllocationError, match="b: the aggregates"):
        fit_aggregates(other, replace(SCENARIO, channels=fair))


@pytest.mark.parametrize("silence", ["absent", "even"])
def test_a_channel_that_never_varied_is_marked_as_its_prior(silence: str, tmp_path: Path) -> None:
    table = aggregates(0)
    mine = table["channel"] == "c"
    if silence == "absent":
        table = table[~mine]
    else:
        table.loc[mine, "spend"] = 60.0
    curves = fit_aggregates(table, SCENARIO, last_year={"margin": 1e7})
    assert curves.prior_only == ("c",)
    curves.to_csv(tmp_path / "curves.csv")
    again = ResponseCurves.from_csv(tmp_path / "curves.csv", SCENARIO.months)
    assert again.prior_only == ("c",)
    assert {row["evidence"] for row in curves.to_dict() if row["channel"] == "c"} == {"prior only"}
    plan = allocate(SCENARIO, curves)
    assert plan.prior_only == ("c",)
    assert plan.to_dict()["prior_only"] == ["c"]
    assert "prior only, no data behind their curves: c" in repr(plan)
    assert "prior only, no data behind their curves: c" in plan._repr_html_()


def test_weekly_carry_over_becomes_a_daily_lag() -> None:
    """Four fifths kept from week to week leave 11 % of January's response for February."""
    curves = fit_aggregates(aggregates(0, noise=0.002, variation=0.9, carry=0.8), BRANDS)
    curve = curves.get("a", "conversions", "2026-01")
    assert curve is not None
    assert curve.lag**7 == pytest.approx(0.8, abs=0.06)
    days = np.array([31, 28])
    later = carry_over.stock(curve.lag, curve.carry_per, days)[1, 0]
    weeks = carry_over.stock(0.8 ** (1 / 7), "day", days)[1, 0]
    assert later == pytest.approx(weeks, rel=0.35)
    assert weeks > 0.1  # read as a retention per month it would be 0.0007


def test_money_in_one_region_is_a_share_of_all_of_them() -> None:
    table = aggregates(0)
    mine = (table["channel"] == "c") & (table["region"] != "r5")
    table.loc[mine, "spend"] = 0.0
    boost = table["region"] == "r5"
    spent = table[boost & (table["channel"] == "c")]["spend"]
    z = (spent / spent.mean()).to_numpy()
    lift = np.repeat(np.exp(0.4 * 2 * z / (1 + z))[:, None], 3, axis=1).ravel(order="F")
    table.loc[boost, ["conversions", "revenue"]] = (
        table.loc[boost, ["conversions", "revenue"]].to_numpy() * lift[:, None]
    )
    curves = fit_aggregates(table, scenario_of(table))
    part = table[boost]["conversions"].sum() / table["conversions"].sum()
    assert np.median(share(curves, "c")) == pytest.approx(0.4 * part, rel=0.25)


def test_the_noise_of_the_weeks_is_found_and_told() -> None:
    """Poisson sales have a variance of once their mean, a sample of 50 people each fifty times."""
    luck = np.random.default_rng(3)
    found = []
    for weight in (1, 50):
        table = aggregates(0, noise=0.0)
        table["conversions"] = luck.poisson(table["conversions"] / weight) * weight
        table["revenue"] = 100.0 * table["conversions"]
        curves = fit_aggregates(table, SCENARIO, people=weight)
        found.append(curves.noise["conversions"])
        assert ("vary 7 times" in curves.source) == (weight == 50)
    assert found[0] == pytest.approx(1.0, rel=0.35)
    assert found[1] == pytest.approx(50.0, rel=0.35)


def test_sales_of_a_few_a_year_are_no_trouble() -> None:
    luck = np.random.default_rng(4)
    table = aggregates(0)
    table["conversions"] = 1.0 * luck.poisson(0.02, len(table))
    table["revenue"] = 3e5 * table["conversions"]
    curves = fit_aggregates(table, SCENARIO)
    assert set(curves.prior_only) == {"a", "b", "c"}
    assert all(np.isfinite(c.ceiling) for c in curves.curves)


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
        (lambda t: t.replace({"channel": {"a": "Facebook"}}), "unknown channel 'Facebook'"),
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
