"""Controls of a year so far: what they explain is found of no channel, and of no demand."""

from pathlib import Path

import numpy as np
import pytest

from experiments.company_data.run import check_table
from experiments.year_review.actuals import Actuals, actuals_of
from experiments.year_review.expected import expected
from experiments.year_review.findings import DEMAND, judge
from scenarios import Scenario, load_scenario
from tests.experiments.years import GOALS, curves, lived, plan, table_of

FALL = 0.75
APRIL = "2026-04"


def priced(effect: float = float(np.log(FALL))) -> Scenario:
    """Retail in which a unit of the price costs a quarter of demand; last year it was 0."""
    price = {
        "name": "price", "effect": effect, "usual": 0.0, "unit": 1.0, "start": "2025-01-06",
        "values": [0.0] * 52, "source": "assumed",
    }  # fmt: skip
    return load_scenario("retail", {"rules": [], "goals": GOALS, "controls": [price]})


@pytest.fixture(scope="module")
def year() -> Actuals:
    """Demand falls by a quarter in April."""
    return lived(4, factor={"demand": FALL}, since=APRIL)


def told(year: Actuals, tmp_path: Path, price: str | None) -> Path:
    """Its table, with the price of each week: 1 from April on, if any."""
    head, *rows = table_of(year).splitlines()
    if price is not None:
        head += ",control.price"
        rows = [
            f"{row},{price if row >= APRIL else '0'}" if ",total," in row else f"{row},"
            for row in rows
        ]
    file = tmp_path / "actuals.csv"
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return file


def test_a_fall_of_demand_that_a_control_explains_is_none(year: Actuals, tmp_path: Path) -> None:
    scenario = priced()
    read = actuals_of(check_table(told(year, tmp_path, "1")), scenario)
    assert read.demand[0] == pytest.approx(1.0)
    assert read.demand[-1] == pytest.approx(FALL)
    seen = expected(scenario, curves(), read.spent(plan()), read, read.kpi)
    assert seen.actual.sum() == pytest.approx(seen.mean.sum(), rel=0.02)
    assert not judge(seen, read).findings
    assert "follows price as the table has them" in " ".join(read.remarks)


@pytest.mark.parametrize("price", ["0", None])
def test_without_it_the_same_fall_is_found_of_demand(
    year: Actuals, price: str | None, tmp_path: Path
) -> None:
    scenario = priced()
    read = actuals_of(check_table(told(year, tmp_path, price)), scenario)
    seen = expected(scenario, curves(), read.spent(plan()), read, read.kpi)
    (one,) = judge(seen, read).findings
    assert (one.cause, one.change < -0.1) == (DEMAND, True)
    lacking = "of price the table tells nothing" in " ".join(read.remarks)
    assert lacking == (price is None)


def test_a_control_without_an_effect_is_said_to_be_unused(year: Actuals, tmp_path: Path) -> None:
    read = actuals_of(check_table(told(year, tmp_path, "1")), priced(effect=0.0))
    assert (read.demand == 1.0).all()
    assert any("not used" in one and "price" in one for one in read.remarks)


def test_what_was_assumed_of_a_week_is_taken_off(year: Actuals, tmp_path: Path) -> None:
    """A price that returns every year is in the plan already."""
    scenario = priced()
    control = scenario.controls[0]
    weeks = tuple(1.0 if n > 11 else 0.0 for n in range(52))
    returns = control.model_copy(update={"values": weeks})
    known = scenario.model_copy(update={"controls": (returns,)})
    read = actuals_of(check_table(told(year, tmp_path, "1")), known)
    assert read.demand[-1] == pytest.approx(1.0)
