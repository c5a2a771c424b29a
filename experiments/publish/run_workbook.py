"""A comparison as an Excel workbook: the answer, every strategy, the recommended plan, goals."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.publish.plan_workbook import months_sheet
from scenarios import KPIS, MediaPlan, Scenario
from tiermix.core import figures
from tiermix.core.language import said
from tiermix.core.tables.sheets import FIGURE, MONEY, SHARE, Sheet, write_workbook

_STRATEGIES = (
    "strategy", "spend", "mean", "standard error", "against baseline", "low", "high", "P5", "P50",
    "P95", "all goals", "can be followed", "keeps the rules", "rules broken", "note",
)  # fmt: skip
_KPIS = ("KPI", "unit", "last year", "strategy", "mean", "standard error", "against baseline",
         "low", "high")  # fmt: skip
_GOALS = ("strategy", "goal", "KPI", "actual", "target", "probability", "low", "high")


def write_run_workbook(
    path: str | os.PathLike[str], told: Mapping[str, Any], media: MediaPlan, scenario: Scenario
) -> Path:
    """A study's workbook: what its document tells, and `media`, the recommended plan.

    The sheet `plan` is read back as a plan.
    """
    money, plain = dict.fromkeys(range(1, 10), MONEY), dict.fromkeys(range(2, 9), FIGURE)
    shares = dict.fromkeys(range(5, 8), SHARE)
    sheets = [
        Sheet("answer", ("", scenario.name), list(_answer(told, scenario))),
        Sheet("strategies", _STRATEGIES, list(_strategies(told)), money | {10: SHARE}),
        months_sheet(media, scenario),
        Sheet("goals", _GOALS, list(_goals(told)), shares | {3: FIGURE, 4: FIGURE}),
        Sheet("figures", _KPIS, list(_figures(told, scenario)), plain, fixed=2),
        Sheet("rules", ("strategy", "rule", "in words"), list(_rules(told))),
    ]
    return write_workbook(path, sheets)


def _answer(told: Mapping[str, Any], scenario: Scenario) -> Iterator[tuple[object, object]]:
    sure, currency = told["certainty"], scenario.currency
    objective = sure["objective"]
    if told["best"] is None:
        yield "recommended", "none keeps all rules and can be followed"
    else:
        yield "recommended", told["best"]
    yield "best of all", told["best_of_all"]
    lead = sure["lead"]
    if lead is not None:
        interval = f"[{figures.number(lead['low'])}, {figures.number(lead['high'])}]"
        words = f"{figures.number(lead['estimate'])} {objective} {interval}, 95 %"
        yield f"lead over {sure['runner_up']}", words
        yield "told apart", "yes" if sure["separated"] else "no: the interval holds 0"
    yield "draws", f"{told['replications']} worlds of {told['customers']:,} customers, paired"
    yield "budget", figures.money(scenario.budget, currency)
    yield "baseline", told["baseline"]
    if told["plan"]["strategy"] != told["best"]:
        yield "the sheet 'plan' is of", told["plan"]["strategy"]
    if not told["plan"]["same_in_every_world"]:
        words = f"as planned in world {told['plan']['world']}; worlds have plans of their own"
        yield "the plan is", words
    yield "scenario", f"{scenario.name} ({told['scenario_hash']}), seed {told['seed']}"
    yield "report", told["report"]


def _strategies(told: Mapping[str, Any]) -> Iterator[list[object]]:
    objective = told["certainty"]["objective"]
    for one in told["strategies"]:
        mine, risk = one["kpis"].get(objective, {}), one["risk"]
        gain = one["against_baseline"].get(objective, {})
        spread = [(risk.get(end) or {}).get("value") for end in ("p5", "p50", "p95")]
        yield [
            one["name"], one["spend"], mine.get("mean"), mine.get("se"),
            *(gain.get(key) for key in ("difference", "low", "high")), *spread,
            (risk.get("all_goals") or {}).get("probability"),
            _yes(one["can_be_followed"]), _yes(one["allowed"]),
            ", ".join(said(rule["rule"]) for rule in one["rules_broken"]), one["note"],
        ]  # fmt: skip


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _goals(told: Mapping[str, Any]) -> Iterator[list[object]]:
    for one in told["strategies"]:
        for goal in one["goals"]:
            figures_ = [goal[key] for key in ("actual", "target")]
            chance = [goal[key] for key in ("probability", "low", "high")]
            yield [one["name"], goal["goal"], goal["kpi"], *figures_, *chance]


def _figures(told: Mapping[str, Any], scenario: Scenario) -> Iterator[list[object]]:
    """Every KPI of every strategy, beside last year's."""
    before = told["last_year"]["kpis"]
    for one in told["strategies"]:
        for kpi, mine in one["kpis"].items():
            unit = KPIS[kpi].unit.replace("money", scenario.currency) if kpi in KPIS else ""
            gain = one["against_baseline"].get(kpi, {})
            yield [
                kpi, unit, before.get(kpi, {}).get("mean"), one["name"], mine["mean"], mine["se"],
                *(gain.get(key) for key in ("difference", "low", "high")),
            ]  # fmt: skip


def _rules(told: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for one in told["strategies"]:
        for rule in (*one["rules_broken"], *one["rules_lived"]):
            yield one["name"], rule["rule"], rule["words"]
