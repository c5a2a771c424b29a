"""The strategist's notebook runs from its first cell to its last, and answers what it asks."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "strategist.py"


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What the notebook's names mean at its end; run in this process, a kernel costs seconds."""
    found: dict[str, Any] = {}
    for cell in re.split(r"^# %%.*$", NOTEBOOK.read_text("utf-8"), flags=re.MULTILINE):
        exec(cell, found)
    return found


def test_a_fifth_less_money_costs_less_than_a_fifth(said: dict[str, Any]) -> None:
    assert 0 < said["lost"] < 0.2
    assert said["less"].media.total <= 0.8 * said["scenario"].budget * (1 + 1e-9)
    values = [point.value for point in said["budgets"].points]
    assert values == sorted(values)


def test_the_cap_has_a_price_and_its_dial_rises(said: dict[str, Any]) -> None:
    assert said["price"].price > 0
    found = [p for p in said["caps"].points if p.status == "optimal"]
    assert len(found) >= 3
    assert found[-1].value > found[0].upper
    # A higher cap allows all that a lower one does: the best cannot fall. A point's value is within
    # its own certificate of the best, so where the cap has ceased to bind it may fall by so much.
    for lower, higher in pairwise(found):
        assert higher.upper >= lower.value
        assert higher.value >= lower.value - (higher.upper - higher.lower)
    assert said["with_cap"].objective.value < said["plan"].objective.upper


def test_a_goal_binds_and_one_out_of_reach_names_itself(said: dict[str, Any]) -> None:
    assert said["names"] & set(said["asked"].binding)
    assert "twice the orders" in said["refused"].conflict
    assert said["refused"].relaxation
