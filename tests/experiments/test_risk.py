"""Risk: quantiles and the worst fifth against closed forms, and what is not told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from experiments.front import front, pair_of, undominated
from experiments.report.comparison.risk import risk
from experiments.report.comparison.scorecards import scorecards
from experiments.risk import (
    FIFTH_FROM,
    TOLD_FROM,
    all_goals,
    noise_of,
    quantile,
    spread_of,
    without_noise,
    worst_mean,
)
from tests.experiments.made_up import comparison, report_data, story


def _normal(draws: int, seed: int = 1) -> np.ndarray:
    return 100.0 + 10.0 * np.random.default_rng(seed).standard_normal(draws)


def test_quantiles_and_the_worst_fifth_of_many_draws_are_those_of_the_law() -> None:
    draws = 20_000
    found = spread_of(_normal(draws), 0.0)
    assert found.p5
    assert found.p50
    assert found.p95
    assert found.worst
    error = 10.0 / np.sqrt(draws)
    for told, p in ((found.p5, 0.05), (found.p50, 0.5), (found.p95, 0.95)):
        at = norm.ppf(p)
        se = error * np.sqrt(p * (1 - p)) / norm.pdf(at)
        assert told.value == pytest.approx(100 + 10 * at, abs=4 * se)
    mean, se = found.worst
    assert mean == pytest.approx(100 - 10 * norm.pdf(norm.ppf(0.2)) / 0.2, abs=4 * se)


def test_the_interval_of_a_quantile_covers_it_at_least_as_often_as_it_says() -> None:
    tries, inside = 400, {0.05: 0, 0.5: 0}
    for seed in range(tries):
        values = _normal(60, seed)
        for p in inside:
            told = quantile(values, p)
            low = -np.inf if np.isnan(told.low) else told.low
            high = np.inf if np.isnan(told.high) else told.high
            inside[p] += low <= 100 + 10 * norm.ppf(p) <= high
    least = 0.95 - 3 * np.sqrt(0.95 * 0.05 / tries)
    assert min(inside.values()) / tries >= least


def test_the_error_of_the_worst_fifth_is_how_far_it_moves_between_repetitions() -> None:
    found = np.array([worst_mean(_normal(100, seed)) for seed in range(400)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(ddof=1), rel=0.15)


def test_few_draws_bound_no_tail_and_are_told_none() -> None:
    few = spread_of(_normal(TOLD_FROM[0.05] - 1), 0.0)
    assert few.p5 is None
    assert few.p95 is None
    assert "P5 and P95" in few.words
    assert spread_of(_normal(FIFTH_FROM - 1), 0.0).worst is None
    enough = spread_of(_normal(TOLD_FROM[0.05]), 0.0)
    assert enough.p5 is not None
    assert np.isnan(enough.p5.low)
    assert enough.words == ""
    assert spread_of(np.array([1.0]), np.nan).p50 is None


def test_noise_of_the_simulation_is_no_risk_of_the_company() -> None:
    luck = np.random.default_rng(3)
    noisy = _normal(5000) + luck.normal(0.0, 8.0, 5000)
    noise = noise_of(noisy[None], np.full((1, 5000), 8.0))
    calm = without_noise(noisy, noise)
    assert noise == pytest.approx(64 / 164, abs=0.03)
    assert calm.std(ddof=1) == pytest.approx(10.0, rel=0.05)
    assert calm.mean() == pytest.approx(noisy.mean())


def test_noise_is_pooled_over_strategies_and_unknown_of_one_draw() -> None:
    values = np.array([[0.0, 2.0, 4.0], [0.0, 4.0, 8.0]])
    errors = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    assert noise_of(values, errors) == pytest.approx((1 + 4) / (4 + 16))
    assert np.isnan(noise_of(values[:, :1], errors[:, :1]))
    assert noise_of(np.ones((2, 3)), errors) == 0.0


def test_tails_that_noise_hides_are_not_told() -> None:
    luck = np.random.default_rng(3)
    noisy = _normal(400) + luck.normal(0.0, 30.0, 400)
    found = spread_of(noisy, noise_of(noisy[None], np.full((1, 400), 30.0)))
    assert (found.p5, found.worst) == (None, None)
    assert "more customers" in found.words


@given(st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=40))
def test_costs_turn_the_worst_side(values: list[float]) -> None:
    good = np.array(values)
    mean, se = worst_mean(good)
    turned, same = worst_mean(-good, -1)
    assert turned == pytest.approx(-mean)
    assert same == pytest.approx(se)
    assert good.min() - 1e-6 <= mean <= good.mean() + 1e-6


def test_all_goals_together_are_at_most_as_likely_as_each() -> None:
    told = story()
    together, each = all_goals(told.goals), told.goal_probabilities()
    for name, chance in together.items():
        mine = each[each["strategy"] == name]
        assert chance.estimate <= mine["probability"].min()
        assert chance.estimate >= 1 - (1 - mine["probability"]).sum() - 1e-9


def test_all_goals_are_met_where_every_one_is() -> None:
    rows = [("a", 0, True), ("a", 0, True), ("a", 1, True), ("a", 1, False)]
    table = pd.DataFrame(rows, columns=["strategy", "world", "met"])
    assert all_goals(table)["a"].estimate == 0.5
    assert all_goals(table.iloc[:0]) == {}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_the_front_is_what_nobody_beats(points: list[tuple[int, int]]) -> None:
    array = np.array(points, dtype=float)
    told = undominated(array)
    for here, kept in zip(array, told, strict=True):
        beaten = any((there >= here).all() and (there > here).any() for there in array)
        assert kept == (not beaten)


def test_the_price_along_the_front_is_what_one_unit_costs() -> None:
    means = pd.DataFrame(
        {"revenue": [10.0, 20.0, 15.0], "profit": [9.0, 4.0, 3.0]}, index=["a", "b", "c"]
    )
    found = front(means, "revenue", "profit")
    assert found.index.tolist() == ["a", "b"]
    assert found["price"].iloc[1] == pytest.approx(0.5)
    cheap = pd.DataFrame({"cac": [10.0, 20.0], "profit": [9.0, 12.0]}, index=["a", "b"])
    assert front(cheap, "cac", "profit").index.tolist() == ["a", "b"]
    assert front(cheap.assign(profit=[12.0, 9.0]), "cac", "profit").index.tolist() == ["a"]


def test_the_document_the_page_and_the_goals_tell_the_same_chance() -> None:
    told = story(worlds=24)
    document = told.to_dict()
    for strategy in document["strategies"]:
        mine = strategy["risk"]
        assert mine["draws"] == 24
        assert mine["p5"]["value"] <= mine["p50"]["value"] <= mine["p95"]["value"]
        assert mine["cvar"]["value"] <= mine["p50"]["value"]
        chance = all_goals(told.goals)[strategy["name"]]
        assert mine["all_goals"]["probability"] == chance.estimate
    text = risk(told, report_data())
    assert 'id="risk"' in text
    assert 'id="chart-front"' in text
    assert "all of them together" in scorecards(told, report_data())
    assert pair_of(told.outcomes, told.goals, told.objective) == ("new_customers", "margin")


def test_one_draw_without_goals_has_no_section() -> None:
    alone = comparison({"last_year": 1000.0}, worlds=1)
    bare = alone.__class__(**{**vars(alone), "goals": alone.goals.iloc[:0]})
    assert risk(bare, report_data()) == ""
