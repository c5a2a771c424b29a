"""No table that is written starts a formula in a spreadsheet."""

import csv
import io

import pandas as pd
import pytest

from tiermix.core.tables.formulas import csv_text, harmless

EVIL = ["=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1+1"]


@pytest.mark.parametrize("text", EVIL)
def test_a_name_like_a_formula_is_text(text: str) -> None:
    table = pd.DataFrame({"channel": [text, "douyin"], text: [1.5, -2.0]})
    rows = list(csv.reader(io.StringIO(csv_text(table))))
    assert rows == [["channel", f"'{text}"], [f"'{text}", "1.5"], ["douyin", "-2.0"]]


@pytest.mark.parametrize("cell", ["douyin", "抖音", "", "-3.5", "+2", 7, -0.5, None, "a=b"])
def test_names_and_figures_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) is cell
