"""Plans that are good over the curves' draws and not only on average: CVaR as a linear program.

    maximise (1 − λ) · mean_d O_d + λ · CVaR_α(O)
    CVaR_α = max_t  t − Σ_d (t − O_d)⁺ / ((1 − α) D)

(Rockafellar and Uryasev 2000). Every draw's outcome is concave in the plan: chords bound it from
below as everywhere; from above it is bounded by its gradients at the plans seen so far.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimize.errors import AllocationError
from optimize.model.block import NONE
from optimize.model.program import Program
from optimize.model.response_model import ResponseModel
from tiermix.core.arrays import Floats

Parts = tuple[tuple[str, tuple[float, ...]], ...]
"""A weighted sum of KPIs: (KPI, weight per month and after the year) for each."""


OFF_ZERO = 1e-4


@dataclass(frozen=True)
class Robust:
    """How much the bad draws count: `weight` λ in [0, 1], the worst 1 − `tail` of `draws` draws."""

    weight: float = 0.5
    tail: float = 0.8
    draws: int = 40

    def __post_init__(self) -> None:
        if not (0 <= self.weight <= 1 and 0 <= self.tail < 1 and self.draws >= 2):
            raise AllocationError(
                f"robust with weight {self.weight}, tail {self.tail}, {self.draws} draws: weight "
                "and tail are shares (tail below 1), and two draws are the least."
            )


@dataclass
class Bundle:
    """The draws of an outlook's curves, and what has been learned of them at plans seen."""

    response_model: ResponseModel
    draws: int
    seen: list[Floats] = field(default_factory=list)
    _cuts: dict[tuple[Parts, int], tuple[Floats, Floats]] = field(default_factory=dict)

    def see(self, spend: Floats) -> None:
        """Remember a plan [C, M], to bound outcomes by their gradients there.

        Moved off zero a little, where curves with s < 1 are endlessly steep.
        """
        self.seen.append(np.maximum(spend, OFF_ZERO * max(float(spend.mean()), 1e-9)))

    def outcomes(self, parts: Parts, spend: Floats) -> Floats:
        """The weighted sum under a plan [C, M], by draw [D]."""
        total = np.zeros(self.draws)
        for kpi, weights in parts:
            total += self.response_model.kpi_draws(kpi, spend, self.draws) @ np.array(weights)
        return total

    def cut(self, parts: Parts, number: int) -> tuple[Floats, Floats]:
        """Value [D] and gradient [D, C, M] of the weighted sum at the `number`-th plan seen."""
        key = (parts, number)
        if key not in self._cuts:
            spend = self.seen[number]
            slopes = np.zeros((self.draws, *spend.shape))
            for d in range(self.draws):
                for kpi, weights in parts:
                    effects, _ = self.response_model.drawn(kpi, d)
                    slopes[d] += self.response_model.slope(effects, spend, np.array(weights))
            self._cuts[key] = (self.outcomes(parts, spend), slopes)
        return self._cuts[key]


def check_concave(response_model: ResponseModel, kpis: tuple[str, ...]) -> None:
    """Raise `AllocationError` unless every draw is there and concave."""
    effects = [effect for kpi in kpis for effect in response_model.effects.get(kpi, [])]
    if not effects or any(effect.draws is None for effect in effects):
        raise AllocationError(
            "robust planning needs curves with draws (from fit_curves or fit_aggregates); curves "
            "from a table have none. Plan without robust, or fit the curves."
        )
    for effect in effects:
        if effect.draws is not None and (effect.draws[..., 2] > 1).any():
            raise AllocationError(
                f"a draw of {effect.stock_key[0]}'s curve for {effect.kpi} is S-shaped; robust "
                "planning carries concave curves only. Fit it concave, or plan without robust."
            )


@dataclass(frozen=True)
class Drawn:
    """Variables of a program for a weighted sum under each draw, in units of `scale`."""

    variables: list[Any]
    scale: float

    def mean(self) -> Any:
        """The mean over the draws."""
        return self.scale / len(self.variables) * sum(self.variables)

    def cvar(self, program: Program, tail: float) -> Any:
        """The mean of the worst 1 − tail of the draws, as an expression to be made large."""
        model = program.model
        level, short = model.level.add(), [model.short.add() for _ in self.variables]
        for variable, below in zip(self.variables, short, strict=True):
            model.outcomes.add(below >= level - variable)
        return self.scale * (level - sum(short) / ((1 - tail) * len(short)))


def drawn(program: Program, bundle: Bundle, parts: Parts) -> Drawn:
    """Variables for the weighted sum under each draw, bounded on the program's side."""
    scale = max(float(np.abs(bundle.outcomes(parts, bundle.seen[0])).max()), 1e-9)
    if program.model.find_component("outcome") is None:
        _add_block(program)
    variables = [program.model.outcome.add() for _ in range(bundle.draws)]
    if program.side == "low":
        for d, variable in enumerate(variables):
            _add_chords(program, bundle, parts, d, scale, variable)
    else:
        for number in range(len(bundle.seen)):
            _add_cuts(program, bundle, parts, number, scale, variables)
    return Drawn(variables, scale)


def worst(outcomes: Floats, tail: float) -> float:
    """CVaR of outcomes [D]: the mean of the worst 1 − tail of them, the last one in part."""
    share = (1 - tail) * len(outcomes)
    ordered = np.sort(outcomes)
    weights = np.clip(share - np.arange(len(ordered)), 0.0, 1.0)
    return float(weights @ ordered / share)


def _add_block(program: Program) -> None:
    model = program.model
    model.outcome, model.level = pyo.VarList(), pyo.VarList()
    model.short = pyo.VarList(domain=pyo.NonNegativeReals)
    model.outcomes = pyo.ConstraintList()


def _add_chords(
    program: Program, bundle: Bundle, parts: Parts, d: int, scale: float, variable: Any
) -> None:
    """One draw's outcome with chords between the program's bends: never more than the truth."""
    coefficients, columns = [np.zeros(0)], [NONE]
    constant = 0.0
    for kpi, months in parts:
        weights = np.array(months)
        effects, level = bundle.response_model.drawn(kpi, d)
        constant += float(weights @ level)
        for effect in effects:
            share = weights @ effect.spread
            still = (
                effect.cells.value(bundle.response_model.stock_keys[effect.stock_key].fixed)
                - effect.floor
            )
            cells = [
                (place, i)
                for (stock_key, place), i in program.responses.cells.items()
                if stock_key == effect.stock_key
            ]
            for place, i in cells:
                bends = program.responses.bends[effect.stock_key, place]
                at = np.full(len(bends), place)
                values = effect.cells.take(at).value(bends) - effect.floor[place]
                still[place] = values[0]
                slopes = np.diff(values) / np.diff(bends) * share[place] / scale
                coefficients.append(-slopes * program.responses.sizes[i][: len(slopes)])
                columns.append(program.responses.parts[i][: len(slopes)])
            constant += float(share @ still)
    program.block.add_row(
        np.concatenate(columns),
        np.concatenate(coefficients),
        [(1.0, variable)],
        upper=constant / scale,
    )


def _add_cuts(
    program: Program,
    bundle: Bundle,
    parts: Parts,
    number: int,
    scale: float,
    variables: list[Any],
) -> None:
    """outcome_d ≤ O_d(x_k) + ∇O_d(x_k) · (x − x_k)."""
    spend = bundle.seen[number]
    values, slopes = bundle.cut(parts, number)
    spends = list(program.model.spend.values())
    for d, variable in enumerate(variables):
        constant = float(values[d] - (slopes[d] * spend).sum())
        program.model.outcomes.add(
            variable
            <= LinearExpression(
                constant=constant / scale,
                linear_coefs=(slopes[d].ravel() * program.money / scale).tolist(),
                linear_vars=spends,
            )
        )
