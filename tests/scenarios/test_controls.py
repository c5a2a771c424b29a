"""Controls: what is known of weeks as a factor on needs, and what is assumed of other weeks."""

import copy
import datetime as dt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from scenarios import Control, ScenarioError, build_scenario, controlled_needs
from tests.scenes import busy

DATA = busy().model_dump(mode="json")
MONDAY = dt.date(2025, 1, 6)


def control(values: list[float | None], **more: Any) -> Control:
    return Control.model_validate({"name": "x", "start": MONDAY, "values": values, **more})


def test_a_factor_is_the_exponential_of_effect_times_units_from_the_usual() -> None:
    price = control([10.0, 12.0, 7.0], effect=-0.4, usual=10.0, unit=2.0)
    expected = np.repeat(np.exp([0.0, -0.4, 0.6]), 7)
    assert price.factors(MONDAY, 21) == pytest.approx(expected)
    assert price.factors(MONDAY + dt.timedelta(9), 12) == pytest.approx(expected[9:])


def test_several_controls_multiply() -> None:
    both = [control([1.0, 0.0], effect=0.5), control([2.0, 2.0], effect=0.1)]
    expected = np.repeat(np.exp([0.7, 0.2]), 7)
    assert controlled_needs(both, MONDAY, 14) == pytest.approx(expected)
    assert controlled_needs([], MONDAY, 3).tolist() == [1.0, 1.0, 1.0]


def test_a_week_that_is_not_known_is_that_of_the_year_before() -> None:
    year = [float(n) for n in range(52)]
    weeks = control([*year, 100.0, None], usual=-1.0)
    assert weeks.of_weeks(52, 4).tolist() == [100.0, 1.0, 2.0, 3.0]
    assert weeks.of_weeks(104, 2).tolist() == [100.0, 1.0]


def test_before_the_first_it_is_that_of_the_year_after_and_else_the_usual() -> None:
    weeks = control([5.0, 6.0, None], usual=3.0)
    assert weeks.of_weeks(-52, 3).tolist() == [5.0, 6.0, 3.0]
    assert weeks.of_weeks(-1, 4).tolist() == [3.0, 5.0, 6.0, 3.0]
    late = control([None, *[1.0] * 51, 9.0])
    assert late.of_weeks(0, 1).tolist() == [9.0]


@pytest.mark.parametrize(("field", "value"), [
    ("unit", 0.0), ("values", []), ("values", [float("nan")]), ("effect", float("inf")),
    ("value", [1.0]),
])  # fmt: skip
def test_what_is_no_control_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Control.model_validate({"name": "x", "start": MONDAY, "values": [1.0], field: value})


@pytest.mark.parametrize(("changes", "words"), [
    ({"start": "2031-01-06"}, ["controls.x", "2031-01-06", "outside", "move or remove"]),
    ({"start": "9999-12-30"}, ["controls.x", "outside"]),
    ({"effect": 5.0}, ["seasons.*.needs", "effects of controls", "at most 20"]),
    ({"effect": 1e9}, ["controls.x.effect", "outside"]),
])  # fmt: skip
def test_a_scenario_says_what_is_wrong_with_a_control(
    changes: dict[str, Any], words: list[str]
) -> None:
    data = copy.deepcopy(DATA)
    one = {"name": "x", "start": "2025-01-06", "values": [0.0, 1.0], **changes}
    with pytest.raises(ScenarioError) as caught:
        build_scenario({**data, "controls": [one]}, {}, "made.yaml")
    assert [word for word in words if word not in str(caught.value)] == []


def test_two_controls_of_one_name_are_refused_and_each_is_reached_by_its_name() -> None:
    one = {"name": "price", "start": "2025-01-06", "values": [0.0, 1.0]}
    with pytest.raises(ScenarioError, match="controls: 'price' stands 2 times"):
        build_scenario({**DATA, "controls": [one, one]}, {}, "made.yaml")
    data = {**copy.deepcopy(DATA), "controls": [one]}
    made = build_scenario(data, {"controls.price.effect": 0.2}, "made.yaml")
    assert made.controls[0].effect == 0.2
