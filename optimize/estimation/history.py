"""Curves from what a company sees: last year's weekly aggregates by region.

    E y_rw = R_r · W_w · (1 + Σ_c b_c · (g_c(x_crw) − mean))        R, W: region and week
    g(x)   = (1 + κ_c) z / (κ_c + z),  z = stock of x over its mean,  then weekly carry-over λ_c

Week effects take the season away, so what is left to learn from is how spend varied *between
regions*. Priors are those of `prior`, draws those of `sampler`. Where the weeks say little, what
comes out is the prior: each curve says so in `evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.estimation.experiments import idle_curves
from optimize.estimation.panel import Panel
from optimize.estimation.prior import HALVES, LIVES, Lift, Prior, prior_of
from optimize.estimation.relative import Relative
from optimize.estimation.response import response
from optimize.estimation.sampler import sample
from optimize.model.calendar import Calendar, row_of
from optimize.model.protocols import Planning
from optimize.model.response_model import anchored
from scenarios import KPIS
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("conversions", "revenue", "visits")
MONEY = ("margin", "email_sales")  # move with revenue; all other KPIs with conversions
# Profit follows from margin and spend; what adds up has a curve of its own.
DERIVED = {kpi.name for kpi in KPIS.values() if kpi.rule == "sum"} - {"profit"}
# Parts of a prior's variance that the weeks took away: what counts as learned, and as not.
LEARNED, PARTLY = 0.5, 0.1


@dataclass(frozen=True)
class Posterior:
    """Draws of shares b, bends κ and weekly carry-over λ, all [D, C]; what the weeks said.

    `mean` [C] are expected shares, `learned` [C] is the part of each prior's variance that the
    weeks took away. `noise` is the dispersion φ of the outcome, whose variance is φ times its
    expectation: what one event of chance is worth, in units of the outcome.
    """

    share: Floats
    mean: Floats
    kappa: Floats
    carry: Floats
    learned: Floats
    noise: float


def fit_aggregates(
    frame: pd.DataFrame,
    scenario: Planning,
    *,
    last_year: Mapping[str, float] | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
    lift: Mapping[str, Lift] | None = None,
    draws: int = 100,
    seed: int = 0,
    since: pd.DataFrame | None = None,
    people: float = 1.0,
) -> ResponseCurves:
    """Curves with draws from `week, region, channel, spend, conversions, revenue[, visits]`.

    Money is in the scenario's currency, and has to be what the scenario's last year says, within a
    factor of three. `last_year` gives levels of further KPIs: a channel is taken to move margin as
    it moves revenue, and everything else as it moves conversions.

    `lift` is what tests found: per channel the share of the outcome that its whole money brings, as
    a hold-out measures it, its standard error and, where the test was too short to see all of it,
    its weeks, and then its money there as a multiple of the usual. `priors` is the same for a
    *marginal* elasticity, percent of outcome for a percent of money: (mean, standard deviation).

    `since` are weeks after last year's, under another plan: they say more about the channels, and
    leave levels where last year was. `people` stand behind each customer of a simulated sample, 1
    in a company's own table: the weeks of a sample vary more by the root of it, which `source`
    says. Raises `AllocationError` for tables that cannot be read this way.
    """
    kpis = tuple(kpi for kpi in MEASURED if kpi in frame)
    panel = Panel.of(frame, scenario, kpis)
    seen = panel if since is None else panel.longer(frame, since, scenario)
    rng = np.random.default_rng(seed)
    prior = prior_of(scenario, priors or {}, lift or {})
    stock = seen.stocks(scenario, len(panel.weeks))
    found = {kpi: posterior(seen, kpi, stock, prior, draws, rng) for kpi in kpis}
    noise = {kpi: one.noise for kpi, one in found.items()}
    months = tuple(scenario.months)
    level = {kpi: panel.by_month(kpi, months) for kpi in kpis}
    season = panel.seasons(level, months)
    for kpi, total in (last_year or {}).items():
        base = "revenue" if kpi in MONEY else "conversions"
        if kpi not in level and kpi in DERIVED and np.isfinite(total):
            level[kpi], found[kpi] = level[base] * total / level[base].sum(), found[base]
            season[kpi] = season[base]
    usual = usual_money(scenario, panel)
    known = {name for given in (priors, lift) for name in given or ()}
    placed = {kpi: season[kpi] * x.mean() for kpi, x in level.items()}
    curves = [c for kpi in level for c in _curves(scenario, kpi, found[kpi], placed[kpi], usual)]
    curves = [_with_evidence(curve, known) for curve in curves] + idle_curves(scenario, level)
    levels = {kpi: float(values.sum()) for kpi, values in level.items()} | dict(last_year or {})
    bare = ResponseCurves(tuple(curves), months, last_year=levels, source=_source(people))
    return anchored(replace(bare, noise=noise), scenario, level)


def _source(people: float) -> str:
    if people <= 1:
        return "last year's aggregates"
    return (
        f"last year's aggregates of a sample, one customer for {people:,.0f} people: their weeks "
        f"vary {people**0.5:.0f} times as much as the company's own would"
    )


def posterior(
    panel: Panel, kpi: str, stock: Floats, prior: Prior, draws: int, rng: np.random.Generator
) -> Posterior:
    """Draws for one KPI; `stock` [R, W, C] is each channel's, relative to its usual one."""
    table = Relative.of(panel.outcomes[kpi])
    there = (panel.spend.sum(axis=1) > 0).astype(float)
    served = _served(panel.outcomes[kpi].sum(axis=1), there)
    designs = np.array(
        [
            table.design(response(stock[..., c], *atoms, there=there[:, c]) / served[c])
            for c, atoms in enumerate(zip(prior.kappa, prior.carry, strict=True))
        ]
    )
    few = designs[:, _few()]
    sampled = sample(
        table.seen, designs, prior, draws, rng,
        freedom=table.freedom, widened=table.widened(few.reshape(-1, few.shape[-1])),
    )  # fmt: skip
    at = np.arange(len(prior.kappa))
    learned = _learned(few[:, 1] / sampled.noise**0.5, prior)
    kappa, carry = prior.kappa[at, sampled.atom], prior.carry[at, sampled.atom]
    return Posterior(sampled.share, sampled.mean, kappa, carry, learned, sampled.noise)


def _few() -> list[int]:
    """Atoms of the middle bend whose carry-over is none, usual and long."""
    middle = HALVES // 2 * LIVES
    return [middle, middle + LIVES // 2, middle + LIVES - 1]


def _learned(designs: Floats, prior: Prior) -> Floats:
    """The part of each prior's variance that the weeks take away [C], all channels at once."""
    before = prior.variance
    after = np.linalg.inv(designs @ designs.T + np.diag(1 / before)).diagonal()
    learned: Floats = 1 - after / before
    return learned


def _served(outcome: Floats, there: Floats) -> Floats:
    """The part of an outcome [R] that comes from regions in which a channel is there [R, C], [C].

    A channel's share is one of the whole outcome: where it is absent elsewhere, it has to be larger
    where it is there.
    """
    part: Floats = outcome @ there / max(float(outcome.sum()), 1e-300)
    return np.where(part > 0, part, 1.0)


def usual_money(scenario: Planning, panel: Panel) -> Floats:
    """Effective monthly spend at which each channel stood [C], in the table's money.

    The scenario says how a month's money becomes stock, the table how much money it was. Channels
    without money in the table stand where the scenario has them.
    """
    calendar = Calendar(scenario, any(c.retention for c in scenario.channels))
    inside = slice(calendar.history, calendar.history + len(calendar.months))
    retention = {channel.name: channel.retention for channel in scenario.channels}
    usual = []
    for name in scenario.plannable:
        kernel = calendar.effective((name, retention[name], "day"))
        reference = row_of(scenario.reference_plan, name, calendar.months)
        usual.append(float((kernel.fixed + kernel.weights @ reference)[inside].mean()))
    return np.array(usual) * panel.money_ratio(scenario)


def _curves(
    scenario: Planning, kpi: str, sampled: Posterior, level: Floats, usual: Floats
) -> list[Curve]:
    """Hill curves by month: the share b of the month's level, saturating at κ times usual spend."""
    retention = {channel.name: channel.retention for channel in scenario.channels}
    curves = []
    for c, name in enumerate(scenario.plannable):
        if usual[c] <= 0:
            continue  # not in the plan that curves are tied to: `idle_curves`
        share, kappa = sampled.share[:, c], sampled.kappa[:, c]
        money = float(usual[c])
        draws = np.column_stack([share * (1 + kappa), kappa * money, np.ones(len(share))])
        half = float(np.median(kappa))
        point = np.array([sampled.mean[c] * (1 + half), half * money, 1.0])
        # λ is from week to week; the curve's lag is from day to day, as its stock is.
        lag = float(np.median(sampled.carry[:, c])) ** (1 / 7)
        for month, amount in zip(scenario.months, level.tolist(), strict=True):
            ceiling, bend, shape = (point * [amount, 1.0, 1.0]).tolist()
            curves.append(
                Curve(
                    name, kpi, "hill", ceiling, bend, shape, retention[name], lag,
                    month=month, carry_per="day", evidence=_evidence(sampled.learned[c]),
                    draws=draws * [amount, 1.0, 1.0],
                )
            )  # fmt: skip
    return curves


def _evidence(learned: float) -> str:
    if learned >= LEARNED:
        return "data"
    return "partly" if learned >= PARTLY else "prior only"


def _with_evidence(curve: Curve, known: set[str]) -> Curve:
    """A prior that was measured is no guess."""
    if curve.channel in known and curve.evidence == "prior only":
        return replace(curve, evidence="test")
    return curve
