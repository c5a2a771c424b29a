"""One LP file for each rule: its formula as the solver reads it, pinned.

A file's first line is the rule, as a comment of the format; the union of rules says which files
there have to be. `TIERMIX_REFRESH_GOLDEN=1 pytest tests/optimize/test_golden.py` writes what is
below it anew; read the diff.
"""

import os
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from benchmarks.fakes import make_scenario
from optimize import Curve, ResponseCurves, weekly
from optimize.model.linearisation import Pieces
from optimize.model.program import Program
from optimize.model.response_model import ResponseModel
from optimize.problem.rule_rows import BUILDERS, rows
from scenarios.parts.rules import RULES, Rule

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
KINDS = sorted(kind for kind, rule in RULES.items() if rule.bounds_plans)
BY_WEEK = sorted(path.stem for path in (GOLDEN / "weeks").glob("*.lp"))


def asked(golden: Path) -> Rule:
    """The rule that a golden file is about, as its first line says."""
    first = golden.read_text().partition("\n")[0]
    return RULE.validate_json(first.removeprefix("\\*").removesuffix("*\\"))


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
    response_model = ResponseModel(*(weekly(scenario, curves) if by_week else (scenario, curves)))
    pieces = Pieces.start(response_model, 900.0)
    program = Program(
        response_model,
        pieces,
        "low",
        kpis=curves.kpis,
        less=rule.decreases(),
        budget=900.0,
        most=900.0,
    )
    program.add(rows(program, rule))
    program.maximise(program.kpi("margin", program.over(response_model.months)))
    for part in (program.model.effective, program.model.responses, program.model.order):
        part.deactivate()
    program.model.write(str(path), format="lp", io_options={"symbolic_solver_labels": True})
    return path.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_is_written_as_it_was(kind: str, tmp_path: Path) -> None:
    golden = GOLDEN / f"{kind}.lp"
    assert golden.exists(), f"write {golden.name} with a rule of this kind, as others have it"
    check(written(asked(golden), tmp_path / "rule.lp"), golden)
    assert asked(golden).kind == kind


@pytest.mark.parametrize("kind", BY_WEEK)
def test_a_rule_on_months_is_written_over_their_weeks(kind: str, tmp_path: Path) -> None:
    golden = GOLDEN / "weeks" / f"{kind}.lp"
    check(written(asked(golden), tmp_path / "rule.lp", by_week=True), golden)


def check(text: str, golden: Path) -> None:
    """Whether the file says the same below its first line; written anew when that is asked."""
    first, _, rest = golden.read_text().partition("\n")
    if os.environ.get("TIERMIX_REFRESH_GOLDEN"):
        golden.write_text(f"{first}\n{text}")
        return
    assert text == rest, f"{golden.name} differs; if that is meant, refresh it"


def test_every_rule_that_bounds_plans_has_a_builder_and_a_golden_file() -> None:
    assert set(KINDS) == set(BUILDERS)
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(KINDS)
    assert {"budget", "kpi_floor", "minimum_to_work", "ramp"} <= set(BY_WEEK)


def test_every_rule_has_a_row_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "allocation.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    missing = [kind for kind in RULES if not any(f"`{kind}`" in row for row in rows)]
    assert missing == []
