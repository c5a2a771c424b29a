"""Lifetime value: the discounted margin that a new customer is expected to bring.

After the first order the relation lives on with 1 - p; orders then come at rate lambda * q, each
ends the relation with p, and whoever moves away is lost too. lambda ~ Gamma and p ~ Beta by
persona, as in BG/NBD (Fader, Hardie and Lee 2005), where however the first order ends nothing. Not
in it: seasons, the delay between need and order, people won back, what satisfaction does to p.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import betaincinv, gammaincinv

from scenarios import Persona, Scenario
from sim.engine.counts import person_counts
from sim.kpis.measures import ratio
from sim.output.market_year import MarketYear
from sim.output.year import TAIL
from tiermix.core.arrays import Floats

NODES = 40
SHARES = np.linspace(0.0, 1.0, 513) ** 2
"""Shares of repeat needs met at which a curve is worked out: dense where it bends."""
YEARLY = {
    "margin": person_counts.MARGIN,
    "orders": person_counts.ORDERS,
    "repeats": person_counts.REPEATS,
}
YEARLY |= {"repeat_needs": person_counts.REPEAT_NEEDS}


@dataclass(frozen=True)
class Relation:
    """Terms of the relation after the first order; rates a year, `horizon` in years.

    `needs` and `shape` of the Gamma law of repeat needs, `dropout` and `concentration` of the Beta
    law of leaving after an order, `programme` log odds that membership takes from it, `discount`
    and `turnover` as rates of continuous decay.
    """

    needs: float
    shape: float
    dropout: float
    concentration: float
    horizon: float
    discount: float = 0.0
    turnover: float = 0.0
    programme: float = 0.0

    @classmethod
    def of(cls, scenario: Scenario, persona: Persona) -> Relation:
        """A persona's; buyers are registered with their first order, so all are members."""
        return cls(
            needs=persona.repeat_needs_per_year,
            shape=persona.repeat_shape,
            dropout=persona.dropout,
            concentration=persona.dropout_concentration,
            horizon=scenario.horizon_years,
            discount=float(np.log1p(scenario.discount_rate)),
            turnover=scenario.behaviour.turnover,
            programme=scenario.loyalty.programme,
        )

    def repeats(self, met: Floats) -> Floats:
        """Expected discounted repeat orders within the horizon, where `met` of needs are met.

        Worked out once at the points of `SHARES`, linear between them (error below 1e-4).
        """
        return np.asarray(np.interp(np.clip(met, 0.0, 1.0), SHARES, _curve(self)))


@cache
def _curve(relation: Relation) -> Floats:
    """Mean over both laws at each of `SHARES`, by Gauss-Legendre over their quantiles."""
    u, weight = _quantiles()
    needs = gammaincinv(relation.shape, u) * relation.needs / relation.shape
    a = relation.dropout * relation.concentration
    p = betaincinv(a, relation.concentration - a, u) if a > 0 else np.zeros(NODES)
    kept = np.exp(-relation.programme)
    p = p * kept / (1.0 - p + p * kept)
    each = discounted_repeats(relation, SHARES[:, None, None] * needs[:, None], p)
    return np.asarray(np.einsum("qij,i,j->q", each, weight, weight))


def discounted_repeats(relation: Relation, rate: Floats, p: Floats) -> Floats:
    """Integral of rate * (1 - p) * exp(-(rate * p + discount + turnover) t) over the horizon.

    `rate`: orders a year while the relation lives; `p`: chance that an order ends it.
    """
    decay = (rate * p + relation.discount + relation.turnover) * relation.horizon
    lasts = np.where(decay > 1e-9, -np.expm1(-decay) / np.maximum(decay, 1e-9), 1.0)
    return np.asarray(rate * (1.0 - p) * relation.horizon * lasts)


def _quantiles() -> tuple[Floats, Floats]:
    """Nodes and weights on (0, 1), crowded at both ends, where quantiles run away."""
    v, weight = np.polynomial.legendre.leggauss(NODES)
    v = (v + 1.0) / 2.0
    return v * v * (3.0 - 2.0 * v), weight * 3.0 * v * (1.0 - v)


def ltv_sums(year: MarketYear, months: slice, personas: slice) -> dict[str, Floats]:
    """What lifetime value is made of, by community [G]: the year's orders, new ones of `months`."""
    out = {}
    for p in range(len(year.scenario.personas))[personas]:
        counts = year.people[..., p] * year.weight
        for name, place in YEARLY.items():
            out[f"{name}@{p}"] = counts[:, :TAIL, place].sum(axis=1)
        out[f"new@{p}"] = counts[:, months, person_counts.NEW_CUSTOMERS].sum(axis=1)
    return out


def ltv(scenario: Scenario, sums: dict[str, Floats]) -> Floats:
    """Mean over new customers of margin per order * (1 + expected discounted repeats)."""
    worth, people = np.zeros(()), np.zeros(())
    for p, persona in enumerate(scenario.personas):
        if f"new@{p}" in sums:
            x = {name: sums[f"{name}@{p}"] for name in (*YEARLY, "new")}
            each = ratio(x["margin"] / 100.0, x["orders"])
            worth = worth + np.where(
                x["new"] > 0, x["new"] * each * _orders(scenario, persona, x), 0
            )
            people = people + x["new"]
    return ratio(worth, people)


def _orders(scenario: Scenario, persona: Persona, x: dict[str, Floats]) -> Floats:
    """Expected discounted orders of a new customer, the first one among them."""
    if persona.repeat_needs_per_year == 0:
        return np.ones(np.shape(x["new"]))
    return 1.0 + Relation.of(scenario, persona).repeats(ratio(x["repeats"], x["repeat_needs"]))
