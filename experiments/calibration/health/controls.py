"""What a fit found of controls, and whether they can be told from spend and season."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.calibration.agreement import error, r_squared
from experiments.calibration.control_effects import controls_of_weeks
from experiments.calibration.health.figure import LOOK, OK, Figure
from experiments.calibration.judged import Judged
from experiments.calibration.moments import media_of_weeks, seasons_of_weeks
from tiermix.core.arrays import Floats

SHARED = 0.9
"""R² of a control on all else from which its standard error is three times as large, and more."""
MOVED = 1.1
"""A factor between two readings of an effect that is worth a word."""


def control_rows(calibration: Judged) -> list[dict[str, Any]]:
    """A row for each fitted control: `control, usual, unit, effect, low, high, learned, verdict`.

    `factor` is what one unit above the usual does to needs; `shared` the share of its variance over
    weeks that seasons, spend and other controls have too, `beside` the one that it is most like,
    `like` its correlation with that.
    """
    told = {row["name"]: row for row in calibration.parameters}
    others, rows = _moving(calibration), []
    for control in calibration.problem.base.controls:
        row = told.get(f"control {control.name}")
        if row is None:
            continue
        rest = {name: column for name, column in others.items() if name != row["name"]}
        shown = {"control": control.name, "usual": control.usual, "unit": control.unit}
        shown |= {"effect": row["estimate"], "factor": float(np.exp(row["estimate"]))}
        shown |= {key: row[key] for key in ("low", "high", "learned", "verdict")}
        shown |= _likeness(others[row["name"]], rest)
        rows.append(shown)
    return rows


def _moving(calibration: Judged) -> dict[str, Floats]:
    """All that moves the weeks, by its name: seasons, controls, spend and what is left of it."""
    history = calibration.history
    asked = calibration.problem.base, history
    seasons, controls = seasons_of_weeks(*asked), controls_of_weeks(*asked)
    media = media_of_weeks(*asked)
    spend = {name: history.spend[:, history.channels.index(name)] for name in media}
    return {
        **{f"season {name}": column for name, column in seasons.items()},
        **{f"control {name}": column for name, column in controls.items()},
        **{f"spend of {name}": column / column.mean() for name, column in spend.items()},
        **{f"carry-over of {name}": column for name, column in media.items()},
    }


def _likeness(column: Floats, others: dict[str, Floats]) -> dict[str, Any]:
    """How much of a control's variance all else explains, and what it is most like."""
    away = column - column.mean()
    weeks = len(column)
    free = [np.ones(weeks), np.linspace(-1.0, 1.0, weeks)]
    basis = np.column_stack([*free, *others.values()])
    left = column - basis @ np.linalg.lstsq(basis, column, rcond=None)[0]
    # Adjusted for the number of columns: so many explain something of anything.
    spare = max(weeks - int(np.linalg.matrix_rank(basis)), 1)
    shared = 1.0 - (float(left @ left) / spare) / (float(away @ away) / (weeks - 1))
    alike = {name: _correlation(away, x) for name, x in others.items()}
    beside = max(alike, key=lambda name: abs(alike[name]), default="")
    return {"shared": max(shared, 0.0), "beside": beside, "like": alike.get(beside, 0.0)}


def _correlation(away: Floats, other: Floats) -> float:
    moved = other - other.mean()
    size = float(np.linalg.norm(away) * np.linalg.norm(moved))
    return float(away @ moved) / size if size > 0 else 0.0


def without_controls(calibration: Judged) -> dict[str, Any]:
    """How much controls matter: `r2`, `mape` and channels' `effects` of a fit that knows none.

    Effects are factors on the base's: `channel, with, without`. Empty where there are no controls.
    """
    bare = calibration.bare
    if bare is None:
        return {}
    real, history = calibration.history.conversions, calibration.history
    means = np.concatenate([x - x.mean() for x in history.by_year(real)])
    parameters = calibration.problem.parameters
    mine = {p.own: x for p, x in zip(parameters, calibration.whole.theta, strict=True)}
    theirs = dict(
        zip([p.own for p in parameters if p.own[0] != "control"], bare.theta, strict=True)
    )
    effects = [
        {"channel": own[1], "with": float(np.exp(mine[own])), "without": float(np.exp(x))}
        for own, x in theirs.items()
        if own[0] == "effect"
    ]
    return {
        "r2": r_squared(real, bare.answer.conversions, means),
        "mape": error(real, bare.answer.conversions),
        "effects": effects,
    }


def control_figures(calibration: Judged) -> list[Figure]:
    """One figure of all controls; none without any."""
    rows = control_rows(calibration)
    if not rows:
        return []
    learned = [row for row in rows if row["verdict"] != "prior"]
    alike = [row for row in rows if row["shared"] > SHARED]
    says = "controls, as factors on needs for a unit: " + "; ".join(map(_told, rows))
    says += _mattering(without_controls(calibration), calibration.fit["r2"])
    if alike:
        says += ". Not to be told from what else moves the weeks: " + ", ".join(map(_like, alike))
    remedy = (
        "their effects and those of what they go along with stand for one another; bring more "
        "weeks in which they part, or a test of the channel"
        if alike
        else ""
    )
    shown = f"{len(learned)} of {len(rows)} learned"
    ok = f"R² on all else up to {SHARED:g}"
    most = max(row["shared"] for row in rows)
    return [Figure("controls", most, shown, ok, LOOK if alike else OK, says, remedy)]


def _told(row: dict[str, Any]) -> str:
    low, high = sorted(float(np.exp(row[key])) for key in ("low", "high"))
    return f"{row['control']} {row['factor']:.2f} [{low:.2f}, {high:.2f}]"


def _mattering(bare: dict[str, Any], r2: float) -> str:
    """What a fit without controls would have been."""
    if not bare:
        return ""
    read = [(one["channel"], one["without"] / one["with"]) for one in bare["effects"]]
    moved = [
        f"{name} {by:.2f} times as large" for name, by in read if abs(np.log(by)) > np.log(MOVED)
    ]
    effects = f", and effects would be read otherwise: {', '.join(moved)}" if moved else ""
    return f"; without them R² would be {bare['r2']:.2f} in place of {r2:.2f}{effects}"


def _like(row: dict[str, Any]) -> str:
    return (
        f"{row['control']} (R² {row['shared']:.2f} on all else, correlation {row['like']:+.2f} "
        f"with {row['beside']})"
    )
