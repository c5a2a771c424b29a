"""The command line around other people's logs: outcomes, transforms, remarks, credit as a file."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.experiments.conftest import Call

LOG = """visitor_id,time,channel,kind,value,page
a,2025-01-01 10:00,Email,visit,,/
a,2025-01-01 11:00,Email,visit,,/
a,2025-01-02 10:00,ads,impression,,
a,2025-01-03 10:00,direct,visit,,
a,2025-01-04 10:00,,generate_lead,,
b,2025-01-01 10:00,email,visit,,
b,2025-01-02 10:00,,order,30,
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    return file


def credit(call: Call, *asked: object) -> dict[str, float]:
    code, out, said = call("attribute", *asked, "--json")
    assert code == 0, said
    model = json.loads(out)["models"][0]
    return {row["channel"]: row["conversions"] for row in model["credit"] if row["conversions"]}


def test_leads_are_credited_when_they_are_asked_for(call: Call, log: Path) -> None:
    asked = ("--model", "linear", "--outcome", "lead")
    assert credit(call, log, *asked) == {"Email": 0.5, "ads": 0.25, "direct": 0.25}
    assert credit(call, log, *asked, "--without", "direct") == pytest.approx(
        {"Email": 2 / 3, "ads": 1 / 3}
    )
    assert credit(call, log, *asked, "--transform", "exposure") == pytest.approx(
        {"Email": 1 / 3, "ads": 1 / 3, "direct": 1 / 3}
    )
    assert credit(call, log, *asked, "--no-impressions") == pytest.approx(
        {"Email": 2 / 3, "direct": 1 / 3}
    )
    pieces = ("--pieces", "3", "--transform", "first", "--no-impressions")
    assert credit(call, log, *asked, *pieces) == {"Email": 0.5, "direct": 0.5}


def test_what_a_log_has_instead_of_the_outcome_is_said(call: Call, log: Path) -> None:
    for pieces in ((), ("--pieces", "2")):
        code, _, said = call("attribute", log, "--outcome", "signup", *pieces)
        assert code == 2
        assert "there is no signup, but 1 lead, 1 order" in said


def test_what_is_not_used_and_names_that_differ_in_case_are_told(call: Call, log: Path) -> None:
    for pieces in ((), ("--pieces", "2")):
        code, out, _ = call("attribute", log, *pieces)
        assert code == 0
        assert "columns that are not used: page" in out
        assert "Email, email differ in case or width only" in out


def test_credit_is_written_to_a_file_that_is_nobody_elses(
    call: Call, log: Path, tmp_path: Path
) -> None:
    code, out, _ = call("attribute", log, "--model", "last", "--out", tmp_path / "made", "--json")
    table = pd.read_csv(tmp_path / "made" / "credit.csv")
    assert code == 0
    assert json.loads(out)["csv"] == str(tmp_path / "made" / "credit.csv")
    assert set(table["channel"]) == {"Email", "ads", "direct", "email", "(baseline)"}
    assert table["conversions"].sum() == 1.0
    mine = tmp_path / "mine.csv"
    mine.write_text("notes")
    code, _, said = call("attribute", log, "--out", mine)
    assert (code, mine.read_text()) == (2, "notes")
    assert "is there already" in said


def test_page_views_of_a_session_are_one_touch_or_one_each(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "ga4.csv"
    steps = ["session_start", "page_view", "page_view", "scroll"]
    rows = [
        f"a,{day},{name},{day},{source}," for day, source in ((1, "x"), (2, "y")) for name in steps
    ]
    rows.append("a,2,purchase,2,y,5")
    head = "user_pseudo_id,event_timestamp,event_name,ga_session_id,source,purchase_revenue"
    file.write_text("\n".join([head, *rows, "a,2,page_view,2,y,"]))
    halves = {"x / (not set)": 0.5, "y / (not set)": 0.5}
    asked = (file, "--model", "linear")
    assert credit(call, *asked) == halves
    assert credit(call, *asked, "--pieces", "2") == halves
    assert credit(call, *asked, "--per", "page") == pytest.approx(
        {"x / (not set)": 0.4, "y / (not set)": 0.6}
    )


def test_the_channel_of_a_conversions_row_is_told_and_counted(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("visitor_id,time,channel,kind,value\na,2025-01-02,search,order,30\n")
    code, out, _ = call("attribute", file, "--model", "last")
    assert code == 0
    assert "conversions name a channel" in out
    assert "(1)" in out
    assert "--converting" in out
    assert credit(call, file, "--model", "last", "--converting") == {"search": 1.0}


def test_models_that_read_no_paths_say_so_where_paths_are_changed(call: Call, log: Path) -> None:
    code, _, said = call("attribute", log, "--model", "last,hazard", "--without", "direct")
    assert code == 2
    assert "hazard" in said
    code, _, said = call("attribute", log, "--without", "dierct", "--model", "last")
    assert (code, "'dierct'" in said) == (2, True)
