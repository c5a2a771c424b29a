"""Each kind of file that people bring: a good one, and the door through which it comes in."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from attribution import Last, Linear
from experiments.calibration.history_file import history_cells
from experiments.company_data.run import check_table
from experiments.field_test.asked import Asked
from experiments.field_test.reading import read_test
from journeys import JourneyLog
from optimize import read_curves
from scenarios import Scenario, load_scenario, read_plan
from scenarios.load import library_text

CHANNELS, MONTHS = ("douyin", "seo"), ("2026-01", "2026-02")


@cache
def retail() -> Scenario:
    """The scenario on whose channels and months tables speak."""
    return load_scenario("retail")


@dataclass(frozen=True)
class Door:
    """A kind of file: its ending, a good one, and what reads it and looks at what came in."""

    ending: str
    good: Callable[[], bytes]
    enter: Callable[[Path], None]


def _scenario(path: Path) -> None:
    assert len(load_scenario(path).hash) == 16


def _plan(path: Path) -> None:
    plan = read_plan(path, retail().plannable, retail().months, retail().other_names)
    assert math.isfinite(plan.total)
    assert plan.total >= 0


def _curves(path: Path) -> None:
    for curve in read_curves(path, retail()).curves:
        assert math.isfinite(curve.ceiling)
        assert curve.half > 0


def _history(path: Path) -> None:
    for row in history_cells(path).rows:
        assert 1900 <= row.week.year <= 2200


def _table(path: Path) -> None:
    check_table(path)


def _log(path: Path) -> None:
    log = JourneyLog.open(path)
    for model in (Last(), Linear()):
        credit = model.fit(log).credit_["conversions"]
        assert credit.map(math.isfinite).all()
        assert (credit >= 0).all()


def _test(path: Path) -> None:
    read_test(path, Asked(start="2025-01-13", treated="r1,r3"))


def _text(*lines: str) -> Callable[[], bytes]:
    return lambda: ("\n".join(lines) + "\n").encode()


def _workbook() -> bytes:
    stream = io.BytesIO()
    frame = pd.DataFrame({"channel": ["douyin", "seo"], "month": ["2026-01"] * 2, "amount": [5, 7]})
    frame.to_excel(stream, index=False)
    return stream.getvalue()


def _parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame(
        {
            "visitor_id": ["a", "a", "b"],
            "time": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"]),
            "channel": ["seo", None, "douyin"],
            "kind": ["click", "order", "visit"],
            "value": [None, 5.0, None],
        }
    ).to_parquet(stream, index=False)
    return stream.getvalue()


def _weeks(*columns: str) -> list[str]:
    days = pd.date_range("2024-12-30", periods=6, freq="7D")
    return [f"{day:%Y-%m-%d},{cells}" for day in days for cells in columns]


DOORS = {
    "scenario": Door(".yaml", lambda: library_text("retail").encode(), _scenario),
    "patch": Door(
        ".yaml",
        _text(
            "extends: retail", "budget: 2.0e+7", "channels:", "  douyin: {peak: 0.2}",
            "  seo:", "    peak: 0.01", "history:", "  spend: {forums: null}",
        ),
        _scenario,
    ),
    "plan": Door(
        ".csv",
        _text("channel,month,amount", "douyin,2026-01,1000.5", "seo,2026-02,20", "抖音,2026-03,7"),
        _plan,
    ),
    "workbook": Door(".xlsx", _workbook, _plan),
    "curves": Door(
        ".csv",
        _text(
            "channel,kpi,family,ceiling,half,shape,carry_over,month",
            "douyin,conversions,hill,900,100000,1.2,0.3,", "seo,conversions,tanh,90,5000,,,",
            "base,conversions,base,50,,,,",
        ),
        _curves,
    ),
    "history": Door(
        ".csv",
        _text(
            "week,channel,spend,impressions,clicks,conversions,revenue",
            *_weeks("douyin,100,1000,10,,", "total,,,,20,3000"),
        ),
        _history,
    ),
    "company table": Door(
        ".csv",
        _text("date,orders,revenue,douyin_spend,seo_spend", *_weeks("20,3000.5,100,5")),
        _table,
    ),
    "paths": Door(
        ".csv",
        _text("path,conversions,value,nulls", "a > b,3,30.5,10", "b > c > a,2,20,5", "c,0,0,9"),
        _log,
    ),
    "events": Door(
        ".csv",
        _text(
            "visitor_id,time,channel,kind,value", "a,2025-01-01 10:00,search,click,",
            "a,2025-01-02 10:00,,order,50", "b,2025-01-03T11:00:00Z,mail,visit,",
        ),
        _log,
    ),
    "json": Door(
        ".jsonl",
        _text(
            '{"visitor_id": "a", "time": "2025-01-01", "channel": "seo", "kind": "click"}',
            '{"visitor_id": "a", "time": "2025-01-02", "kind": "order", "value": 5.0}',
        ),
        _log,
    ),
    "parquet": Door(".parquet", _parquet, _log),
    "test": Door(
        ".csv",
        _text(
            "region,date,treated,conversions,spend",
            *(
                f"r{r},2025-01-{d:02d},{r % 2},{10 * r + d},{r}"
                for r in range(6)
                for d in range(1, 17)
            ),
        ),
        _test,
    ),
}  # fmt: skip
"""All kinds by name."""
