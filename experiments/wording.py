"""What reports call things: tiers in English and Chinese, KPIs in their units, counted nouns."""

import math
from collections.abc import Sequence
from typing import Protocol

from scenarios import KPIS, Scenario
from tiermix.core.figures import short_money, short_number, sign_of, three_digits

TIERS = {
    1: ("Primary drivers", "核心驱动层"),
    2: ("Growth accelerators", "增长加速层"),
    3: ("Long-tail and exploratory", "长尾覆盖与探索层"),
}


def kpi_name(kpi: str) -> str:
    """A KPI as it is written in text: `new customers`, `CAC`."""
    return {"cac": "CAC", "ltv": "LTV", "roi": "ROI", "nps": "NPS"}.get(kpi, kpi.replace("_", " "))


def in_unit(kpi: str, value: float, currency: str, *, signed: bool = False) -> str:
    """A KPI's value in its own unit: money, percent, or a count; three significant digits."""
    if not math.isfinite(value):
        return "–"
    unit = KPIS[kpi].unit if kpi in KPIS else ("money" if kpi == "spend" else "")
    if unit.startswith("money"):
        return short_money(value, currency, signed=signed)
    if unit == "share":
        points = "\u00a0pp" if signed else "\u00a0%"
        return f"{sign_of(value, signed)}{three_digits(abs(value) * 100)}{points}"
    return short_number(value, signed=signed)


def counted(number: int, noun: str) -> str:
    """`1 world`, `8 worlds`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Labelled(Protocol):
    """What has a name, and labels in both languages."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def label_zh(self) -> str: ...


def names_in_chinese(scenario: Scenario, strategies: Sequence[Labelled] = ()) -> dict[str, str]:
    """What a scenario's own things are called in Chinese, as far as it says, and strategies."""
    parts = (scenario.channels, scenario.personas, scenario.content.assets)
    found = {one.name: one.name_zh for part in parts for one in part if one.name_zh}
    found |= {one.label: one.label_zh for one in strategies if one.label_zh}
    found |= {scenario.title: scenario.title_zh} if scenario.title_zh else {}
    forms = {form: other for name, other in found.items() for form in _forms(name)}
    return forms | {one.name: one.label_zh for one in strategies if one.label_zh}


def _forms(name: str) -> set[str]:
    """A name with underscores and with blanks, and where it begins a sentence or stands in one."""
    plain = name.replace("_", " ")
    return {name, plain, plain[:1].lower() + plain[1:], plain[:1].upper() + plain[1:]}
