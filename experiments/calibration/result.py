"""What comes of a calibration: the fitted scenario, its parameters, how well its weeks agree."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from scipy.stats import chi2, t

from experiments.calibration.fit import Posterior
from experiments.calibration.history import History
from experiments.calibration.problem import Problem
from experiments.calibration.write import fitted_scenario, parameter_rows
from scenarios import Scenario
from tiermix.core.arrays import Bools, Floats
from tiermix.core.figures import number

if TYPE_CHECKING:
    import pandas as pd


class CalibrationDocument(TypedDict):
    """A calibration, without where things were written."""

    name: str
    scenario_hash: str
    base: dict[str, str]
    history: dict[str, str]
    seed: int
    fit: dict[str, Any]
    parameters: list[dict[str, Any]]
    remarks: list[str]
    seconds: dict[str, float]


MOST_ROWS = 20
"""Rows of a repr; all are in `parameters`."""


@dataclass(frozen=True)
class Calibration:
    """A base, a history, and where they meet: `scenario`, `parameters`, `fit`, weeks as `table`.

    `whole` is the fit to all weeks, `blind` the one that has not seen the last `held` of them.
    """

    base: Scenario
    history: History
    problem: Problem
    whole: Posterior
    blind: Posterior
    held: int
    left_out: int
    free: int
    seed: int
    seconds: dict[str, float]

    @cached_property
    def scenario(self) -> Scenario:
        """The base with what was fitted, and the company's own spend as last year's."""
        return fitted_scenario(self.problem, self.whole.theta)

    @cached_property
    def parameters(self) -> list[dict[str, Any]]:
        """`name, estimate, low, high` (95 %), `base, prior_low, prior_high, learned, verdict`."""
        return parameter_rows(self.problem, self.whole, float(t.ppf(0.975, self.free)))

    @cached_property
    def table(self) -> pd.DataFrame:
        """`week, conversions, revenue` beside `fitted_…` and `blind_…`; `held_out` weeks last."""
        import pandas as pd

        rows = {"week": list(self.history.weeks), "held_out": self._is_held.tolist()}
        for what in ("conversions", "revenue"):
            rows[what] = getattr(self.history, what)
            rows[f"fitted_{what}"] = getattr(self.whole.answer, what)
            rows[f"blind_{what}"] = getattr(self.blind.answer, what)
        return pd.DataFrame(rows)

    @cached_property
    def fit(self) -> dict[str, Any]:
        """How well the fitted market agrees with the history, in sample and out of it."""
        real, fitted, held = self.history, self.whole.answer, self._is_held
        left = real.conversions - fitted.conversions
        usual = np.full(len(held), real.conversions[~held].mean())
        learned = float(sum(row["learned"] for row in self.parameters))
        free = max(len(self.whole.misfit) - learned, 1.0)
        chi_square = self.whole.chi_square
        return {
            "weeks": len(real.weeks),
            "first_week": real.weeks[0].isoformat(),
            "last_week": real.weeks[-1].isoformat(),
            "weeks_left_out": self.left_out,
            "weeks_held_out": self.held,
            "r2": 1.0
            - float(left @ left) / float(_away(real.conversions) @ _away(real.conversions)),
            "mape": _error(real.conversions, fitted.conversions),
            "mape_revenue": _error(real.revenue, fitted.revenue),
            "mape_held_out": _error(real.conversions[held], self.blind.answer.conversions[held]),
            "mape_held_out_revenue": _error(real.revenue[held], self.blind.answer.revenue[held]),
            "mape_held_out_naive": _error(real.conversions[held], usual[held]),
            "chi_square": chi_square,
            "moments": len(self.whole.misfit),
            "parameters_learned": learned,
            "degrees_of_freedom": free,
            "p_value": float(chi2.sf(chi_square, free)),
            "rounds": self.whole.rounds,
            "customers": self.problem.customers,
            "replications": len(self.problem.seeds),
        }

    def to_dict(self) -> CalibrationDocument:
        """The JSON document, without where things were written."""
        return {
            "name": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "base": {"name": self.base.name, "hash": self.base.hash},
            "history": {"file": self.history.source, "sha256": self.history.digest},
            "seed": self.seed,
            "fit": self.fit,
            "parameters": self.parameters,
            "remarks": remarks(self),
            "seconds": self.seconds,
        }

    @property
    def _is_held(self) -> Bools:
        return np.arange(len(self.history.weeks)) >= len(self.history.weeks) - self.held

    def __repr__(self) -> str:
        fit = self.fit
        return (
            f"Calibration({self.scenario.name}: {fit['weeks']} weeks, R² {fit['r2']:.2f}, error "
            f"{fit['mape']:.1%}, held out {fit['mape_held_out']:.1%})"
        )

    def _repr_html_(self) -> str:
        import pandas as pd

        columns = ("base", "estimate", "low", "high")
        rows = [
            {"name": row["name"], **{key: number(row[key]) for key in columns},
             "learned": f"{row['learned']:.0%}", "verdict": row["verdict"]}
            for row in self.parameters[:MOST_ROWS]
        ]  # fmt: skip
        table = pd.DataFrame(rows).to_html(index=False, border=0, justify="right")
        return f"<p>{html.escape(repr(self))}</p>{table}"


def remarks(found: Calibration) -> list[str]:
    """What a user ought to know before believing the scenario."""
    said, fit = [], found.fit
    if found.left_out:
        said.append(f"{found.left_out} weeks lie outside the base's years and were not used.")
    if fit["p_value"] < 0.01:
        said.append(
            f"the moments disagree by more than luck (chi-square {fit['chi_square']:.0f} on "
            f"{fit['degrees_of_freedom']:.0f} degrees of freedom): something in the history is not "
            "in the base, such as a season, a price or a trend; intervals are too narrow then."
        )
    ratio = found.scenario.last_year.total / max(found.base.last_year.total, 1e-12)
    if not 0.5 <= ratio <= 2.0:
        people = float(f"{found.base.market_size * ratio:.2g}")
        said.append(
            f"the company spends {number(ratio)} times what the base does, on as many people; if "
            f"its market is smaller or larger, say so: set `market_size` to {people:,.0f} or so."
        )
    now, before = found.scenario.last_year.by_channel, found.base.last_year.by_channel
    absent = [name for name, money in before.items() if money > 0 and now[name] == 0]
    if absent:
        said.append(f"not in the history, so without money last year: {', '.join(absent)}.")
    prior = [row["name"] for row in found.parameters if row["verdict"] == "prior"]
    if prior:
        said.append(f"these are still the base's, the weeks said nothing: {', '.join(prior)}.")
    return said


def _away(values: Floats) -> Floats:
    return np.asarray(values - values.mean())


def _error(real: Floats, fitted: Floats) -> float:
    """Absolute error of weeks over their sum: weeks without conversions are no trouble."""
    return float(np.abs(real - fitted).sum() / max(real.sum(), 1e-12))
