"""Each notebook runs from its first cell to its last, and answers what it asks."""

import ast
import re

import nbformat
import pytest

from docs.extensions.ran import fresh
from tests.docs.pages import ROOT
from tests.notebooks.runner import at_once, run
from tiermix.cli.notebooks import names

CLAIMS = {
    "analyst": """
assert found.strategies == ["last_year", "equal_within_rules", "lp"]
assert scenario.budget == 0.9 * load_scenario("retail").budget
assert lead.low < lead.estimate < lead.high
assert set(mine.index) == {goal.name for goal in scenario.goals}
assert verdict in ("go", "wait", "no-go")
assert (verdict == "go") == (not reasons)
assert verdict != "go" or ahead
""",
    "own_data": """
assert len(table.amounts.periods) == len(wide) == 52
assert own.assumed
paid = {name.removeprefix("spend_") for name in wide.columns[2:] if wide[name].sum() > 0}
assert set(base.plannable) == paid
assert fitted.health.level in ("ok", "look", "stop")
assert refused is None
assert 0 < plan.media.total <= scenario.budget * (1 + 1e-9)
""",
    "story_b2b": """
assert set(steps["agents"]) == set(AGENTS[1:])
most = steps[steps["agents"] == AGENTS[-1]].set_index("kpi")["difference"]
assert most["opportunities"] > 0, "a larger desk answers more leads"
assert set(more["kpi"]) == set(KPIS)
""",
    "story_education": """
assert len(months) == 12
assert months["leads"].sum() > months["enrolments"].sum() > 0
assert set(steps.index) == set(KPIS)
assert steps.loc["lead_conversion_rate", "difference"] > 0, "who is called back enrols"
""",
    "story_retail": """
assert truth.table["unit"].tolist() == CHANNELS
assert 0 < beside["last_click"].sum() < 1
search, seeding = (beside.set_index("unit").loc[name] for name in ("paid_search", "xiaohongshu"))
assert search["last_click"] / search["truth"] > seeding["last_click"] / seeding["truth"]
""",
    "story_smart_home": """
assert steps.loc["brand_consistency", "low"] > 0
assert steps.loc["email_click_rate", "low"] > 0
assert len(losses) == len(PARTS)
assert losses.set_index("part").loc["without personalisation", "difference"] < 0
""",
    "sweeps": """
from math import prod
from itertools import pairwise

assert len(swept.cells) == prod(len(values) for values in SETTINGS.values())
assert set(hangs.table()["name"]) == set(UNCERTAIN)
solved = [point for point in steps.points if point.status == "optimal"]
assert len(solved) >= 2
for lower, higher in pairwise(solved):
    assert higher.upper >= lower.value
""",
    "researcher": """
assert set(found.models) == {"mine", "last_click"}
assert found.regret()["mean"].notna().all()
assert turned.along()["at"].nunique() == 2
assert {"mine", "(oracle)", "(nothing)"} <= set(standing.index)
""",
    # A higher cap allows all that a lower one does: the best cannot fall. A point's value is
    # within its own certificate of the best, so where the cap has ceased to bind it may fall by
    # so much.
    "strategist": """
from itertools import pairwise

assert 0 < lost < 0.2, "a fifth less money costs less than a fifth"
assert less.media.total <= 0.8 * scenario.budget * (1 + 1e-9)
values = [point.value for point in budgets.points]
assert values == sorted(values)

assert price.price > 0
solved = [p for p in caps.points if p.status == "optimal"]
assert len(solved) >= 3
assert solved[-1].value > solved[0].upper
for lower, higher in pairwise(solved):
    assert higher.upper >= lower.value
    assert higher.value >= lower.value - (higher.upper - higher.lower)
assert with_cap.objective.value < plan.objective.upper

assert names & set(asked.binding)
assert "twice the orders" in refused.conflict
assert refused.relaxation
""",
}


def test_every_notebook_is_run_and_shown() -> None:
    assert set(names()) == set(CLAIMS)
    shown = (ROOT / "docs" / "gallery" / "index.md").read_text("utf-8")
    assert [name for name in names() if f"\n{name}\n" not in shown] == []


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_notebook_runs_and_answers_what_it_asks(name: str) -> None:
    ran = run(name, CLAIMS[name])
    shown = [cell for cell in ran.cells if cell.get("outputs")]
    assert len(shown) >= 5
    assert [word for cell in shown for word in _from_elsewhere(cell)] == []


def _from_elsewhere(cell: nbformat.NotebookNode) -> list[str]:
    """Addresses that a browser would ask for what a cell shows."""
    data = [str(text) for out in cell.outputs for text in out.get("data", {}).values()]
    return [word for text in data for word in re.findall(r"(?:src|href)=.?https?:[^\s>]+", text)]


def test_a_story_runs_with_other_parameters() -> None:
    found = at_once("story_retail", {"CUSTOMERS": 150, "SEED": 3})
    assert found["run"].provenance["customers"] == 150
    assert found["truth"].table["unit"].tolist() == found["CHANNELS"]


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_notebook_is_one_for_jupyter(name: str) -> None:
    cells = fresh(name).cells
    assert {cell.cell_type for cell in cells} == {"markdown", "code"}
    assert sum(cell.cell_type == "code" for cell in cells) >= 6


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_parameters_stand_in_the_first_cell_of_code_as_papermill_reads_them(name: str) -> None:
    first, *others = [cell for cell in fresh(name).cells if cell.cell_type == "code"]
    assert first.metadata.tags == ["parameters"]
    assert [cell for cell in others if cell.metadata.get("tags")] == []
    for line in ast.parse(first.source).body:
        assert isinstance(line, ast.Assign)
        assert all(isinstance(target, ast.Name) for target in line.targets)
        ast.literal_eval(line.value)
