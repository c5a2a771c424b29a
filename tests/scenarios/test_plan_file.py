"""Plans as people write them: every form gives the same plan, and what is in doubt is refused."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from scenarios import MediaPlan, PlanError, read_plan

CHANNELS = ("search", "video", "forum")
MONTHS = ("2026-01", "2026-02", "2026-03")
AMOUNTS = [[1200.5, 0, 30000], [1, 2, 3], [0, 0, 4000]]
PLAN = MediaPlan(CHANNELS, MONTHS, AMOUNTS)
CHINESE = {"付费搜索": "search", "视频": "video"}

FORMS = {
    "long": "channel,month,amount\nsearch,2026-01,1200.5\nsearch,2026-03,30000\nvideo,2026-01,1\n"
    "video,2026-02,2\nvideo,2026-03,3\nforum,2026-03,4000\n",
    "wide": "channel,2026-01,2026-02,2026-03\nsearch,1200.5,0,30000\nvideo,1,2,3\nforum,,,4000\n",
    "named months": "Channel,Jan-26,Feb-26,Mar-26\nSearch,1200.5,-,30000\nvideo,1,2,3\n"
    "FORUM,0,0,4000\n",
    "first days": "channel,2026/1/1,2026/2/1,2026/3/1\nsearch,1200.5,0,30000\nvideo,1,2,3\n"
    "forum,0,0,4000\n",
    "thousands": 'channel,2026-01,2026-02,2026-03,total\nsearch,"1,200.50",0,"30,000","31,200.50"\n'
    'video,1,2,3,6\nforum,0,0,"4,000","4,000"\ntotal,"1,201.50",2,"34,003","35,206.50"\n',
    "commas": "channel;2026-01;2026-02;2026-03\nsearch;1.200,5;0;30.000\nvideo;1;2;3\n"
    "forum;0;0;4.000\n",
    "months down": "month,search,video,forum\n2026-01,1200.5,1,0\n2026-02,0,2,0\n"
    "2026-03,30000,3,4000\ntotal,31200.5,6,4000\n",
    "in Chinese": "渠道,2026年1月,2026年2月,2026年3月,合计\n付费搜索,1200.5,0,30000,31200.5\n"
    "视频,1,2,3,6\nforum,0,0,4000,4000\n合计,1201.5,2,34003,35206.5\n",
}


def written(folder: Path, text: str) -> Path:
    file = folder / "plan.csv"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_plan(tmp_path: Path, form: str) -> None:
    found = read_plan(written(tmp_path, FORMS[form]), CHANNELS, MONTHS, CHINESE)
    assert (found.channels, found.months) == (CHANNELS, MONTHS)
    np.testing.assert_allclose(found.amounts, AMOUNTS)


def test_what_a_plan_writes_is_read_to_the_last_digit(tmp_path: Path) -> None:
    plan = MediaPlan(CHANNELS, MONTHS, np.random.default_rng(1).uniform(0, 1e6, (3, 3)))
    assert read_plan(plan.to_csv(tmp_path / "plan.csv"), CHANNELS, MONTHS) == plan


def test_weeks_are_cut_where_months_begin_as_ever(tmp_path: Path) -> None:
    first = dt.date(2025, 12, 1)
    days = [first + dt.timedelta(7 * n) for n in range(22)]
    by_day = "".join(f"search,{day},70\n" for day in days)
    by_week = "".join(f"search,{day:%G-W%V},70\n" for day in days)
    months = ("2025-12", *MONTHS, "2026-04")
    file = written(tmp_path, f"channel,week,amount\n{by_day}")
    ours = MediaPlan.from_csv(file, CHANNELS, months)
    assert ours.unit == "week"
    assert read_plan(file, CHANNELS, months) == ours
    weeks = written(tmp_path, f"channel,week,amount\n{by_week}")
    assert read_plan(weeks, CHANNELS, months) == ours


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel,month,amount\n", "holds no rows"),
        ("channel,month,amount\nsearch,2026-01,\n", "search in 2026-01 has no amount"),
        ("channel,month,amount\nsearch,2026-01,-5\n", "line 2: amount '-5' is not a number"),
        ("channel,month,amount\nsearch,2026-01,many\n", "line 2: amount 'many' is not a number"),
        ("channel,month,amount\nsearch,01/02/2026,5\n", "'01/02/2026' may be"),
        ("channel,month,amount\nsearch,2026-07,5\n", "month '2026-07' is not known"),
        ("channel,month,amount\nsearhc,2026-01,5\n", "channel 'searhc' is not known"),
        (
            "channel,month,amount\nsearch,2026-01,5\nSearch,Jan-26,6\n",
            "not written in the order of",
        ),
        ("channel,month,amount\nsearch,2026-01,5\nSearch,2026-01,6\n", "given a second time"),
        ("channel,2026-01,2026-02,rebate\nsearch,5,6,1\n", "column 'rebate' is no month"),
        ("channel,2026-01,2026-02,total\nsearch,5,6,12\n", "total of this row is 12"),
        ("channel,2026-01\nsearch,5\nvideo,6\ntotal,12\n", "the total of 2026-01 is 12"),
        ("month,search,vdeo\n2026-01,5,6\n", "column 'vdeo' is no channel; did you mean 'video'"),
        (
            "medium,when,money\nsearch,soon,5\n",
            "a column for each channel",
        ),
        ("channel,2026-01\nsearch,=1+2\n", "the formula '=1\\+2' has no value"),
        ('channel,2026-01\nsearch,"1,200"\n', "may be 1,200 or 1.2"),
    ],
)
def test_what_is_wrong_or_in_doubt_is_refused_with_its_place(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(PlanError, match=words):
        read_plan(written(tmp_path, text), CHANNELS, MONTHS)
