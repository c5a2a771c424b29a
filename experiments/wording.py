"""What reports call things: tiers in English and Chinese, KPIs in their units, counted nouns."""

import math

from scenarios import KPIS
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
