"""Draws until an interval is narrow enough: the same study as one of that many draws."""

import math

import pandas as pd
import pytest

from experiments.comparison import run
from experiments.comparison.run import MOST, further, lead_of, study, told
from experiments.study import StudyError
from tests.experiments.made_up import comparison
from tests.scenes import FEW_COMMUNITIES, plain_market


def test_as_many_more_as_the_width_asks_for() -> None:
    """Widths fall with the root of the number, and a step is half to once what is there."""
    tried = comparison({"last_year": 900.0, "lp": 950.0}, worlds=12)
    lead, half = lead_of(tried)
    assert lead == "lp over last_year"
    assert further(tried, None, 12) == 0
    assert further(tried, half * 1.01, 12) == 0
    assert further(tried, half / math.sqrt(1.7), 12) == math.ceil(12 * 1.7) - 12
    assert further(tried, half * 0.99, 12) == 6
    assert further(tried, half / 10, 12) == 12
    assert further(tried, half / 10, MOST - 3) == 3
    assert further(tried, half / 10, MOST) == 0
    assert told(tried, half / 2) == {
        "asked": half / 2, "half_width": half, "reached": False, "lead": lead,
    }  # fmt: skip


def test_where_the_baseline_is_best_its_lead_over_the_next_decides() -> None:
    tried = comparison({"last_year": 990.0, "lp": 950.0})
    assert lead_of(tried)[0] == "last_year over lp"


def test_one_draw_has_no_width_and_asks_for_another() -> None:
    tried = comparison({"last_year": 900.0, "lp": 950.0}, worlds=1)
    assert further(tried, 1e-9, 1) == 1


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, math.nan])
def test_a_width_that_nothing_has_is_refused_before_anything_is_lived(wrong: float) -> None:
    with pytest.raises(StudyError, match="above 0"):
        study(plain_market(), ["last_year", "equal"], until=wrong)
    with pytest.raises(StudyError, match="at least two"):
        study(plain_market(), ["last_year"], until=1.0)


def test_more_draws_are_those_of_a_larger_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST", 4)
    scenario, names = plain_market(defaults=FEW_COMMUNITIES), ["last_year", "last_click", "tiered"]
    size = {"customers": 200, "seed": 5, "workers": 1}
    grown = study(scenario, names, replications=2, until=1e-6, **size)
    whole = study(scenario, names, replications=4, **size)
    mine, other = grown.comparison, whole.comparison
    assert mine.replications == 4
    for table in ("outcomes", "plans", "goals", "last_year"):
        pd.testing.assert_frame_equal(getattr(mine, table), getattr(other, table))
    assert mine.to_dict()["strategies"] == other.to_dict()["strategies"]
    assert [len(choices) for choices in grown.choices.values()] == [4, 4, 4]
