"""What comes of a calibration: the fitted scenario, its parameters, how well its weeks agree."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from scipy.stats import chi2, t

from experiments.calibration import agreement
from experiments.calibration.contributions import Contribution
from experiments.calibration.fit import Posterior
from experiments.calibration.health.card import HealthCard, HealthDocument, health_card
from experiments.calibration.health.controls import control_rows, without_controls
from experiments.calibration.health.readings import contribution_rows, readings
from experiments.calibration.history import WEEK, History
from experiments.calibration.judged import Foretold
from experiments.calibration.problem import Problem
from experiments.calibration.remarks import remarks
from experiments.calibration.rules import unfit_rules
from experiments.calibration.write import fitted_scenario, parameter_rows
from experiments.calibration.years import middles
from scenarios import Scenario
from tiermix.core.arrays import Bools
from tiermix.core.figures import number

if TYPE_CHECKING:
    import pandas as pd


class CalibrationDocument(TypedDict):
    """A calibration, without where things were written."""

    name: str
    scenario_hash: str
    base: dict[str, str]
    outcome: str
    history: dict[str, str]
    seed: int
    fit: dict[str, Any]
    channels: list[dict[str, Any]]
    contributions: list[dict[str, Any]]
    lifts: list[dict[str, Any]]
    controls: list[dict[str, Any]]
    without_controls: dict[str, Any]
    parameters: list[dict[str, Any]]
    health: HealthDocument
    remarks: list[str]
    seconds: dict[str, float]


MOST_ROWS = 20
"""Rows of a repr; all are in `parameters`."""
MORE = 4
"""Markets that are looked at for each one that was fitted."""


@dataclass(frozen=True)
class Calibration:
    """A base, a history, and where they meet: `scenario`, `parameters`, `fit`, weeks as `table`.

    `whole` is the fit to all weeks, `blind` the one that has not seen the last `held` of them,
    `foretold` those that have not seen the last four weeks, quarter and half year, `bare` the one
    that knows no controls; `brought` is what each channel's money did in the last year.
    """

    base: Scenario
    history: History
    problem: Problem
    whole: Posterior
    blind: Posterior
    foretold: tuple[Foretold, ...]
    held: int
    left_out: int
    free: int
    seed: int
    seconds: dict[str, float]
    bare: Posterior | None = None
    brought: tuple[Contribution, ...] = ()

    @cached_property
    def scenario(self) -> Scenario:
        """The base with what was fitted, the company's own spend as last year's, and its health."""
        return self.fitted.model_copy(update={"health": self.health.health})

    @cached_property
    def fitted(self) -> Scenario:
        """The same before it was looked at."""
        return fitted_scenario(self.problem, self.whole.theta)

    @cached_property
    def health(self) -> HealthCard:
        """Whether it may be planned with: figures with limits, backtests, weeks that do not fit."""
        return health_card(self)

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
        errors = self._errors()
        learned = float(sum(row["learned"] for row in self.parameters))
        free = max(len(self.whole.misfit) - learned, 1.0)
        chi_square = self.whole.chi_square
        # The fitted weeks are a mean of simulated ones and have noise of their own.
        allowed = errors["mape_constant"] + self._noise["shown_noise"]
        agrees = errors["mape"] <= allowed and self._level_agrees
        return {
            "weeks": len(self.history.weeks),
            "first_week": self.history.weeks[0].isoformat(),
            "last_week": self.history.weeks[-1].isoformat(),
            "weeks_left_out": self.left_out,
            "weeks_of_earlier_years": self.history.own_first,
            "weeks_held_out": self.held,
            **errors,
            "agrees": agrees,
            "chi_square": chi_square,
            "moments": len(self.whole.misfit),
            "parameters_learned": learned,
            "degrees_of_freedom": free,
            "p_value": float(chi2.sf(chi_square, free)) if agrees else None,
            "rounds": self.whole.rounds,
            "customers": self.problem.customers,
            "replications": len(self.problem.seeds),
            **self._noise,
        }

    def _errors(self) -> dict[str, float]:
        """Of the fitted weeks, beside those of a constant, in sample and out of it."""
        real, fitted, held = self.history, self.whole.answer, self._is_held
        usual = np.full(len(held), real.own.conversions[: -self.held].mean())
        middle = middles(real)
        means = np.concatenate([x - x.mean() for x in real.by_year(real.conversions)])
        blind = self.blind.answer
        return {
            "r2": agreement.r_squared(real.conversions, fitted.conversions, means),
            "mape": agreement.error(real.conversions, fitted.conversions),
            "mape_constant": agreement.error(real.conversions, middle),
            "mape_revenue": agreement.error(real.revenue, fitted.revenue),
            "mape_held_out": agreement.error(real.conversions[held], blind.conversions[held]),
            "mape_held_out_revenue": agreement.error(real.revenue[held], blind.revenue[held]),
            "mape_held_out_naive": agreement.error(real.conversions[held], usual[held]),
        }

    @cached_property
    def fit_by_channel(self) -> list[dict[str, Any]]:
        """`channel, figure, observed, fitted, ratio`: spend, impressions, clicks of own years."""
        return agreement.channel_rows(self.history.own, self.whole.answer.own)

    @cached_property
    def lifts(self) -> list[dict[str, Any]]:
        """`channel, start, end, lift, error` of each test, `fitted, fitted_error` in the market."""
        weeks, rows = self.history.weeks, []
        for mine, ours in zip(self.history.lifts, self.whole.answer.lifts, strict=True):
            last = weeks[mine.last - 1] + WEEK - WEEK / 7
            when = {"start": weeks[mine.first].isoformat(), "end": last.isoformat()}
            told = {"lift": mine.lift, "error": mine.error}
            fitted = {"fitted": ours.lift, "fitted_error": ours.error}
            rows.append({"channel": mine.channel, **when, **told, **fitted})
        return rows

    @cached_property
    def contributions(self) -> list[dict[str, Any]]:
        """`channel, spend, share, low, high, return, …` of the last year, and what weeks say."""
        return contribution_rows(self)

    @cached_property
    def readings(self) -> dict[str, tuple[float, float]]:
        """Share of the last year's orders by channel, and its error, by the weeks alone."""
        return readings(self.problem.base, self.history)

    @cached_property
    def controls(self) -> list[dict[str, Any]]:
        """`control, effect, low, high, learned, …`: what each does to needs, what it is like."""
        return control_rows(self)

    @cached_property
    def without_controls(self) -> dict[str, Any]:
        """`r2`, `mape` and `effects` (`channel, with, without`) of a fit that knows no controls."""
        return without_controls(self)

    @cached_property
    def unfit(self) -> tuple[str, ...]:
        """Names of the base's rules that are left out, since last year could not keep them."""
        return unfit_rules(self.base, self.fitted.last_year.by_channel, self.history.own)

    @cached_property
    def _noise(self) -> dict[str, float]:
        """Relative noise of weekly conversions: of one simulated market, shown, in the history.

        What is shown is the mean of several markets, without what is but noise in it.
        """
        real, customers = self.history.conversions, self.problem.customers
        orders = agreement.orders_a_week(self.whole.answer.conversions, self.base, customers)
        one = 1.0 / max(orders, 1e-9) ** 0.5
        return {
            "simulated_orders_a_week": orders,
            "simulated_noise": one,
            "shown_markets": self._shown_markets,
            "shown_noise": one / self._shown_markets**0.5 * self.whole.noise_left,
            "history_noise": agreement.wandering(real),
            "customers_needed": agreement.needed_customers(orders, customers, real),
        }

    @property
    def _shown_markets(self) -> int:
        return len(self.problem.seeds) * MORE

    @property
    def _level_agrees(self) -> bool:
        """Whether all orders are met within a quarter: a constant is, by what it is."""
        fitted, real = self.whole.answer.own, self.history.own
        ratio = fitted.conversions.sum() / real.conversions.sum()
        return bool(abs(ratio - 1.0) <= agreement.LEVEL)

    def to_dict(self) -> CalibrationDocument:
        """The JSON document, without where things were written."""
        return {
            "name": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "base": {"name": self.base.name, "hash": self.base.hash},
            "outcome": self.base.outcome,
            "history": {"file": self.history.source, "sha256": self.history.digest},
            "seed": self.seed,
            "fit": self.fit,
            "channels": self.fit_by_channel,
            "contributions": self.contributions,
            "lifts": self.lifts,
            "controls": self.controls,
            "without_controls": self.without_controls,
            "parameters": self.parameters,
            "health": self.health.to_dict(),
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
            f"{fit['mape']:.1%}, held out {fit['mape_held_out']:.1%}, health {self.health.level})"
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
