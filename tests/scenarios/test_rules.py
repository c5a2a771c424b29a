"""Rules and goals as data: read, refused, and what they speak of."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from scenarios.parts.goals import Goal
from scenarios.parts.rules import Rule, periods

MONTHS = [f"2026-{m:02d}" for m in range(1, 13)]
RULES: TypeAdapter[Rule] = TypeAdapter(Rule)

GOOD: list[dict[str, Any]] = [
    {"kind": "budget", "share": 0.4, "period": "Q1"},
    {"kind": "channel_bounds", "channels": ["a"], "basis": "last_year", "least": -0.3, "most": 0.5},
    {"kind": "tier_share", "tier": 1, "least": 0.5},
    {"kind": "ramp", "up": 0.5, "down": 0.5, "step": 1000},
    {"kind": "commitment", "channel": "a", "amounts": {"2026-03": 100}},
    {"kind": "flight", "channels": ["a"], "months": ["2026-05", "2026-06"]},
    {"kind": "blackout", "channels": ["a"], "months": ["2026-02"]},
    {"kind": "minimum_to_work", "channels": ["a"], "amount": 5000},
    {"kind": "test_fund", "share": 0.08},
    {"kind": "group_bounds", "channels": ["a", "b"], "basis": "share", "most": 0.3},
    {"kind": "flight_length", "channels": ["a"], "months_on_end": 3},
    {"kind": "live_channels", "most": 2, "months": ["2026-11"], "amount": 5000},
    {"kind": "money_steps", "step": 1000},
    {"kind": "launch", "channel": "a", "start": "2026-03", "learning": 5000, "most": 9000},
    {"kind": "cac_cap", "cap": 120, "outcome": "signups"},
    {"kind": "roi_floor", "floor": 0.5},
    {"kind": "kpi_floor", "kpi": "visits", "at_least": 10, "tier": 2, "period": "quarter"},
    {"kind": "capacity", "kpi": "leads", "at_most": 300},
    {"kind": "spend_price", "channels": ["a"], "above": [10, 20], "factor": [1.2, 1.5]},
    {"kind": "discount", "rate": 0.08},
]


def _good(kind: str) -> dict[str, Any]:
    return next(data for data in GOOD if data["kind"] == kind)


@pytest.mark.parametrize("data", GOOD, ids=lambda d: str(d["kind"]))
def test_every_kind_reads_and_writes_itself(data: dict[str, Any]) -> None:
    rule = RULES.validate_python({"name": "r", **data})
    assert rule.kind == data["kind"]
    assert RULES.validate_python(rule.model_dump()) == rule


def test_mentions_name_everything_that_has_to_exist() -> None:
    floor = RULES.validate_python(
        {"kind": "kpi_floor", "name": "r", "kpi": "visits", "at_least": 1, "tier": 2,
         "period": "2026-04"}
    )  # fmt: skip
    assert floor.mentions() == ((), ("visits",), ("2026-04",), (2,))
    fixed = RULES.validate_python({**_good("commitment"), "name": "r"})
    assert (fixed.mentions().channels, fixed.mentions().months) == (("a",), ("2026-03",))
    cap = RULES.validate_python({**_good("cac_cap"), "name": "r"})
    assert cap.mentions().kpis == ("signups",)
    new = RULES.validate_python({**_good("launch"), "name": "r"})
    assert (new.mentions().channels, new.mentions().months) == (("a",), ("2026-03",))
    live = RULES.validate_python({**_good("live_channels"), "name": "r"})
    assert live.mentions().months == ("2026-11",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "budget", "amount": -1}, "greater than or equal to 0"),
        ({"kind": "budget", "period": "Q5"}, "period"),
        ({"kind": "budget", "sum": 1}, "Extra inputs"),
        ({"kind": "channel_bounds"}, "bounds nothing"),
        ({"kind": "channel_bounds", "least": 5, "most": 3}, "swap them"),
        ({"kind": "channel_bounds", "least": -5}, "no bound by money"),
        ({"kind": "channel_bounds", "basis": "share", "most": 1.5}, "no bound by share"),
        ({"kind": "ramp"}, "bounds nothing"),
        ({"kind": "ramp", "up": 0.5, "step_share": -1}, "step_share"),
        ({"kind": "group_bounds", "channels": [], "most": 3}, "no channel; name those"),
        ({"kind": "group_bounds", "channels": ["a", "b", "a"], "most": 3}, "name it once"),
        ({"kind": "group_bounds", "channels": ["a"]}, "bounds nothing"),
        ({"kind": "group_bounds", "channels": ["a"], "basis": "share", "most": 2}, "by share"),
        ({"kind": "flight_length", "months_on_end": 13}, "months_on_end"),
        ({"kind": "flight_length", "months_on_end": 1}, "months_on_end"),
        ({"kind": "flight_length", "months_on_end": 3, "amount": 0}, "amount"),
        ({"kind": "live_channels"}, "bounds nothing"),
        ({"kind": "live_channels", "least": 3, "most": 2}, "swap them"),
        ({"kind": "live_channels", "most": 2.5}, "most"),
        ({"kind": "money_steps", "step": 0}, "step"),
        ({"kind": "launch", "channel": "a", "start": "March", "learning": 1}, "start"),
        ({"kind": "launch", "channel": "a", "start": "2026-03", "learning": 5, "most": 3}, "below"),
        ({"kind": "cac_cap", "cap": 10, "outcome": "roi"}, "not a KPI that adds up"),
        ({"kind": "kpi_floor", "kpi": "nps", "at_least": 1}, "score"),
        ({"kind": "kpi_floor", "kpi": "cac", "at_least": 1}, "cac_cap"),
        ({"kind": "kpi_floor", "kpi": "roi", "at_least": 1}, "roi_floor"),
        ({"kind": "kpi_floor", "kpi": "sales", "at_least": 1}, "unknown KPI"),
        ({"kind": "spend_price", "above": [5, 1], "factor": [1, 2]}, "rises"),
        ({"kind": "wish"}, "kind"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RULES.validate_python({"name": "r", **data})


def test_a_rule_without_a_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="name"):
        RULES.validate_python({"kind": "budget"})


def test_periods_cut_the_year() -> None:
    assert periods("year", MONTHS) == [("year", tuple(MONTHS))]
    assert [label for label, _ in periods("quarter", MONTHS)] == ["Q1", "Q2", "Q3", "Q4"]
    assert periods("Q2", MONTHS) == [("Q2", ("2026-04", "2026-05", "2026-06"))]
    assert periods("2026-04", MONTHS) == [("2026-04", ("2026-04",))]
    assert len(periods("month", MONTHS)) == 12
    assert periods("2027-01", MONTHS) == []


def test_a_goal_is_met_in_the_direction_of_its_kpi() -> None:
    more = Goal(name="signups +25 %", kpi="signups", change=0.25)
    less = Goal(name="CAC −15 %", kpi="cac", change=-0.15)
    assert more.target(100) == 125
    assert more.met(126, 100)
    assert not more.met(124, 100)
    assert less.met(84, 100)
    assert not less.met(86, 100)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kpi": "signups"}, "either"),
        ({"kpi": "signups", "change": 0.1, "level": 5}, "either"),
        ({"kpi": "likes", "change": 0.1}, "unknown KPI"),
        ({"kpi": "nps", "level": 5, "as_rule": True}, "score"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Goal(name="g", **data)


def test_a_relative_goal_needs_last_year() -> None:
    with pytest.raises(ValueError, match="not known"):
        Goal(name="g", kpi="signups", change=0.1).target()
