"""ResponseCurves: the contract's CSV, the anchor, draws."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.fakes import MONTHS, make_curves, make_scenario
from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError
from optimize.model.response_model import ResponseModel, anchored


def test_csv_there_and_back_is_the_same_curves(tmp_path: Path) -> None:
    curves = make_curves(make_scenario(), carry_over=0.3, lag=0.2)
    points = Curve("z", "margin", "points", 2.0, points=((0.0, 5.0), (0.0, 2.0)))
    whole = ResponseCurves((*curves.curves, points), curves.months)
    whole.to_csv(tmp_path / "curves.csv")
    again = ResponseCurves.from_csv(tmp_path / "curves.csv", curves.months)
    assert again.curves == whole.curves
    assert [file.name for file in tmp_path.iterdir()] == ["curves.csv"]


def test_a_csv_of_the_contract_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_text(
        "channel,kpi,family,ceiling,half,shape,carry_over,month,spend,response\n"
        "search,revenue,hill,100,50,1,0.2,,,\n"
        "search,revenue,hill,200,50,1,0.2,2026-11,,\n"
        "forum,revenue,points,,,,,,0,0\n"
        "forum,revenue,points,,,,,,10,4\n"
        "base,revenue,base,7,,,,2026-01,,\n"
    )
    curves = ResponseCurves.from_csv(path, MONTHS)
    assert curves.get("search", "revenue", "2026-03").ceiling == 100  # type: ignore[union-attr]
    assert curves.get("search", "revenue", "2026-11").ceiling == 200  # type: ignore[union-attr]
    assert curves.get("forum", "revenue", "2026-01").value(5.0)[0] == 2.0  # type: ignore[union-attr]
    assert curves.base["revenue"].tolist() == [7.0] + [0.0] * 11


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,revenue,cubic,1,1,1,0,", ["row 2", "cubic", "hill"]),
        ("a,revenue,hill,-1,1,1,0,", ["row 2", "ceiling", "-1"]),
        ("a,revenue,hill,x,1,1,0,", ["row 2", "ceiling", "'x'"]),
        ("a,revenue,hill,1,1,1,2,", ["row 2", "carry_over", "2"]),
        ("a,revenue,hill,1,1,1,0,2031-01", ["row 2", "2031-01", "2026-01"]),
    ],
)
def test_a_bad_row_is_refused_with_its_place(tmp_path: Path, row: str, words: list[str]) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"channel,kpi,family,ceiling,half,shape,carry_over,month\n{row}\n")
    with pytest.raises(AllocationError) as error:
        ResponseCurves.from_csv(path, MONTHS)
    assert all(word in str(error.value) for word in ["mine.csv", *words])


def test_a_missing_table_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(AllocationError, match="no such file"):
        ResponseCurves.from_csv(tmp_path / "none.csv", MONTHS)
    with pytest.raises(AllocationError, match="'family' is missing"):
        ResponseCurves.from_frame(pd.DataFrame({"channel": ["a"], "kpi": ["b"]}), MONTHS)


HEADER = "channel,kpi,family,ceiling,half,shape,carry_over"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"{HEADER}\n", "no curves table"),
        (f"{HEADER}\na,revenue,hill,1,000,50,1,0.2\n", "line 2: the cell"),
        (f"{HEADER}\na,revenue,hill,1,5,1,0\nb,revenue,hill,1,000,50,1,0.2\n", "line 3: the"),
        (f"{HEADER},half\na,revenue,hill,1,50,1,0.2,7\n", "'half' twice"),
    ],
)
def test_what_would_be_read_wrongly_is_refused(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "curves.csv"
    path.write_bytes(text.encode("gbk"))
    with pytest.raises(AllocationError, match=word) as error:
        ResponseCurves.from_csv(path, MONTHS)
    assert str(path) in str(error.value)


def test_spaces_in_a_header_are_no_part_of_names(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_text("channel , kpi,Family ,ceiling,half,shape\n007 , revenue,hill,1,50,1\n")
    assert ResponseCurves.from_csv(path, MONTHS).get("007", "revenue", "2026-01") is not None


def test_months_without_curves_are_refused() -> None:
    curves = ResponseCurves((Curve("a", "margin", "hill", 1.0, month="2026-01"),), MONTHS)
    with pytest.raises(AllocationError, match="none for 2026-02"):
        curves.get("a", "margin", "2026-02")


def test_two_curves_for_one_thing_are_refused() -> None:
    curve = Curve("a", "margin", "hill", 1.0)
    with pytest.raises(AllocationError, match="two curves"):
        ResponseCurves((curve, curve), MONTHS).get("a", "margin", "2026-01")


@pytest.mark.parametrize("kernel", [{}, {"carry_over": 0.9, "carry_per": "day"}, {"lag": 0.4}])
def test_an_anchored_plan_brings_what_the_anchor_says(kernel: dict[str, Any]) -> None:
    scenario = make_scenario(prices={"2026-02": 1.2})
    level = np.array([100.0, 90.0, 80.0])
    curves = anchored(make_curves(scenario, **kernel), scenario, {"margin": level})
    response_model = ResponseModel(scenario, curves)
    reference = response_model.spend_of(scenario.reference_plan)
    assert response_model.kpi("margin", reference)[:3] == pytest.approx(level)
    assert response_model.kpi("margin", 1.2 * reference)[:3].sum() > level.sum()


def test_an_anchored_set_written_and_read_promises_the_same(tmp_path: Path) -> None:
    scenario = make_scenario()
    level = {"margin": np.array([1000.0, 900.0, 800.0])}
    curves = anchored(make_curves(scenario, carry_over=0.3, lag=0.4), scenario, level)
    curves.to_csv(tmp_path / "curves.csv")
    again = ResponseCurves.from_csv(tmp_path / "curves.csv", scenario.months)
    spend = np.random.default_rng(0).uniform(0, 200, (3, 3))
    before, after = (ResponseModel(scenario, c).kpi("margin", spend) for c in (curves, again))
    assert after == pytest.approx(before)


def test_carry_in_from_last_year_helps_the_first_months_only() -> None:
    scenario = make_scenario()
    curves = make_curves(scenario, carry_over=0.5)
    response_model = ResponseModel(scenario, curves)
    nothing = response_model.kpi("margin", np.zeros((3, 3)))
    assert nothing[0] > nothing[1] > nothing[2] > 0


def test_what_comes_after_is_valued_on_top_of_a_next_year_that_goes_on() -> None:
    scenario = make_scenario()
    curves = make_curves(scenario, carry_over=0.5)
    response_model = ResponseModel(scenario, curves)
    spend = response_model.spend_of(scenario.reference_plan)
    stock_key = ("a", 0.5, "month")
    weights = 0.5 * 0.5 ** np.arange(24)
    own = 100.0
    curve = curves.get("a", "margin", "2026-01")
    assert curve is not None
    expected = 0.0
    for ahead in range(3):
        next_year = own * weights[: ahead + 1].sum()
        carried = own * weights[ahead + 1 : ahead + 4].sum()
        before = own * weights[ahead + 4 : ahead + 7].sum()  # last year's own rest
        expected += float(curve.value(next_year + carried + before)[0] - curve.value(next_year)[0])
    effect = next(e for e in response_model.effects["margin"] if e.stock_key == stock_key)
    got = effect.spread[-1] @ (
        effect.cells.value(response_model.effective(stock_key, spend)) - effect.floor
    )
    assert got == pytest.approx(expected)


def test_draws_replace_parameters_one_set_at_a_time() -> None:
    draws = np.array([[2.0, 3.0, 1.0], [4.0, 3.0, 1.0]])
    curves = ResponseCurves((Curve("a", "margin", "hill", 3.0, 3.0, 1.0, draws=draws),), MONTHS)
    assert curves.draws == 2
    assert [curves.draw(d).curves[0].ceiling for d in (0, 1)] == [2.0, 4.0]
    assert "2.1 to 3.9" in repr(curves)


def test_a_table_that_a_chinese_excel_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_bytes(f"{HEADER}\n抖音,revenue,hill,1,50,1,0.2\n".encode("gbk"))
    assert ResponseCurves.from_csv(path, MONTHS).get("抖音", "revenue", "2026-01") is not None
