"""Markov chains against plain iteration, and the properties of removal effects."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution import AttributionError, Markov
from attribution.shared import chain
from journeys import JourneyLog
from tests.attribution import naive
from tests.journeys.strategies import converting_path_tables, few, path_tables

EXAMPLE = pd.DataFrame(
    {
        "path": [
            "a > b > a > c",
            "b > c",
            "a",
            "c > c > b",
            "b > a > b > a",
            "c",
            "a > b > c > a > b",
        ],
        "conversions": [2, 1, 1, 3, 0, 1, 2],
        "value": [20.0, 5.0, 9.0, 30.0, 0.0, 4.0, 50.0],
        "nulls": [1, 4, 5, 2, 6, 9, 1],
    }
)


def effects(table: pd.DataFrame, **options: object) -> pd.DataFrame:
    return Markov(**options).fit(JourneyLog.from_paths(table)).removal_effects_


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_removal_effects_are_those_of_plain_iteration(order: int) -> None:
    whole = naive.conversion_rate(EXAMPLE, order)
    for channel, row in effects(EXAMPLE, order=order).iterrows():
        without = naive.conversion_rate(EXAMPLE, order, removed=str(channel))
        expected = [1 - without[k] / whole[k] for k in range(2)]
        np.testing.assert_allclose(row, expected, rtol=1e-10)


@few
@given(table=converting_path_tables, order=st.sampled_from([1, 2, 3, 4]))
def test_an_unbroken_chain_converts_as_often_as_the_journeys(
    table: pd.DataFrame, order: int
) -> None:
    paths = JourneyLog.from_paths(table).paths()
    rate = [paths.conversions.sum() / paths.weight.sum(), paths.value.sum() / paths.weight.sum()]
    np.testing.assert_allclose(chain.expected(chain.build(paths, order)), rate, rtol=1e-10)


@few
@given(
    table=path_tables, order=st.sampled_from([1, 2, 3]), removal=st.sampled_from(["null", "detour"])
)
def test_large_chains_are_solved_as_small_ones(
    table: pd.DataFrame, order: int, removal: str
) -> None:
    dense = effects(table, order=order, removal=removal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "DENSE_STATES", 0)
        sparse = effects(table, order=order, removal=removal)
    np.testing.assert_allclose(sparse, dense, rtol=1e-10, atol=1e-12)


def test_long_journeys_are_solved_exactly_by_iteration() -> None:
    random = np.random.default_rng(0)
    paths = [" > ".join(random.choice(list("abcdef"), size=n)) for n in random.geometric(0.005, 60)]
    table = pd.DataFrame({"path": paths, "conversions": [1, 0] * 30, "nulls": [0, 1] * 30})
    dense = effects(table, order=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "DENSE_STATES", 0)
        np.testing.assert_allclose(
            effects(table, order=2)["conversions"], dense["conversions"], rtol=1e-9
        )


@few
@given(
    table=converting_path_tables,
    order=st.sampled_from([1, 2, 4]),
    convention=st.sampled_from(["global", "journey"]),
    removal=st.sampled_from(["null", "refit"]),
)
def test_all_conversions_and_value_are_given_away(table, order, convention, removal) -> None:
    model = Markov(order=order, convention=convention, removal=removal)
    credit = model.fit(JourneyLog.from_paths(table)).credit_
    np.testing.assert_allclose(credit.sum(), table[["conversions", "value"]].sum(), rtol=1e-9)


@few
@given(table=converting_path_tables)
def test_grouped_and_ungrouped_tables_agree(table: pd.DataFrame) -> None:
    paths = JourneyLog.from_paths(table).paths()
    single = Markov(order=2).fit(paths).credit_
    np.testing.assert_allclose(
        Markov(order=2).fit(paths.grouped()).credit_, single, rtol=1e-12, atol=1e-12
    )


def test_a_channel_that_every_conversion_passes_has_the_effect_one() -> None:
    table = pd.DataFrame(
        {"path": ["a > gate", "gate", "a"], "conversions": [1, 1, 0], "nulls": [1, 1, 9]}
    )
    assert effects(table).loc["gate", "conversions"] == pytest.approx(1.0)


def test_refit_is_the_share_of_conversions_that_a_channel_took_part_in() -> None:
    share = dict.fromkeys("abc", 0.0)
    for path, conversions, _, _ in naive.rows(EXAMPLE):
        for channel in set(path):
            share[channel] += conversions / EXAMPLE["conversions"].sum()
    found = effects(EXAMPLE, removal="refit")["conversions"]
    np.testing.assert_allclose(found, [share[c] for c in found.index], rtol=1e-12)


def test_a_detour_sends_people_where_the_others_go() -> None:
    # From the start half go to good, which always converts, half to bad, which never does.
    table = pd.DataFrame({"path": ["good", "bad"], "conversions": [1, 0], "nulls": [0, 1]})
    found = effects(table, removal="detour")["conversions"]
    assert found["good"] == pytest.approx(1.0)
    assert found["bad"] == pytest.approx(-1.0)


def test_a_detour_that_closes_a_loop_converts_nobody() -> None:
    table = pd.DataFrame({"path": ["a > a > b", "c"], "conversions": [1, 1], "nulls": [0, 0]})
    # Without b, whoever starts at a goes round for ever; only starts at c convert.
    assert effects(table, removal="detour").loc["b", "conversions"] == pytest.approx(0.5)


def test_journey_credit_follows_removal_effects_within_each_journey() -> None:
    model = Markov(convention="journey").fit(JourneyLog.from_paths(EXAMPLE))
    effect = model.removal_effects_["conversions"]
    expected = dict.fromkeys("abc", 0.0)
    for path, conversions, _, _ in naive.rows(EXAMPLE):
        for channel in path:
            expected[channel] += conversions * effect[channel] / sum(effect[c] for c in path)
    np.testing.assert_allclose(model.credit_["conversions"], list(expected.values()), rtol=1e-12)


@pytest.mark.parametrize("order", [1, 3])
def test_transition_probabilities_leave_every_state_for_certain(order: int) -> None:
    model = Markov(order=order).fit(JourneyLog.from_paths(EXAMPLE))
    leaving = model.transition_matrix_.groupby("source")["probability"].sum()
    np.testing.assert_allclose(leaving, 1.0, rtol=1e-12)


def test_known_transition_probabilities() -> None:
    table = pd.DataFrame({"path": ["a > b", "a"], "conversions": [3, 1], "nulls": [0, 0]})
    found = Markov().fit(JourneyLog.from_paths(table)).transition_matrix_
    rows = {(r.source, r.target): r.probability for r in found.itertuples()}
    assert rows == {
        ("(start)", "a"): 1.0,
        ("a", "b"): 0.75,
        ("a", "(conversion)"): 0.25,
        ("b", "(conversion)"): 1.0,
    }


@pytest.mark.parametrize(
    "options", [{"order": 5}, {"order": 0}, {"convention": "mine"}, {"removal": "magic"}]
)
def test_unknown_settings_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(AttributionError, match=next(iter(options))):
        effects(EXAMPLE, **options)


def test_global_credit_knows_no_touches() -> None:
    model = Markov().fit(JourneyLog.from_paths(EXAMPLE))
    with pytest.raises(AttributionError, match="journey"):
        _ = model.credit_by_touch_


def test_more_channels_than_can_be_taken_out_one_by_one_are_refused_at_once() -> None:
    path = " > ".join(f"c{n}" for n in range(20_000))
    log = JourneyLog.from_paths(pd.DataFrame({"path": [path], "conversions": [1], "value": [1.0]}))
    with pytest.raises(AttributionError, match=r"20,000 are more than the 1,000.*'refit'"):
        Markov().fit(log)
    assert Markov(removal="refit").fit(log).credit_["conversions"].sum() == pytest.approx(1.0)
