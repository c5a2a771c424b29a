"""`scenarios check` sums up, and says what no market can change."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios import Scenario, load_scenario
from tests.experiments.conftest import Call
from tests.scenes import base
from tiermix.cli.commands.check import summary, view
from tiermix.cli.options import scenario_names

KEPT = 'rules=[{"kind": "budget", "name": "money", "sense": "at_most"}, %s]'
BOUNDS = (
    '{"kind": "channel_bounds", "name": "no cuts", "basis": "last_year", "least": %s, "most": 1}'
)


def _check(call: Call, *more: str) -> tuple[int, dict]:
    code, out, _ = call("scenarios", "check", "retail", "--json", *more)
    return code, json.loads(out)


def test_money_is_summed_up_by_tier_and_against_last_year(call: Call) -> None:
    code, found = _check(call, "--set", "budget=24m")
    scenario = load_scenario("retail")
    spent = scenario.last_year.by_channel
    for row in found["tiers"]:
        channels = [c.name for c in scenario.channels if c.tier == row["tier"] and c.plannable]
        assert row["channels"] == channels
        assert row["last_year"] == pytest.approx(sum(spent[name] for name in channels))
    assert sum(row["share"] for row in found["tiers"]) == pytest.approx(1)
    assert (code, found["budget"], found["last_year"]) == (0, 24e6, 30e6)
    assert found["rules"]["status"] == "can hold"
    shown = call("scenarios", "check", "retail", "--set", "budget=24m")[1]
    assert "budget 24,000,000 CNY, -20 % on what was spent last year" in shown


@pytest.mark.parametrize(("least", "code"), [("-0.2", 0), ("-0.19", 3)])
def test_rules_that_cannot_hold_by_arithmetic_are_told(call: Call, least: str, code: int) -> None:
    """With 80 % of last year's money no channel can keep more than 80 %."""
    rules = KEPT % (BOUNDS % least)
    ended, found = _check(call, "--set", "budget=24m", "--set", rules)
    assert ended == code
    if code:
        assert set(found["rules"]["conflict"]) == {"money", "no cuts"}
        shown = call("scenarios", "check", "retail", "--set", "budget=24m", "--set", rules)[1]
        assert "“money” and “no cuts” cannot hold together" in shown


def test_quarters_are_told_where_they_are_not_those_of_the_calendar() -> None:
    april = Scenario.model_validate(base().model_dump() | {"start": dt.date(2026, 4, 1)})
    shown = [line for line in view(summary(april)) if isinstance(line, str)]
    assert any("Q4: 2027-01 to 2027-03" in line for line in shown)
    usual = [line for line in view(summary(base())) if isinstance(line, str)]
    assert not any("Q4" in line for line in usual)


# --- shells complete --------------------------------------------------------------------------


def _completed(words: str, folder: Path) -> list[str]:
    asked = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_TIERMIX_COMPLETE": "complete_bash",
    }
    told = "import sys; sys.argv[0] = 'tiermix'; from tiermix.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=folder,
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tiermix simul", ["simulate"]),
        ("tiermix scenarios plaus", ["plausibility"]),
        ("tiermix plan --obj", ["--objective"]),
        ("tiermix plan smart_home_b", ["smart_home_before"]),
        ("tiermix run mi", ["mine.yaml"]),
    ],
)
def test_a_shell_completes_commands_options_and_scenarios(
    words: str, found: list[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text("extends: retail", "utf-8")
    assert _completed(words, tmp_path) == found


def test_scenarios_are_completed_from_the_library_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "retail_mine.yaml").touch()
    (tmp_path / "retail.csv").touch()
    monkeypatch.chdir(tmp_path)
    assert scenario_names("retail") == ["retail", "retail_mine.yaml"]
