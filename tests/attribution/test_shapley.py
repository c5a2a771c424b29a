"""Shapley values against all orders of joining, and the axioms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attribution import AttributionError, Shapley
from attribution.shared import games
from journeys import JourneyLog
from tests.attribution import naive
from tests.journeys.strategies import CHANNELS, converting_path_tables, few, path_tables

worths = (
    st.integers(1, 5)
    .flatmap(lambda players: arrays(np.float64, 1 << players, elements=st.integers(-9, 9)))
    .map(lambda worth: worth - worth[0])
)


def credit(table: pd.DataFrame, **options: object) -> pd.Series:
    return Shapley(**options).fit(JourneyLog.from_paths(table)).credit_["conversions"]


@few
@given(worth=worths)
def test_the_exact_value_is_the_mean_over_all_orders(worth: np.ndarray) -> None:
    players = [str(i) for i in range(len(worth).bit_length() - 1)]
    expected = naive.permutation_shapley(
        players, lambda coalition: worth[sum(1 << int(player) for player in coalition)]
    )
    found = games.shapley(worth)
    np.testing.assert_allclose(found, naive.as_series(expected, players), atol=1e-10)


@few
@given(worth=worths)
def test_efficiency(worth: np.ndarray) -> None:
    assert games.shapley(worth).sum() == pytest.approx(worth[-1], abs=1e-10)


@few
@given(worth=worths, other=st.randoms(use_true_random=False))
def test_linearity(worth: np.ndarray, other) -> None:
    second = np.array([other.randint(-9, 9) for _ in worth], dtype=float)
    both = games.shapley(2.0 * worth + second)
    np.testing.assert_allclose(both, 2.0 * games.shapley(worth) + games.shapley(second), atol=1e-9)


@few
@given(worth=worths)
def test_a_player_who_adds_nothing_gets_nothing(worth: np.ndarray) -> None:
    found = games.shapley(np.concatenate([worth, worth]))
    assert found[-1] == 0.0
    np.testing.assert_allclose(found[:-1], games.shapley(worth), atol=1e-10)


@few
@given(worth=worths)
def test_players_who_add_the_same_get_the_same(worth: np.ndarray) -> None:
    # Two twins join: either of them brings what the last bit of the game stands for.
    half = len(worth) // 2
    without, with_one = worth[:half], worth[half:]
    found = games.shapley(np.concatenate([without, with_one, with_one, with_one]))
    assert found[-1] == pytest.approx(found[-2], abs=1e-10)


@few
@given(worth=worths)
def test_dividends_add_up_to_worth(worth: np.ndarray) -> None:
    np.testing.assert_allclose(games.subset_sums(games.dividends(worth)), worth, atol=1e-9)


@few
@given(table=path_tables)
def test_the_closed_form_is_the_value_of_its_game(table: pd.DataFrame) -> None:
    expected = naive.permutation_shapley(CHANNELS, naive.closed_coalitions(table))
    found = credit(table)
    np.testing.assert_allclose(found, naive.as_series(expected, list(found.index)), atol=1e-9)


@pytest.mark.parametrize("ordered", [False, True])
@few
@given(table=path_tables)
def test_rates_are_shared_by_the_game_of_each_set(ordered: bool, table: pd.DataFrame) -> None:
    found = credit(table, value="ordered" if ordered else "rate")
    expected = naive.rate_shapley(table, ordered=ordered)
    np.testing.assert_allclose(found, naive.as_series(expected, list(found.index)), atol=1e-9)


@pytest.mark.parametrize("value", ["conversions", "rate", "ordered"])
@few
@given(table=converting_path_tables)
def test_conversions_and_value_are_all_given_away(value: str, table: pd.DataFrame) -> None:
    given_away = Shapley(value).fit(JourneyLog.from_paths(table)).credit_.sum()
    np.testing.assert_allclose(given_away, table[["conversions", "value"]].sum(), rtol=1e-9)


@few
@given(first=path_tables, second=path_tables)
def test_credit_of_two_logs_is_the_sum_of_their_credits(first, second) -> None:
    both = credit(pd.concat([first, second]))
    parts = credit(first).add(credit(second), fill_value=0.0)
    np.testing.assert_allclose(both, parts[both.index], atol=1e-9)


def test_random_orders_come_within_their_stated_error() -> None:
    random = np.random.default_rng(3)
    paths = [" > ".join(random.choice(list("abcdef"), size=4)) for _ in range(300)]
    table = pd.DataFrame({"path": paths, "conversions": random.integers(0, 2, 300), "nulls": 1})
    exact = credit(table, value="rate")
    model = Shapley("rate", samples=400, seed=1).fit(JourneyLog.from_paths(table))
    error = model.standard_error_["conversions"]
    assert (error > 0).all()
    assert ((model.credit_["conversions"] - exact).abs() < 5 * error).all()
    assert model.credit_["conversions"].sum() == pytest.approx(table["conversions"].sum())


def test_too_many_channels_to_count_all_coalitions_are_refused_with_a_remedy() -> None:
    table = pd.DataFrame({"path": [f"c{i}" for i in range(25)], "conversions": 1})
    with pytest.raises(AttributionError, match="samples="):
        credit(table, value="rate")
    assert credit(table, value="rate", samples=20).sum() == pytest.approx(25.0)


def test_an_unknown_value_function_is_refused() -> None:
    with pytest.raises(AttributionError, match="magic"):
        credit(pd.DataFrame({"path": ["a"], "conversions": [1]}), value="magic")


@few
@given(
    base=st.floats(-3, 3),
    parts=arrays(
        np.float64, st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=st.floats(-2, 2)
    ),
)
def test_additive_games_are_solved_like_any_game(base: float, parts: np.ndarray) -> None:
    found = games.additive_shapley(np.tanh, np.full(len(parts), base), parts)
    for row, values in zip(parts, found, strict=True):
        sums = [
            base + sum(row[i] for i in range(len(row)) if s >> i & 1) for s in range(1 << len(row))
        ]
        np.testing.assert_allclose(values, games.shapley(np.tanh(sums)), atol=1e-12)
