"""Potential outcomes: both years of every customer, and what they add up to."""

import numpy as np
import pytest

from sim import PotentialOutcomes, ground_truth, potential_outcomes, simulate
from tests.scenes import busy
from tests.sim.test_truth_estimands import small

CUSTOMERS = 600


@pytest.fixture(scope="module")
def found() -> PotentialOutcomes:
    """In a market where a twentieth of the people withhold consent."""
    return potential_outcomes(busy(), seed=3, customers=CUSTOMERS, workers=1)


@pytest.mark.parametrize(
    ("kpi", "name"),
    [("conversions", "orders"), ("revenue", "value")],
)
@pytest.mark.long
def test_customers_add_up_to_the_effect(found: PotentialOutcomes, kpi: str, name: str) -> None:
    """Also those whom the company does not see."""
    effects = ground_truth(busy(), seed=3, customers=CUSTOMERS, kpi=kpi, workers=1)
    assert busy().integration.consent < 1
    for unit, effect in effects.table[["unit", "effect"]].itertuples(index=False):
        frame = found.frame(unit)
        less = frame[f"{name}_with"].sum() - frame[f"{name}_without"].sum()
        assert less * found.weight == pytest.approx(effect, rel=1e-9, abs=1e-6)


def test_everybody_is_of_one_of_four_kinds(found: PotentialOutcomes) -> None:
    table = found.table
    kinds = table[["both", "only_with", "only_without", "neither"]]
    np.testing.assert_allclose(kinds.sum(axis=1), busy().market_size)
    frame = found.frame("video")
    only = ((frame["orders_with"] > 0) & (frame["orders_without"] == 0)).sum() * found.weight
    assert table.set_index("unit").loc["video", "only_with"] == pytest.approx(only)
    assert (table["both_se"] > 0).all()


def test_shared_luck_leaves_few_who_buy_only_without() -> None:
    """Far fewer than if the two years were independent: P(with) times 1 - P(without)."""
    outcomes = potential_outcomes(small(), seed=1, customers=CUSTOMERS, workers=1)
    row = outcomes.table.set_index("unit").loc["video"] / small().market_size
    buys = row["both"] + row["only_with"]
    apart = (1.0 - buys) * (row["both"] + row["only_without"])
    assert row["only_without"] < 0.2 * apart
    assert row["only_with"] > row["only_without"]


def test_what_does_nothing_changes_nobody() -> None:
    outcomes = potential_outcomes(small(), seed=1, customers=200, over=["inert"], workers=1)
    row = outcomes.table.loc[0]
    assert row["only_with"] == row["only_without"] == 0.0
    frame = outcomes.frame("inert")
    assert frame["value_with"].equals(frame["value_without"])


def test_customers_have_the_names_of_the_run(found: PotentialOutcomes) -> None:
    run = simulate(busy(), seed=3, customers=CUSTOMERS, workers=1)
    people = run.truth[["customer_id", "persona"]].drop_duplicates()
    known = people.set_index("customer_id")["persona"]
    frame = found.frame("video").set_index("customer_id")["persona"]
    assert sorted(known.index) == sorted(frame.index)
    assert known.reindex(frame.index).equals(frame)


def test_potential_outcomes_are_the_same_on_any_number_of_workers() -> None:
    one, two = (
        potential_outcomes(small(), seed=1, customers=200, workers=count, over="tiers")
        for count in (1, 2)
    )
    assert np.array_equal(one.orders, two.orders)
    assert np.array_equal(one.value, two.value)
