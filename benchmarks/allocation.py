"""How fast plans are made, as ratios within one run: `uv run python -m benchmarks.allocation`.

Peers: scaled SLSQP on the same true curves, and direct calls of the solver on the same matrices.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from benchmarks.peer import slsqp
from optimize import InfeasiblePlan, ResponseCurves, allocate, frontier, weekly
from optimize.model.response_model import ResponseModel
from optimize.plans.frontier import budgeted, refined
from optimize.problem.task import Task, make_task
from optimize.solver.certificate import built
from optimize.solver.highs import Solver
from optimize.solver.standard import Standard
from scenarios.parts import rules
from tiermix.core.arrays import Ints

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "allocation.md"
BUDGET = 1e6
_KNOWN: dict[tuple[float, tuple[float, ...]], list[tuple[Standard, Ints]]] = {}
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def timed(work: Callable[[], object], repeats: int = 2) -> float:
    """Best of a few runs, in seconds of processor time: the machine may have other work."""
    best = np.inf
    for _ in range(repeats):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return float(best)


def full_year(channels: int, months: int) -> tuple[FakeScenario, ResponseCurves]:
    """A year under ten rules of all kinds that a concave program carries."""
    scenario = make_scenario(channels, months, BUDGET)
    curves = make_curves(scenario, carry_over=0.9, carry_per="day")
    response_model = ResponseModel(scenario, curves)
    customers = response_model.kpi(
        "new_customers", response_model.spend_of(scenario.reference_plan)
    ).sum()
    first = {scenario.months[0]: 1.3 * BUDGET / channels / months}
    given = (
        rules.Budget(name="quarter", share=0.3, period="Q1"),
        rules.ChannelBounds(name="bounds", basis="last_year", least=-0.6, most=1.0),
        rules.TierShare(name="tier 1", tier=1, least=0.3, most=0.6),
        rules.TierShare(name="tier 2", tier=2, least=0.2, most=0.5),
        rules.Ramp(name="ramp", up=0.5, down=0.5, step=500.0),
        rules.TestFund(name="tests", share=0.05),
        rules.CacCap(name="cac", cap=1.1 * BUDGET / customers),
        rules.RoiFloor(name="roi", floor=0.2),
        rules.KpiFloor(name="floor", kpi="new_customers", at_least=0.9 * customers),
        rules.Commitment(name="promised", channel=scenario.plannable[0], amounts=first),
    )
    return scenario.under(*given), curves


def figures() -> list[tuple[str, str]]:
    """What was measured, in words and numbers."""
    found = []
    scenario, curves = full_year(12, 12)
    plan = allocate(scenario, curves)
    seconds = timed(lambda: allocate(scenario, curves))
    found.append(
        ("12 × 12, eleven rules, carry-over, to a gap of 1e-4, prices included", f"{seconds:.1f} s")
    )
    found.append(("the gap reached there", f"{plan.gap:.0e}"))
    bare = timed(lambda: allocate(scenario, curves, explain=False))
    found.append(("the same without prices and intervals", f"{bare:.1f} s"))
    found.append(("12 × 12, twelve rules, why there is no plan", f"{no_plan():.2f} s"))
    found += frontiers()
    found += by_week()
    wide = make_scenario(40, 12, BUDGET)
    many = make_curves(wide, carry_over=0.9, carry_per="day")
    seconds = timed(lambda: allocate(wide, many, explain=False), 1)
    found.append(("40 channels × 12 months, budget only, to a gap of 1e-4", f"{seconds:.1f} s"))
    shaped = make_curves(make_scenario(12, 1, BUDGET), shape=(1.5, 3.0), kpis=("margin",))
    seconds = timed(lambda: allocate(make_scenario(12, 1, BUDGET), shaped))
    found.append(("12 S-shaped channels, one month, to 1e-3", f"{seconds:.1f} s"))
    return found


def by_week() -> list[tuple[str, str]]:
    """Years of 52 weeks under the same rules, which speak of months and quarters."""
    found = []
    for channels in (12, 40):
        question = weekly(*full_year(channels, 12))
        seconds = timed(lambda q=question: allocate(*q), 1)
        size = f"{channels} × {len(question[0].months)} weeks"
        what = f"{size}, eleven rules, carry-over, to a gap of 1e-4, prices included"
        found.append((what, f"{seconds:.0f} s"))
    return found


def no_plan() -> float:
    """Seconds for conflict and relaxation of an impossible year."""
    scenario, curves = full_year(12, 12)
    least = rules.KpiFloor(name="too much", kpi="margin", at_least=1e8)

    def refused() -> None:
        try:
            allocate(scenario.under(*scenario.rules, least), curves)
        except InfeasiblePlan:
            return
        raise AssertionError("that year should have been impossible")

    return timed(refused)


def frontiers() -> list[tuple[str, str]]:
    """Fifty budgets for twelve channels against SLSQP and against the solver alone."""
    scenario = make_scenario(12, 1, BUDGET)
    curves = make_curves(scenario, kpis=("margin",))
    budgets = np.linspace(5e5, 1.5e6, 50).tolist()
    ours = timed(lambda: frontier(scenario, curves, budgets=budgets))
    tasks = [make_task(ResponseModel(scenario, curves), budget=b, objective=None) for b in budgets]
    peer = timed(lambda: [slsqp(task, exact=False) for task in tasks], 1)
    with_gradient = timed(lambda: [slsqp(task, exact=True) for task in tasks], 1)
    task = make_task(ResponseModel(scenario, curves), budget=budgets[-1], objective=None)
    final_solvers(task, budgets)
    alone = timed(lambda: directly(task, budgets))
    return [
        ("frontier of 50 budgets, 12 channels, each certified to 1e-4", f"{ours:.2f} s"),
        (
            "SLSQP fifty times on the same curves, uncertified",
            f"{peer:.2f} s ({peer / ours:.0f} times)",
        ),
        (
            "the same when told exact gradients",
            f"{with_gradient:.2f} s ({with_gradient / ours:.0f} times)",
        ),
        (
            "HiGHS alone on the same final matrices, both sides, warm",
            f"{alone:.3f} s (the frontier takes {ours / alone:.1f} times that)",
        ),
    ]


def directly(task: Task, budgets: list[float]) -> None:
    """The solver alone on the program that the frontier ends with: matrices, then fifty bounds.

    What refines the pieces, writes the program and judges each plan on the true curves is not in
    it; both sides are solved, as the frontier does.
    """
    for solver, row in final_solvers(task, budgets):
        for budget in budgets:
            solver.with_rows(row, np.array([-np.inf]), np.array([budget]))
            solver.solve()


def final_solvers(task: Task, budgets: list[float]) -> list[tuple[Solver, Ints]]:
    """Fresh solvers on both sides' final matrices, with the row of the budget."""
    return [(Solver(form), row) for form, row in _final(task.budget, tuple(budgets), task)]


def _final(budget: float, budgets: tuple[float, ...], task: Task) -> list[tuple[Standard, Ints]]:
    if (budget, budgets) not in _KNOWN:
        pieces = refined(task, np.array(budgets), budgeted(task), 1e-4)
        found = []
        for side in ("low", "high"):
            program, form = built(task, pieces, side)
            found.append((form, np.array([form.names.index(program.model.rules[1].name)])))
        _KNOWN[budget, budgets] = found
    return _KNOWN[budget, budgets]


def main() -> None:
    """Measure, print, and write the figures into the reference page."""
    found = figures()
    table = "\n".join(["| what | figure |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in found)])
    print(table)
    text = PAGE.read_text("utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", "utf-8")


if __name__ == "__main__":
    main()
