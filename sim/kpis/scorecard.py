"""KPIs from the books of a year, each with its standard error over communities (jackknife)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from scenarios import KPIS
from sim.engine.counts import channel_counts, person_counts
from sim.kpis.insight import insight, insight_sums
from sim.kpis.jackknife import standard_errors, with_each_left_out
from sim.kpis.lifetime_value import ltv, ltv_sums
from sim.kpis.measures import ESTIMATED, Sums, kpi_values, measured_kpis, part_of
from sim.output.market_year import MarketYear
from sim.output.overheads import overhead_by_month
from sim.output.year import PEOPLE_STATE, TAIL
from tiermix.core.arrays import Bools, Floats
from tiermix.core.figures import number
from tiermix.core.notebook import html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

MONEY = {"revenue", "margin"}


SHOWN = (*KPIS, "spend")


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
        for _, alike in groupby(scopes, lambda scope: scope.partition(":")[0]):
            mine = list(alike)
            for scope, found in zip(mine, self._estimates(mine), strict=True):
                rows += [(scope, kpi, value, se) for kpi, (value, se) in found.items()]
        return pd.DataFrame(rows, columns=["scope", "kpi", "value", "se"])

    def estimates(self, scope: str = "all") -> dict[str, tuple[float, float]]:
        """KPI → (value, standard error): all communities, and each left out in turn."""
        if scope not in self._known:
            self._known[scope] = self._estimates([scope])[0]
        return dict(self._known[scope])

    @cached_property
    def _known(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Estimates by scope, as far as they were asked for."""
        return {}

    def _estimates(self, scopes: list[str]) -> list[dict[str, tuple[float, float]]]:
        """The estimates of scopes of one kind, whose sums are of the same things."""
        each = [self.sums(scope) for scope in scopes]
        together = {name: np.stack([sums[name] for sums in each]) for name in each[0]}
        common = _told(kpi_values(self._left_out(together)))
        found = []
        for place, scope in enumerate(scopes):
            known = measured_kpis(self.year.scenario, scope)
            told = {kpi: (float(x[place]), float(se[place])) for kpi, (x, se) in common.items()}
            told |= {kpi: (float(x), float(se)) for kpi, (x, se) in self._more(scope).items()}
            found.append({kpi: told[kpi] for kpi in SHOWN if kpi in known})
        return found

    def _more(self, scope: str) -> dict[str, tuple[Floats, Floats]]:
        """Lifetime value and insight, which do not follow from sums of the scope alone."""
        scenario, terms, out = self.year.scenario, self._left_out(self._terms(scope)), Sums()
        if any(name.startswith("new@") for name in terms):
            out["ltv"] = ltv(scenario, terms)
        if any(name.startswith("insight ") for name in terms):
            out["insight"] = insight(scenario, terms, self.year.weight)
        return _told(out)

    def _left_out(self, sums: Sums) -> Sums:
        """Sums over communities [..., G]: of all of them, and with each left out [..., 1 + G]."""
        people = self.year.end_states[:, 0].sum(axis=1)
        return {name: with_each_left_out(x, people) for name, x in sums.items()}

    def value(self, kpi: str, scope: str = "all") -> float:
        """One KPI."""
        return self.estimates(scope)[kpi][0]

    def monthly(self, kpi: str) -> Floats:
        """A KPI by month [12]."""
        return np.array([self.value(kpi, f"month:{month}") for month in self.year.months])

    def scopes(self) -> list[str]:
        """All scopes there are figures for."""
        return self.year.scenario.scopes(self.year.months)

    def sums(self, scope: str) -> Sums:
        """Additive quantities of each community [G], weighted to the market."""
        kind = scope.partition(":")[0]
        months, channels, personas = self._extent(scope)
        if kind == "persona":
            return self.person_sums(months, personas) | self._standing_sums(personas)
        out = self._channel_sums(months, channels)
        if kind in ("tier", "channel"):
            return out | {"reached": self._reached(scope)}
        out |= self.person_sums(months, personas) | {"overheads": self._overheads(months)}
        return out if kind != "all" else out | self._standing_sums(personas)

    def _extent(self, scope: str) -> tuple[slice, Bools, slice]:
        """Months, channels (as flags) and personas that a scope speaks of."""
        kind, _, name = scope.partition(":")
        year, scenario = self.year, self.year.scenario
        months, personas = slice(0, TAIL), slice(None)
        mine = part_of(scenario, scope)
        if kind == "month":
            number = year.months.index(name)
            months = slice(number, number + 1)
        elif kind == "quarter":
            months = slice(3 * int(name[1]) - 3, 3 * int(name[1]))
        elif kind == "persona":
            number = scenario.personas.index(mine.personas[0])
            personas = slice(number, number + 1)
        return months, np.array([c in mine.channels for c in scenario.channels]), personas

    def _terms(self, scope: str) -> Sums:
        """What the KPIs need that do not follow from sums of what happened in the scope alone."""
        kind = scope.partition(":")[0]
        months, channels, personas = self._extent(scope)
        out = ltv_sums(self.year, months, personas) if kind in ESTIMATED["ltv"] else {}
        return out | (insight_sums(self.year, channels) if kind in ESTIMATED["insight"] else {})

    def _reached(self, scope: str) -> Floats:
        """People whom a tier or a channel reached, by community [G]."""
        kind, _, name = scope.partition(":")
        names = [c.name for c in self.year.scenario.channels]
        place = int(name) - 1 if kind == "tier" else 3 + names.index(name)
        return np.asarray(self.year.reached[:, place] * self.year.weight)

    def _overheads(self, months: slice) -> Floats:
        """The market's overheads, shared out by people [G], so that no luck is seen in them."""
        year = self.year
        share = year.end_states[:, 0].sum(axis=1) * year.weight / year.scenario.market_size
        return np.asarray(share * overhead_by_month(year)[months].sum())

    def _channel_sums(self, months: slice, channels: Bools) -> Sums:
        year = self.year
        counts = year.channel[:, months].sum(axis=1)[..., channels] * year.weight
        out = {name: counts[:, k].sum(axis=1) for k, name in enumerate(channel_counts.NAMES)}
        for name in MONEY:
            out[name] = out[name] / 100.0
        out["engaged_touches"] = out.pop("engaged")
        tier_2 = np.array([c.tier == 2 for c in year.scenario.channels])[channels]
        out["engaged_tier_2"] = counts[:, channel_counts.ENGAGED][:, tier_2].sum(axis=1)
        mail = np.array([c.kind.sends_messages for c in year.scenario.channels])[channels]
        out["message_clicks"] = counts[:, channel_counts.CLICKS][:, mail].sum(axis=1)
        out["message_revenue"] = counts[:, channel_counts.REVENUE][:, mail].sum(axis=1) / 100.0
        out["spend"] = self.year.spend[:, months][..., channels].sum(axis=(1, 2))
        return out

    def person_sums(self, months: slice, personas: slice) -> Sums:
        counts = self.year.people[:, months][..., personas].sum(axis=(1, 3)) * self.year.weight
        out = {name: counts[:, k] for k, name in enumerate(person_counts.NAMES)}
        for name in MONEY:
            out[name] = out[name] / 100.0
        out["conversions"] = out.pop("orders")
        out["satisfaction_points"] = out.pop("satisfaction") / 100.0
        return out

    def _standing_sums(self, personas: slice) -> Sums:
        counts = self.year.end_states[..., personas].sum(axis=2) * self.year.weight
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
        return text_table(*kpi_rows(self))

    def _repr_html_(self) -> str:
        return html_table(*kpi_rows(self), rest=".overall")


def _told(values: Sums) -> dict[str, tuple[Floats, Floats]]:
    """Each KPI [..., 1 + G] as its value and its standard error [...]."""
    floats = {kpi: np.asarray(x, dtype=float) for kpi, x in values.items()}
    return {kpi: (x[..., 0], standard_errors(x[..., 1:])) for kpi, x in floats.items()}


def kpi_rows(
    card: Scorecard, kpis: Sequence[str] | None = None
) -> tuple[tuple[str, ...], list[tuple[str, float, str, str]]]:
    """Head and rows of a table to be looked at: KPI, value, error and unit; all KPIs if None."""
    found = card.estimates()
    rows = [
        (kpi, found[kpi][0], f"± {number(found[kpi][1], 2)}", KPIS[kpi].unit if kpi in KPIS else "")
        for kpi in (found if kpis is None else kpis)
    ]
    return ("KPI", "value", "standard error", "unit"), rows


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
