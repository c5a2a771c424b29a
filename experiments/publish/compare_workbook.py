"""A comparison of scenarios as an Excel workbook: variants, cells, goals, a plan a variant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.publish.plan_workbook import months_sheet
from experiments.scenario_comparison.variants import Variant
from scenarios import read_plan
from tiermix.core.tables.sheets import FIGURE, MONEY, SHARE, Sheet, write_workbook

_VARIANTS = (
    "variant", "budget", "currency", "recommended", "against the first", "low", "high", "status",
    "why not",
)  # fmt: skip
_CELLS = (
    "variant", "strategy", "spend", "mean", "standard error", "against the baseline", "low", "high",
    "all goals", "can be followed", "keeps the rules", "rules broken",
)  # fmt: skip
_GOALS = ("variant", "strategy", "goal", "KPI", "actual", "target", "probability", "low", "high")


def write_compare_workbook(
    path: str | os.PathLike[str],
    told: Mapping[str, Any],
    variants: Sequence[Variant],
    plans: Mapping[int, Path],
) -> Path:
    """A study's workbook: what its document tells, and the plans by the number of their variant.

    A sheet `plan 1` is the first variant's recommended plan; give one to be read as a plan in a
    workbook of its own.
    """
    ranges = {4: MONEY, 5: MONEY, 6: MONEY}
    money, shares = dict.fromkeys(range(2, 8), MONEY), dict.fromkeys(range(6, 9), SHARE)
    sheets = [
        Sheet("variants", _VARIANTS, list(_variants(told)), {1: MONEY} | ranges),
        Sheet("cells", _CELLS, list(_cells(told)), money | {8: SHARE}, fixed=2),
        Sheet("goals", _GOALS, list(_goals(told)), shares | {4: FIGURE, 5: FIGURE}, fixed=2),
        *(_plan(variants[n], n, plans[n]) for n in sorted(plans)),
    ]
    return write_workbook(path, sheets)


def _plan(variant: Variant, number: int, file: Path) -> Sheet:
    scenario = variant.scenario
    media = read_plan(file, scenario.plannable, scenario.months)
    return replace(months_sheet(media, scenario), name=f"plan {number + 1}")


def _variants(told: Mapping[str, Any]) -> Iterator[list[object]]:
    for one in told["variants"]:
        gain = one["against_first"] or {}
        ends = [gain.get(key) for key in ("difference", "low", "high")]
        who = one["recommended"] or "none"
        why = one.get("message", "")
        yield [one["label"], one["budget"], one["currency"], who, *ends, one["status"], why]


def _cells(told: Mapping[str, Any]) -> Iterator[list[object]]:
    objective = told["objective"]
    for one in told["cells"]:
        mine, gain = one["kpis"].get(objective, {}), one["against"].get(objective, {})
        yield [
            one["label"], one["strategy"], one["spend"], mine.get("mean"), mine.get("se"),
            *(gain.get(key) for key in ("difference", "low", "high")),
            (one["risk"].get("all_goals") or {}).get("probability"),
            "yes" if one["can_be_followed"] else "no", "yes" if one["allowed"] else "no",
            ", ".join(rule["rule"] for rule in one["rules_broken"]),
        ]  # fmt: skip


def _goals(told: Mapping[str, Any]) -> Iterator[list[object]]:
    keys = ("goal", "kpi", "actual", "target", "probability", "low", "high")
    for one in told["cells"]:
        for goal in one["goals"]:
            yield [one["label"], one["strategy"], *(goal[key] for key in keys)]
