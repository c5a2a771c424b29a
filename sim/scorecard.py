"""KPIs from the books of a year, each with its standard error over communities (jackknife)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import KPIS
from sim import state as s
from sim.book import MarketYear
from sim.years import PEOPLE_STATE, TAIL

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
Sums = dict[str, Array]
MONEY = {"revenue", "margin"}


def ratio(above: Array, below: Array) -> Array:
    """Quotient, not a number where there is nothing to divide by."""
    empty = np.full(np.shape(above), np.nan)
    return np.asarray(np.divide(above, below, out=empty, where=below != 0))


SUMS = {
    **{name: name for name in KPIS},
    "spend": "spend",
    "reach": "reached",
    "awareness": "aware",
    "active_customers": "active",
    "email_sales": "message_revenue",
}
RATIOS = {
    "cac": ("spend", "new_customers"),
    "cost_per_signup": ("spend", "signups"),
    "conversion_rate": ("conversions", "visits"),
    "lead_conversion_rate": ("leads_won", "leads_held"),
    "click_rate": ("clicks", "impressions"),
    "engagement_rate": ("engaged_touches", "noticed"),
    "cross_channel_engagement": ("engaged_cross", "engaged"),
    "drive_to_core": ("driven", "engaged_tier_2"),
    "brand_consistency": ("agreed", "compared"),
    "repurchase_rate": ("repeaters", "buyers"),
    "email_click_rate": ("message_clicks", "messages"),
}


def kpi_values(sums: Sums) -> Sums:
    """Every KPI that these sums allow; definitions as in `scenarios.kpis`."""
    x = dict(sums)
    out = {kpi: x[name] for kpi, name in SUMS.items() if name in x}
    if "margin" in x and "spend" in x:
        out["profit"] = x["margin"] - x["spend"]
        out["roi"] = ratio(out["profit"], x["spend"])
    if "elsewhere" in x:
        out["market_share"] = ratio(x["conversions"], x["conversions"] + x["elsewhere"])
    for kpi, (above, below) in RATIOS.items():
        if above in x and below in x:
            out[kpi] = ratio(x[above], x[below])
    return out


def measured_kpis(kind: str) -> frozenset[str]:
    """Names of the KPIs that a scope of this kind (`all`, `tier`, `persona`, ...) has."""
    channel = {*s.CHANNEL_COUNTS, "engaged_touches", "engaged_tier_2", "spend"} - {"engaged"}
    channel |= {"message_clicks", "message_revenue"}
    person = {*s.PERSON_COUNTS, "conversions"} - {"orders"}
    parts = {
        "all": channel | person | set(PEOPLE_STATE),
        "month": channel | person,
        "quarter": channel | person,
        "persona": person | set(PEOPLE_STATE),
        "tier": channel,
        "channel": channel,
    }[kind]
    return frozenset(kpi_values({name: np.ones(1) for name in parts}))


@dataclass(frozen=True)
class Scorecard:
    """KPIs of a market year, overall and by tier, channel, persona and month."""

    year: MarketYear

    @cached_property
    def overall(self) -> pd.DataFrame:
        """KPI, value, se over the whole year."""
        return self.table(["all"])

    def table(self, scopes: list[str]) -> pd.DataFrame:
        """Tidy `scope, kpi, value, se` for scopes such as `all`, `tier:2`, `month:2026-03`."""
        import pandas as pd

        rows = []
        for scope in scopes:
            for kpi, (value, se) in self.estimates(scope).items():
                rows.append((scope, kpi, value, se))
        return pd.DataFrame(rows, columns=["scope", "kpi", "value", "se"])

    def estimates(self, scope: str = "all") -> dict[str, tuple[float, float]]:
        """KPI → (value, standard error): all communities, and each left out in turn.

        What is left is scaled up by people: that communities differ in size is known, not luck.
        """
        sums = self.sums(scope)
        total = {name: x.sum() for name, x in sums.items()}
        values = kpi_values({name: np.asarray(x) for name, x in total.items()})
        people = self.year.standing[:, 0].sum(axis=1)
        scale = people.sum() / np.maximum(people.sum() - people, 1)
        left = kpi_values({name: scale * (total[name] - x) for name, x in sums.items()})
        return {
            kpi: (float(values[kpi]), _jackknife(np.asarray(left[kpi], dtype=float)))
            for kpi in values
        }

    def value(self, kpi: str, scope: str = "all") -> float:
        """One KPI."""
        return self.estimates(scope)[kpi][0]

    def monthly(self, kpi: str) -> Array:
        """A KPI by month [12]."""
        return np.array([self.value(kpi, f"month:{month}") for month in self.year.months])

    def scopes(self) -> list[str]:
        """All scopes there are figures for."""
        scenario = self.year.scenario
        return [
            "all",
            *(f"tier:{t}" for t in sorted({c.tier for c in scenario.channels})),
            *(f"channel:{c.name}" for c in scenario.channels),
            *(f"persona:{p.name}" for p in scenario.personas),
            *(f"quarter:Q{q}" for q in range(1, 5)),
            *(f"month:{m}" for m in self.year.months),
        ]

    def sums(self, scope: str) -> Sums:
        """Additive quantities of each community [G], weighted to the market."""
        kind, _, name = scope.partition(":")
        year, scenario = self.year, self.year.scenario
        months = slice(0, TAIL)
        channels = np.ones(len(scenario.channels), dtype=bool)
        if kind == "month":
            number = year.months.index(name)
            months = slice(number, number + 1)
        elif kind == "quarter":
            months = slice(3 * int(name[1]) - 3, 3 * int(name[1]))
        elif kind == "tier":
            channels = np.array([c.tier == int(name) for c in scenario.channels])
        elif kind == "channel":
            channels = np.array([c.name == name for c in scenario.channels])
        if kind == "persona":
            number = [p.name for p in scenario.personas].index(name)
            one = slice(number, number + 1)
            return self.person_sums(months, one) | self._standing_sums(one)
        out = self._channel_sums(months, channels)
        if kind in ("all", "month", "quarter"):
            out |= self.person_sums(months, slice(None))
        if kind == "all":
            out |= self._standing_sums(slice(None))
        return out

    def _channel_sums(self, months: slice, channels: Array) -> Sums:
        year = self.year
        counts = year.channel[:, months].sum(axis=1)[..., channels] * year.weight
        out = {name: counts[:, k].sum(axis=1) for k, name in enumerate(s.CHANNEL_COUNTS)}
        for name in MONEY:
            out[name] = out[name] / 100.0
        out["engaged_touches"] = out.pop("engaged")
        tier_2 = np.array([c.tier == 2 for c in year.scenario.channels])[channels]
        out["engaged_tier_2"] = counts[:, s.ENGAGED][:, tier_2].sum(axis=1)
        mail = np.array([c.delivery == "triggered" for c in year.scenario.channels])[channels]
        out["message_clicks"] = counts[:, s.CLICKED][:, mail].sum(axis=1)
        out["message_revenue"] = counts[:, s.REVENUE][:, mail].sum(axis=1) / 100.0
        out["spend"] = self.year.spend[:, months][..., channels].sum(axis=(1, 2))
        return out

    def person_sums(self, months: slice, personas: slice) -> Sums:
        counts = self.year.people[:, months][..., personas].sum(axis=(1, 3)) * self.year.weight
        out = {name: counts[:, k] for k, name in enumerate(s.PERSON_COUNTS)}
        for name in MONEY:
            out[name] = out[name] / 100.0
        out["conversions"] = out.pop("orders")
        return out

    def _standing_sums(self, personas: slice) -> Sums:
        counts = self.year.standing[..., personas].sum(axis=2) * self.year.weight
        return {name: counts[:, k] for k, name in enumerate(PEOPLE_STATE)}

    def to_dict(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """scope → KPI → value and se, ready for JSON."""
        return {
            scope: {
                kpi: {"value": _number(value), "se": _number(se)}
                for kpi, (value, se) in self.estimates(scope).items()
            }
            for scope in self.scopes()
        }

    def __repr__(self) -> str:
        lines = [f"{k:26} {v:16,.4g} ± {e:,.2g}" for k, (v, e) in self.estimates().items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        frame = self.overall.drop(columns="scope").set_index("kpi")
        return str(frame.to_html(float_format=lambda x: f"{x:,.4g}"))


def _jackknife(left: Array) -> float:
    """Standard error from estimates with one community left out each (Efron and Stein 1981)."""
    groups = len(left)
    if groups < 2 or not np.isfinite(left).all():
        return float("nan")
    return float(np.sqrt((groups - 1) / groups * ((left - left.mean()) ** 2).sum()))


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
