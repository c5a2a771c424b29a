"""Each notebook runs from its first cell to its last, and answers what it asks."""

import jupytext
import pytest

from tests.notebooks.runner import NOTEBOOKS, run

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


def test_every_notebook_is_run() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.py")} == set(CLAIMS)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_notebook_runs_and_answers_what_it_asks(name: str) -> None:
    shown = [cell for cell in run(name, CLAIMS[name]).cells if cell.get("outputs")]
    assert len(shown) >= 5


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_notebook_is_one_for_jupyter(name: str) -> None:
    cells = jupytext.read(NOTEBOOKS / f"{name}.py").cells
    assert {cell.cell_type for cell in cells} == {"markdown", "code"}
    assert sum(cell.cell_type == "code" for cell in cells) >= 6
