"""The how-to about processes of one's own runs as it is printed, and says what it promises."""

import inspect
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim import Inside, Market

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "own-process.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the page's code has made, one block after the other."""
    found: dict[str, Any] = {}
    for code in BLOCKS:
        exec(compile(code, "own-process.md", "exec"), found)
    return found


def test_a_market_stands_where_the_page_left_it(names: dict[str, Any]) -> None:
    assert len(BLOCKS) >= 5
    assert names["seen"].year.days == 90
    assert names["market"].over
    assert names["pressed"].over


def test_the_review_moves_money_and_keeps_the_budget(names: dict[str, Any]) -> None:
    scenario = names["scenario"]
    market = Market(scenario, seed=1, customers=500)
    names["reviewed"](market)
    assert market.plan != scenario.reference_plan
    assert market.plan.total == pytest.approx(scenario.reference_plan.total)
    month = scenario.months[0]
    assert market.plan.by_month[month] == pytest.approx(scenario.reference_plan.by_month[month])


def test_the_outage_costs_and_delivers_nothing(names: dict[str, Any]) -> None:
    for seen in (names["down"], names["run"].planned):
        spend, touches = seen.ledger, seen.log.touches
        spent = spend[spend["channel"] == "douyin"].groupby(spend["date"].dt.month)["spend"].sum()
        assert spent[5] == 0 < spent[4]
        mine = touches[(touches["channel"] == "douyin") & (touches["kind"] == "impression")]
        shown = mine["time"].dt.month.value_counts()
        assert shown.get(5, 0) == 0 < shown[4]
    pd.testing.assert_frame_equal(
        names["down"].ledger.query("date < '2026-06-01'").reset_index(drop=True),
        names["run"].ledger.query("date < '2026-06-01'").reset_index(drop=True),
    )


def test_the_rivals_act(names: dict[str, Any]) -> None:
    assert any(society.market["outside_search"] > 0 for society in names["pressed"]._societies)
    assert names["market"]._societies[0].market["outside_search"] != 0


@pytest.mark.parametrize("noun", [Inside, Market])
def test_the_page_names_every_public_method(noun: type) -> None:
    public = [n for n, _ in inspect.getmembers(noun) if not n.startswith("_")]
    known = set(re.findall(r"\w+", PAGE))
    assert [name for name in public if name not in known] == []
