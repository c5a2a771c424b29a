"""One LP file for each rule: its formula as the solver reads it, pinned.

`TIERMIX_REFRESH_GOLDEN=1 pytest tests/optimize/test_golden.py` writes them anew; read the diff.
"""

import os
from pathlib import Path

import pytest

from optimize import Curve, ResponseCurves, weekly
from optimize.model.linearisation import Pieces
from optimize.model.program import Program
from optimize.model.response_model import Outlook
from optimize.problem.money_rules import BUILDERS, rows, unwanted
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.fakes import make_scenario

GOLDEN = Path(__file__).parents[1] / "golden"
RULES: dict[str, Rule] = {
    "budget": rules.Budget(name="r", share=0.3, period="Q1", sense="exactly"),
    "channel_bounds": rules.ChannelBounds(
        name="r", channels=("a",), basis="share", least=0.1, most=0.5
    ),
    "tier_share": rules.TierShare(name="r", tier=2, least=0.25, most=0.5),
    "ramp": rules.Ramp(name="r", channels=("a",), up=0.5, down=0.25, step=10.0),
    "commitment": rules.Commitment(name="r", channel="b", amounts={"2026-02": 40.0}),
    "flight": rules.Flight(kind="flight", name="r", channels=("a",), months=("2026-02",)),
    "blackout": rules.Flight(kind="blackout", name="r", channels=("a",), months=("2026-02",)),
    "minimum_to_work": rules.MinimumToWork(name="r", channels=("a",), amount=50.0),
    "test_fund": rules.TestFund(name="r", share=0.1),
    "cac_cap": rules.CacCap(name="r", cap=20.0),
    "roi_floor": rules.RoiFloor(name="r", floor=0.5, period="2026-03"),
    "kpi_floor": rules.KpiFloor(name="r", kpi="new_customers", at_least=7.0, tier=1, period="Q1"),
    "spend_price": rules.SpendPrice(name="r", channels=("a",), above=(80.0,), factor=(1.25,)),
    "capacity": rules.Capacity(name="r", kpi="new_customers", at_most=5.0, period="2026-01"),
}


BY_WEEK = ("budget", "kpi_floor", "minimum_to_work", "ramp")


def written(rule: Rule, path: Path, *, by_week: bool = False) -> str:
    """The rows of a rule alone as an LP file: what ties responses to spend is left out."""
    scenario = make_scenario(3, 3, budget=900.0).under(rule)
    curves = ResponseCurves(
        tuple(
            Curve(
                c, k, "points", 1.0, points=((0.0, 100.0), (0.0, 300.0 if k == "margin" else 6.0))
            )
            for c in scenario.plannable
            for k in ("margin", "new_customers")
        ),
        scenario.months,
    )
    outlook = Outlook(*(weekly(scenario, curves) if by_week else (scenario, curves)))
    pieces = Pieces.start(outlook, 900.0)
    program = Program(
        outlook, pieces, "low", kpis=curves.kpis, less=unwanted(rule), budget=900.0, most=900.0
    )
    program.add(rows(program, rule))
    program.maximise(program.kpi("margin", program.over(outlook.months)))
    for part in (program.model.effective, program.model.responses, program.model.order):
        part.deactivate()
    program.model.write(str(path), format="lp", io_options={"symbolic_solver_labels": True})
    return path.read_text()


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_rule_is_written_as_it_was(kind: str, tmp_path: Path) -> None:
    check(written(RULES[kind], tmp_path / "rule.lp"), GOLDEN / f"{kind}.lp")


@pytest.mark.parametrize("kind", BY_WEEK)
def test_a_rule_on_months_is_written_over_their_weeks(kind: str, tmp_path: Path) -> None:
    text = written(RULES[kind], tmp_path / "rule.lp", by_week=True)
    check(text, GOLDEN / "weeks" / f"{kind}.lp")


def check(text: str, golden: Path) -> None:
    if os.environ.get("TIERMIX_REFRESH_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text(), f"{golden.name} differs; if that is meant, refresh it"


def test_every_rule_has_its_golden_file() -> None:
    assert set(RULES) == set(BUILDERS)
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(BUILDERS)
