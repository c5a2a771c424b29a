"""Strategies of a user's own: as objects, by module and name, and what is said when they fail."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.comparison.run import compare
from experiments.comparison.selection import choice_of, chosen, imported
from experiments.comparison.strategies import STRATEGIES, TABLE, USUAL
from experiments.comparison.strategy import Choice, Knowledge, Strategy, StrategyError
from optimize import AllocationError, InfeasiblePlan, ResponseCurves, UndecidedPlan
from scenarios import MediaPlan, Scenario, TiermixError, load_scenario
from tests.scenes import plain_market

SMALL: dict[str, Any] = {"replications": 2, "customers": 300, "seed": 9}
OWN = '''
"""A strategy of my own."""
from experiments import Choice, Strategy


def halved(knows):
    """Half of last year's money, and nothing on what had the fewest last clicks."""
    plan = knows.scenario.reference_plan.scaled_to(knows.scenario.budget / 2)
    least = min(knows.scenario.plannable, key=lambda name: knows.last_click.get(name, 0.0))
    return Choice(plan.with_channel(least, 0 * plan.of(least)))


half = Strategy("half", halved, "Half the money", explains="It saves half of the budget.")
number = 7
'''


def half_of_it(knows: Knowledge) -> Choice:
    """Half of last year's money, and a little less where last clicks were."""
    plan = knows.scenario.reference_plan.scaled_to(knows.scenario.budget / 2)
    most = max(knows.scenario.plannable, key=lambda name: knows.last_click.get(name, 0.0))
    return Choice(plan.with_channel(most, plan.of(most) / 2))


HALF = Strategy("half", half_of_it, "Half the money")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a module of the user's own; the search path is put back afterwards."""
    (tmp_path / "my_plans.py").write_text(OWN, "utf-8")
    (tmp_path / "my_broken.py").write_text("import sys\nsize = 1 / 0\n", "utf-8")
    (tmp_path / "my_lacking.py").write_text("import no_such_library\n", "utf-8")
    monkeypatch.setattr(sys, "path", [item for item in sys.path if item])
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in ("my_plans", "my_broken", "my_lacking"):
        sys.modules.pop(name, None)


def _knows(scenario: Scenario) -> Knowledge:
    return Knowledge(scenario, {"paid_search": 3.0}, lambda: ResponseCurves((), ()))


@pytest.mark.long
def test_an_own_strategy_is_compared_on_two_workers_as_on_one(scenario: Scenario) -> None:
    one, two = (
        compare(scenario, ["last_year", HALF], **SMALL, workers=workers) for workers in (1, 2)
    )
    assert one.outcomes.equals(two.outcomes)
    assert one.strategies == ["last_year", "half"]
    assert one.label("half") == "Half the money"
    assert one.plans[one.plans["strategy"] == "half"]["amount"].sum() < 2 * scenario.budget * 0.5
    assert "half" in one.followable


@pytest.mark.long
def test_an_own_module_is_compared_by_the_command_from_another_folder(folder: Path) -> None:
    # -P, as the installed command: the working folder is not on Python's own path.
    code = "from tiermix.cli.main import main; main()"
    small = ["--customers", "300", "--replications", "2", "--workers", "2", "--quiet"]
    run = ["run", "retail", "--strategies", "last_year,my_plans:half", *small]
    ended = subprocess.run(
        [sys.executable, "-P", "-c", code, *run],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"},
    )
    assert ended.returncode == 0, ended.stderr
    assert any(line.startswith("half ") for line in ended.stdout.splitlines())
    (report,) = (folder / "runs").rglob("report.html")
    page = report.read_text("utf-8")
    assert "Half the money" in page
    assert "It saves half of the budget." in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("my_plans:haff", "'haff' is not there in .*my_plans.py; it has half"),
        ("my_plans:number", "'number' is no Strategy in"),
        ("my_plan:half", "there is no module 'my_plan' in"),
        ("my_broken:half", r"ZeroDivisionError: division by zero \(my_broken.py, line 2\)"),
        ("my_lacking:half", "No module named 'no_such_library'"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence(folder: Path, path: str, words: str) -> None:
    with pytest.raises(StrategyError, match=words):
        imported(path)


def test_an_own_module_is_found_in_the_working_folder(folder: Path, scenario: Scenario) -> None:
    (found,) = chosen(["my_plans:half"])
    plan = choice_of(found, _knows(scenario)).media
    assert 0.4 * scenario.budget < plan.total <= 0.5 * scenario.budget


def _fails(knows: Knowledge) -> Choice:
    raise ValueError("no idea")


def _gives_a_plan(knows: Knowledge) -> Choice:
    return knows.scenario.reference_plan  # type: ignore[return-value]


def _plans_elsewhere(knows: Knowledge) -> Choice:
    return Choice(
        MediaPlan(("tv",), knows.scenario.months, knows.scenario.reference_plan.amounts[:1])
    )


def _plans_last_year(knows: Knowledge) -> Choice:
    return Choice(knows.scenario.last_year)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (_fails, "the strategy 'mine' failed: ValueError: no idea"),
        (_gives_a_plan, r"returned MediaPlan; return Choice\(plan\)"),
        (_plans_elsewhere, "plans money for 'tv'"),
        (_plans_last_year, "plans the months 2025-01 to 2025-12; plan 2026-01 to 2026-12"),
    ],
)
def test_an_own_strategy_that_makes_no_plan_is_a_sentence(
    scenario: Scenario, plan: object, words: str
) -> None:
    with pytest.raises(StrategyError, match=words):
        choice_of(Strategy("mine", plan), _knows(scenario))  # type: ignore[arg-type]


def test_a_failure_of_ours_stays_a_failure(scenario: Scenario) -> None:
    with pytest.raises(AttributeError):
        choice_of(STRATEGIES["equal"], Knowledge(None, {}, lambda: None))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("name", ["lp", "lp_robust", "lp_review"])
def test_where_nothing_can_be_estimated_last_year_is_kept_and_that_is_said(name: str) -> None:
    """A company with one region: its `run` ended in a refusal of the usual strategies."""
    scenario = plain_market()
    assert len(scenario.regions) == 1

    def never() -> ResponseCurves:
        raise AssertionError("estimated from one region")

    found = STRATEGIES[name].plan(Knowledge(scenario, {}, never, drawn=object()))  # type: ignore[arg-type]
    assert (
        found.media.hash == STRATEGIES["last_year"].plan(Knowledge(scenario, {}, never)).media.hash
    )
    assert "one region only" in found.note


def test_a_plan_of_ones_own_is_a_strategy_named_by_its_file(
    tmp_path: Path, scenario: Scenario
) -> None:
    half = scenario.reference_plan.scaled_to(scenario.budget / 2)
    file = half.to_csv(tmp_path / "我的方案.csv")
    (found,) = chosen([f"plan:{file}"], scenario)
    assert (found.name, found.privileged) == ("我的方案", False)
    assert choice_of(found, _knows(scenario)).media.hash == half.hash
    assert chosen([found, "last_year"], scenario) == (found, STRATEGIES["last_year"])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("mine.csv", "channel,month,amount\ntv,2026-01,5\n", "mine.csv, row 2: channel 'tv'"),
        ("mine.csv", "channel,month,amount\nseo,2025-01,5\n", "row 2: month '2025-01'"),
        ("mine.csv", "channel,month,amount\nseo,2026-01,much\n", "amount 'much'"),
        ("mine.csv", "month,amount\n2026-01,5\n", "the column 'channel' is missing"),
        ("mine.csv", "", "mine.csv"),
        ("lp.csv", "channel,month,amount\nseo,2026-01,5\n", "named 'lp', as one of ours"),
        ("a:b.csv", "channel,month,amount\nseo,2026-01,5\n", "without commas and colons"),
    ],
)
def test_a_file_that_is_no_plan_of_the_scenario_is_a_sentence(
    tmp_path: Path, scenario: Scenario, name: str, text: str, words: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    with pytest.raises(TiermixError, match=re.escape(words)):
        chosen([f"plan:{file}"], scenario)


def test_a_plan_that_is_not_there_is_a_sentence(tmp_path: Path, scenario: Scenario) -> None:
    with pytest.raises((TiermixError, OSError), match=r"none\.csv"):
        chosen([f"plan:{tmp_path / 'none.csv'}"], scenario)


@pytest.mark.parametrize("error", [UndecidedPlan("no"), InfeasiblePlan("no", ["a"], [], False)])
def test_where_no_plan_is_found_last_years_is_told_as_what_it_is(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, error: AllocationError
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("experiments.comparison.strategies.allocate", refused)
    knows = Knowledge(scenario, {}, list, known=ResponseCurves((), ()))  # type: ignore[arg-type]
    found = STRATEGIES["lp_known_curves"].plan(knows)
    assert found.fallback
    assert (found.refused is error) == isinstance(error, InfeasiblePlan)
    assert "kept last year's plan: no" in found.note


def test_two_strategies_of_one_name_are_refused() -> None:
    with pytest.raises(StrategyError, match="two are named 'lp'"):
        chosen(["lp", Strategy("lp", half_of_it)])
    assert chosen(["lp", "lp"]) == (STRATEGIES["lp"],)


@pytest.mark.parametrize("name", ["", "a,b", "a:b", " a"])
def test_a_name_that_the_command_could_not_take_is_refused(name: str) -> None:
    with pytest.raises(StrategyError, match="without commas and colons"):
        Strategy(name, half_of_it)


def test_what_only_a_simulator_knows_is_lent_to_who_asks(scenario: Scenario) -> None:
    curves = ResponseCurves((), ())
    knows = Knowledge(scenario, {}, lambda: curves, known=curves, drawn=object())  # type: ignore[arg-type]
    plain, asking = HALF, STRATEGIES["clairvoyant"]
    assert (knows.lent_to(plain).known, knows.lent_to(plain).drawn) == (None, None)
    assert knows.lent_to(asking).drawn is knows.drawn
    assert knows.lent_to(STRATEGIES["lp_known_curves"]).known is curves


def test_each_row_of_the_table_says_how_it_plans_and_what_it_is_called() -> None:
    assert len(STRATEGIES) == len(TABLE)
    for strategy in TABLE:
        assert strategy.label != strategy.name
        assert strategy.label_zh
        assert strategy.explains.endswith(".")
    usual = "last_year equal equal_within_rules last_click tiered lp lp_known_curves"
    assert tuple(usual.split()) == USUAL
