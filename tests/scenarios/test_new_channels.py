"""Channels without a last year, and rules that do not fit into the year: refused, or doubted."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios import Scenario, ScenarioError
from scenarios.load import build_scenario
from tests.scenes import market, media

LAUNCH = {"kind": "launch", "name": "上线", "channel": "new", "start": "2026-03", "learning": 5e4}


def year(*rules: dict[str, Any], spent: float = 0.0) -> Scenario:
    """A market with an old channel and a new one."""
    return market(media("old"), media("new"), spend={"new": spent}, rules=list(rules))


def test_a_channel_without_history_and_launch_is_doubted() -> None:
    (doubt,) = year().doubts
    assert doubt.startswith("history.spend.new: no money last year and no `launch`")
    assert year(LAUNCH).doubts == []
    assert year(spent=1e5).doubts == []


def test_a_launch_of_what_ran_last_year_is_doubted() -> None:
    (doubt,) = year(LAUNCH, spent=1e5).doubts
    assert doubt == (
        "rules.上线: new had money last year, and before 2026-03 the launch stops it; is it a new "
        "one?"
    )


@pytest.mark.parametrize(
    ("kind", "channels", "doubted"),
    [
        ("channel_bounds", ["old", "new"], True),
        ("channel_bounds", [], False),
        ("group_bounds", ["old", "new"], False),
        ("group_bounds", ["new"], True),
    ],
)
def test_a_change_on_a_last_year_of_nothing_is_doubted(
    kind: str, channels: list[str], doubted: bool
) -> None:
    rule = {"kind": kind, "name": "calm", "basis": "last_year", "most": 0.5, "channels": channels}
    doubts = year(LAUNCH, rule).doubts
    assert [doubt.partition(":")[0] for doubt in doubts] == ["rules.calm"] * doubted


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (LAUNCH | {"channel": "nwe"}, "did you mean 'new'"),
        (LAUNCH | {"start": "2027-03"}, "2027-03"),
        (LAUNCH | {"start": "2026-11"}, "3 months from 2026-11 on do not fit into the year; use"),
        ({"kind": "live_channels", "name": "n", "least": 3}, "rules.n.least: 3 channels cannot"),
        (
            {"kind": "live_channels", "name": "n", "most": 2, "channels": ["new"]},
            "rules.n.most: 2 channels cannot be live, since the rule speaks of 1; use at most 1",
        ),
        ({"kind": "group_bounds", "name": "g", "channels": ["film"], "most": 1.0}, "'film'"),
        ({"kind": "group_bounds", "name": "g", "channels": [], "most": 1.0}, "no channel"),
        ({"kind": "flight_length", "name": "f", "months_on_end": 13}, "months_on_end"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_at_the_door(rule: dict[str, Any], words: str) -> None:
    data = year().model_dump(mode="json") | {"rules": [rule]}
    with pytest.raises(ScenarioError, match=words):
        build_scenario(data, {}, "made")
