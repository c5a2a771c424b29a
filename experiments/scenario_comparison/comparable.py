"""What two variants can be held against each other in, and what not: said, not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.comparison.result import Comparison
from experiments.scenario_comparison.variants import Variant
from experiments.wording import kpi_name
from scenarios import KPIS


def kpis_apart(compared: Mapping[int, Comparison], base: int) -> dict[int, set[str]]:
    """By variant, the KPIs of which no difference to the variant `base` can be told."""
    ours = compared[base]
    return {
        n: {kpi for kpi in _measured(one) if _is_money(kpi)}
        for n, one in compared.items()
        if one.currency != ours.currency
    }


def sentences(
    variants: Sequence[Variant], compared: Mapping[int, Comparison], base: int
) -> list[str]:
    """What cannot be compared, and why."""
    ours, said = compared[base], []
    for n, one in compared.items():
        name, first = variants[n].label, variants[base].label
        if one.currency != ours.currency:
            said.append(
                f"{name} counts in {one.currency}, {first} in {ours.currency}: no differences in "
                "money"
            )
        if one.objective != ours.objective:
            said.append(
                f"{name} is decided by {kpi_name(one.objective)}, {first} by "
                f"{kpi_name(ours.objective)}: differences are in {kpi_name(ours.objective)}"
            )
        missing = sorted(kpi_name(kpi) for kpi in _measured(ours) ^ _measured(one))
        if missing:
            said.append(f"{name} and {first} do not both have {', '.join(missing)}")
    return said


def _measured(one: Comparison) -> set[str]:
    rows = one.outcomes[one.outcomes["scope"] == "all"].dropna(subset=["value"])
    return set(map(str, rows["kpi"].unique()))


def _is_money(kpi: str) -> bool:
    return kpi == "spend" or (kpi in KPIS and KPIS[kpi].unit.startswith("money"))
