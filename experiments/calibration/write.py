"""From θ to what people read: parameters with intervals, the scenario, and its file."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.fit import Posterior
from experiments.calibration.market import daily_spend
from experiments.calibration.parameters import Parameter, applied, values_at
from experiments.calibration.problem import Problem
from experiments.calibration.rules import unfit_rules
from scenarios import Scenario, load_scenario, scenario_text
from sim import month_of_days
from tiermix.core.arrays import Floats
from tiermix.core.files import whole_file

DIGITS = 6
NORMAL = 1.96
LEARNED, PARTLY = 0.5, 0.1
"""Shares of the prior variance that the data take away, for a parameter to count as such."""


def parameter_rows(problem: Problem, posterior: Posterior, quantile: float) -> list[dict[str, Any]]:
    """Each parameter in its unit: the base, the estimate, and 95 % before and after the data.

    `moved` is how far the data took it, in standard deviations of its prior.
    """
    rows = []
    for k, parameter in enumerate(problem.parameters):
        at, half = float(posterior.theta[k]), quantile * float(posterior.spread[k])
        base, unit = _base(problem.base, parameter)
        learned = 1.0 - float(posterior.covariance[k, k]) / parameter.width**2
        verdict = verdict_of(learned)
        spans = {
            "estimate": at, "low": at - half, "high": at + half, "base": 0.0,
            "prior_low": -NORMAL * parameter.width, "prior_high": NORMAL * parameter.width,
        }  # fmt: skip
        values = {key: parameter.moved(base, by) for key, by in spans.items()}
        shown = {"name": parameter.name, **values, "unit": unit, "moved": at / parameter.width}
        rows.append({**shown, "learned": learned, "verdict": verdict})
    return rows


def verdict_of(learned: float) -> str:
    """What a share of the prior's variance that the data took away is called."""
    return "learned" if learned >= LEARNED else "partly" if learned >= PARTLY else "prior"


def _base(scenario: Scenario, parameter: Parameter) -> tuple[float, str]:
    """A parameter's value in the base; of several places it is a factor on all of them."""
    if len(parameter.paths) == 1 and "*" not in parameter.paths[0]:
        return values_at(scenario, parameter)[0], "value"
    return 1.0, "factor"


def fitted_scenario(problem: Problem, theta: Floats) -> Scenario:
    """The base at θ, with the company's spend as last year's and a budget in proportion to it."""
    base = problem.base
    data = applied(base, problem.parameters, theta).model_dump(mode="json")
    spend = monthly_spend(problem)
    total = sum(sum(amounts) for amounts in spend.values())
    data["history"]["spend"] = spend
    data["budget"] = base.budget * total / base.last_year.total if base.last_year.total else total
    data["name"] = f"{base.name[:29]}_calibrated"
    data["title"] = f"{base.title}, calibrated"
    money = {name: sum(amounts) for name, amounts in spend.items()}
    unfit = unfit_rules(base, money, problem.history.own)
    data["rules"] = [rule for rule in data["rules"] if rule["name"] not in unfit]
    return Scenario.model_validate(_rounded(base.model_dump(mode="json"), data))


def monthly_spend(problem: Problem) -> dict[str, list[float]]:
    """Money by channel and month of the history year; none where the history names none."""
    base = problem.base
    days = daily_spend(base, problem.history.own)[:, : base.history_days]
    month = month_of_days(base, base.history_months)
    return {
        channel.name: [round(float(x), 2) for x in np.bincount(month, days[c], 12)]
        for c, channel in enumerate(base.channels)
        if channel.plannable
    }


def _rounded(below: Any, above: Any) -> Any:
    """What differs from the base with as many digits as a person would read."""
    if isinstance(above, dict):
        return {k: _rounded(below.get(k) if isinstance(below, dict) else None, v)
                for k, v in above.items()}  # fmt: skip
    if isinstance(above, list) and isinstance(below, list) and len(above) == len(below):
        return [_rounded(b, a) for b, a in zip(below, above, strict=True)]
    if isinstance(above, float) and above != below and above != 0.0:
        return float(f"{above:.{DIGITS}g}") if abs(above) < 1e5 else round(above, 2)
    return above


def difference(below: Any, above: Any) -> Any:
    """What a file that extends `below` has to say to be `above`."""
    if isinstance(below, dict) and isinstance(above, dict):
        changed = {key: value for key, value in above.items() if below.get(key) != value}
        return {key: difference(below.get(key), value) for key, value in changed.items()}
    if _named(below) and _named(above) and [x["name"] for x in below] == [x["name"] for x in above]:
        pairs = zip(below, above, strict=True)
        return {a["name"]: difference(b, a) for b, a in pairs if a != b}
    return above


def _named(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(x, dict) and "name" in x for x in value)


def write_scenario(path: Path, scenario: Scenario, extends: str, header: Sequence[str]) -> Path:
    """A YAML that extends a base (a name, or a path as seen from here) by what differs.

    The file appears whole or not at all, and only if it reads back as the same scenario.
    """
    below = load_scenario(extends).model_dump(mode="json")
    is_file = Path(extends).suffix in (".yaml", ".yml")
    base = os.path.relpath(Path(extends).resolve(), path.parent.resolve()) if is_file else extends
    body = {"extends": base, **difference(below, scenario.model_dump(mode="json"))}
    text = "".join(f"# {line}\n" for line in header) + scenario_text(body)
    with whole_file(path, suffix=".yaml") as draft:
        draft.write_text(text, "utf-8")
        if load_scenario(draft).hash != scenario.hash:
            raise RuntimeError(f"{path}: what was written is not the scenario that was fitted")
    return path


def header_of(problem: Problem, base: Scenario, extends: str, seed: int) -> list[str]:
    """Where a fitted scenario comes from, as comment lines."""
    history = problem.history
    return [
        f"Fitted by `tiermix calibrate` on {dt.date.today()} to {history.source}",
        f"(sha256 {history.digest[:16]}), {len(history.weeks)} weeks from {history.weeks[0]} to "
        f"{history.weeks[-1]},",
        f"seed {seed}, {len(problem.seeds)} markets of {problem.customers:,} customers; base "
        f"{extends} (hash {base.hash}).",
        "Only what differs from the base stands here. Rules, goals and beliefs are the base's,",
        "but for rules that last year itself could not keep: check their amounts before planning.",
    ]
