"""The main job from end to end, small: what it promises is there, and holds together."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from experiments import in_language
from experiments.comparison.goals import judged
from experiments.comparison.run import compare
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import STRATEGIES, USUAL
from experiments.comparison.strategy import Knowledge, StrategyError
from experiments.curves import curve_arms, experiment_table, levels_of
from experiments.publish.run_workbook import write_run_workbook
from experiments.study import draw_worlds
from optimize import ResponseCurves
from scenarios import MediaPlan, Scenario, load_scenario, read_plan
from sim import Arm, Scorecard, Setting, simulate
from sim.market.arms import WarmedUpMarket, simulate_arms, simulate_histories
from tests.experiments.conftest import Call
from tests.experiments.in_chinese import english_sentences
from tests.scenes import base
from tiermix.cli.commands.run import view
from tiermix.cli.main import main
from tiermix.cli.tables import rendered
from tiermix.core.outputs import RECORD

ASKED = ["--json", "--quiet", "--xlsx", "answer.xlsx"]
SMALL = ["--customers", "600", "--replications", "2", "--seed", "3", "--workers", "1"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail")


@pytest.fixture(scope="module")
def past(scenario: Scenario) -> WarmedUpMarket:
    return simulate_histories([Setting(scenario, 1200, 5)], workers=1)[0]


@pytest.fixture(scope="module")
def company() -> Scenario:
    """Three media, of which radio may have a quarter of the money and has had a fifth."""
    rule = {"kind": "tier_share", "name": "radio stays small", "tier": 3, "least": 0, "most": 0.25}
    spend = {"video": [1.2e6], "social": [1.2e6], "radio": [0.6e6]}
    goal = {"name": "revenue up 5 %", "kpi": "revenue", "change": 0.05}
    return base(rules=[rule], goals=[goal], history={"spend": spend, "variation": 0.5})


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory, company: Scenario
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The document of `tiermix run` on that company, and the folder that it ran in."""
    folder = tmp_path_factory.mktemp("main-job")
    (folder / "own.yaml").write_text(json.dumps(company.model_dump(mode="json")), "utf-8")
    shown = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(shown):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["tiermix", "run", "own.yaml", *ASKED, *SMALL])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, shown.getvalue()
        yield folder, json.loads(shown.getvalue())


def test_the_document_has_what_the_contract_names(told: tuple[Path, dict[str, Any]]) -> None:
    _, document = told
    for key in ("scenario", "scenario_hash", "seed", "customers", "replications", "strategies"):
        assert key in document
    assert [s["name"] for s in document["strategies"]] == list(USUAL)
    for strategy in document["strategies"]:
        assert {"name", "spend", "kpis", "regret", "against_baseline", "goals"} <= set(strategy)
        assert strategy["kpis"]["margin"]["se"] > 0
    by_name = {s["name"]: s for s in document["strategies"]}
    assert by_name["equal"]["rules_broken"]
    assert not by_name["equal"]["allowed"]
    best = by_name[document["best"]]
    assert (best["allowed"], best["can_be_followed"], best["rules_broken"]) == (True, True, [])
    assert document["best_of_all"] in USUAL
    assert {"tracking_uri", "experiment"} <= set(document["mlflow"])


def test_report_and_plan_are_written_and_the_plan_can_be_simulated(
    told: tuple[Path, dict[str, Any]], company: Scenario
) -> None:
    folder, document = told
    report = folder / document["report"]
    assert "<!doctype html>" in report.read_text("utf-8")
    assert [path.name for path in report.parent.glob(".*")] == [RECORD]
    plan = MediaPlan.from_csv(report.parent / "plan.csv", company.plannable, company.months)
    assert 0 < plan.total <= company.budget * (1 + 1e-9)
    simulated = simulate(company, plan=plan, seed=3, customers=100, workers=1).scorecard
    assert simulated.value("spend") == pytest.approx(plan.total)


def test_the_workbook_says_what_the_document_says_and_holds_the_plan(
    told: tuple[Path, dict[str, Any]], company: Scenario
) -> None:
    folder, document = told
    assert document["workbook"] == "answer.xlsx"
    book = openpyxl.load_workbook(folder / "answer.xlsx")
    assert book.sheetnames == ["answer", "strategies", "plan", "goals", "figures", "rules"]
    answer = {row[0].value: row[1].value for row in book["answer"].iter_rows()}
    assert answer["recommended"] == document["best"]
    rows = book["strategies"].iter_rows(min_row=2)
    for row, one in zip(rows, document["strategies"], strict=True):
        assert row[0].value == one["name"]
        assert row[2].value == pytest.approx(one["kpis"]["profit"]["mean"], rel=1e-15)
    plan = MediaPlan.from_csv(folder / document["plan"]["file"], company.plannable, company.months)
    found = read_plan(folder / "answer.xlsx", company.plannable, company.months)
    np.testing.assert_allclose(found.amounts, plan.amounts, rtol=1e-15)  # 16 digits are written


def test_table_and_workbook_in_chinese_have_no_english_and_the_plan_is_read_back(
    told: tuple[Path, dict[str, Any]], company: Scenario
) -> None:
    folder, document = told
    plan = MediaPlan.from_csv(folder / document["plan"]["file"], company.plannable, company.months)
    own = ["radio stays small", company.title]
    with in_language(company, "zh"):
        text = rendered(view(document, "CNY"))
        write_run_workbook(folder / "zh.xlsx", document, plan, company)
    assert english_sentences(text.split("\n"), [*own, document["report"]]) == []
    assert "优化方案（企业数据）" in text
    book = openpyxl.load_workbook(folder / "zh.xlsx")
    assert book.sheetnames == ["结论", "策略", "规划", "目标", "指标", "规则"]
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert english_sentences(cells, [*own, document["report"]]) == []
    found = read_plan(folder / "zh.xlsx", company.plannable, company.months)
    np.testing.assert_allclose(found.amounts, plan.amounts, rtol=1e-15)


def test_every_strategy_and_world_is_a_run_in_the_store(
    told: tuple[Path, dict[str, Any]],
) -> None:
    folder, document = told
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(document["mlflow"]["experiment"])
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], max_results=100)
    seen = {(r.data.tags.get("strategy"), r.data.tags.get("replication")) for r in runs}
    assert {(name, str(w)) for name in USUAL for w in range(2)} <= seen


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "retial"], 2, "retail"),
        (["run", "retail", "--strategies", "equall"], 2, "equal"),
        (["run", "retail", "--set", "budget=-5"], 2, "budget"),
        (["run", "retail", "--set", "channels.douyin.peek=1"], 2, "peak"),
        (["run", "retail", "--customers", "3"], 2, "customers"),
        (["run", "retail", "--replications", "0"], 2, "replications"),
        (["simulate", "retail", "--customers", "99999999"], 2, "customers"),
        (["truth", "retail", "--kpi", "ltv"], 2, "ltv"),
        (["simulate", "retail", "--seed", "-1"], 2, "seed"),
    ],
)
def test_the_users_mistakes_are_one_sentence_and_leave_nothing(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Call,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, _, said = call(*arguments, "--quiet")
    assert ended == code, said
    assert words in said
    assert "Traceback" not in said
    assert not list(tmp_path.rglob("*.parquet"))
    assert not list(tmp_path.rglob("report.html"))


def test_a_plan_with_an_unknown_channel_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = tmp_path / "plan.csv"
    plan.write_text("channel,month,amount\ndouyinn,2026-01,100\n", "utf-8")
    ended, _, said = call("simulate", "retail", "--plan", str(plan), "--quiet")
    assert ended == 2
    assert "douyinn" in said
    assert " douyin," in said


def test_rules_that_cannot_hold_together_end_with_3_and_an_explanation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["--set", "rules.CAC cap.cap=5", "--customers", "600", "--workers", "1"]
    ended, shown, said = call("plan", "retail", *arguments, "--json", "--quiet")
    assert ended == 3, said
    document = json.loads(shown)
    assert document["status"] == "infeasible"
    assert "CAC cap" in document["conflict"]
    assert document["relaxation"]


@pytest.mark.parametrize(
    ("harsh", "named"),
    [
        ("rules.no channel moves too far.most=-0.5", "no channel moves too far"),
        pytest.param("rules.CAC cap.cap=5", "CAC cap", marks=pytest.mark.long),
    ],
)
def test_a_run_under_rules_that_cannot_hold_ends_with_3_as_a_plan_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call, harsh: str, named: str
) -> None:
    """On money before anything is simulated; on outcomes once the scenario's curves are known."""
    monkeypatch.chdir(tmp_path)
    small = ["--customers", "300", "--replications", "2", "--workers", "1", "--json", "--quiet"]
    more = ["--set", "rules.annual budget.sense=exactly", "--set", harsh]
    ended, shown, said = call("run", "retail", *more, *small)
    assert ended == 3, said
    document = json.loads(shown)
    assert document["status"] == "infeasible"
    assert named in document["conflict"]
    assert document["relaxation"]
    assert "No plan keeps all rules" in said
    assert not list(tmp_path.rglob("report.html"))


def test_strategies_spend_the_budget_and_no_more(scenario: Scenario) -> None:
    knows = Knowledge(scenario, {"paid_search": 3.0, "direct": 9.0}, lambda: ResponseCurves((), ()))
    for name in ("last_year", "equal", "last_click", "tiered"):
        plan = STRATEGIES[name].plan(knows).media
        assert plan.total == pytest.approx(scenario.budget, rel=1e-9)
    shares = STRATEGIES["tiered"].plan(knows).media.by_channel
    tier_1 = sum(v for c, v in shares.items() if scenario.tier_of(c) == 1)
    assert tier_1 == pytest.approx(scenario.tier_shares[0] * scenario.budget)
    chased = STRATEGIES["last_click"].plan(knows).media.by_channel
    assert chased["paid_search"] == pytest.approx(scenario.budget)


def test_a_misspelled_strategy_is_named_with_the_nearest() -> None:
    with pytest.raises(StrategyError, match="did you mean 'last_click'"):
        chosen(["last_clik"])


def test_worlds_are_the_same_for_a_seed_and_differ_between_worlds(scenario: Scenario) -> None:
    first, again = draw_worlds(scenario, 1, 3), draw_worlds(scenario, 1, 3)
    assert [w.hash for w in first] == [w.hash for w in again]
    assert len({w.hash for w in first}) == 3


def test_the_plan_that_changes_nothing_makes_no_difference(past: WarmedUpMarket) -> None:
    plan = past.setting.scenario.reference_plan
    base, same = simulate_arms([past], [[Arm(plan), Arm(plan)]], workers=1)[0]
    table = experiment_table(base, [same], [("douyin", 1.0)], ["margin", "conversions"])
    assert (table["difference"] == 0).all()
    assert (table["se"] == 0).all()


def test_curve_experiments_move_one_channel_at_a_time(scenario: Scenario) -> None:
    base, *arms = curve_arms(scenario, (0.5, 2.0))
    for arm in arms:
        moved = np.abs(arm.plan.amounts - base.plan.amounts).sum(axis=1) > 0
        assert moved.sum() == 1


def test_goals_are_judged_against_the_same_worlds_last_year(past: WarmedUpMarket) -> None:
    scenario = past.setting.scenario
    year = simulate_arms([past], [[Arm(scenario.reference_plan)]], workers=1)[0][0]
    goal = next(g for g in scenario.goals if g.period == "Q4")
    ((label, actual, target),) = judged(goal, Scorecard(past.year), Scorecard(year))
    last = Scorecard(past.year).value("conversions", "quarter:Q4")
    assert label == goal.name
    assert target == pytest.approx(last * 1.05)
    assert actual == Scorecard(year).value("conversions", "quarter:Q4")
    assert levels_of(Scorecard(past.year))["conversions@Q4"] == last


def test_paired_comparison_is_repeatable(scenario: Scenario) -> None:
    options = {"replications": 2, "customers": 400, "seed": 9, "workers": 1}
    names = ["last_year", "equal"]
    one, two = (compare(scenario, names, **options) for _ in range(2))
    assert one.outcomes.equals(two.outcomes)


def test_a_fault_inside_the_market_is_our_mistake() -> None:
    from sim.market.community import SimulationError
    from sim.market.simulate import RunError
    from tiermix.cli.output import OUR_MISTAKE, USERS_MISTAKE, explain

    assert explain(SimulationError("an event found no place")) == OUR_MISTAKE
    assert explain(RunError("customers: too few")) == USERS_MISTAKE
