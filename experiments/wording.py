"""Names and numbers as people read them: English beside Chinese, money, shares, intervals."""

import math

from scenarios import KPIS
from tiermix.core.figures import SYMBOLS

TIERS = {
    1: ("Primary drivers", "核心驱动层"),
    2: ("Growth accelerators", "增长加速层"),
    3: ("Long-tail and exploratory", "长尾覆盖与探索层"),
}


def kpi_name(kpi: str) -> str:
    """A KPI as it is written in text: `new customers`, `CAC`."""
    return {"cac": "CAC", "ltv": "LTV", "roi": "ROI", "nps": "NPS"}.get(kpi, kpi.replace("_", " "))


def money(amount: float, currency: str, *, signed: bool = False) -> str:
    """Money with three significant digits: ¥1.24M, −¥320k."""
    if not math.isfinite(amount):
        return "–"
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{_sign(amount, signed)}{symbol}{_short(abs(amount))}"


def in_unit(kpi: str, value: float, currency: str, *, signed: bool = False) -> str:
    """A KPI's value in its own unit: money, percent, or a count."""
    if not math.isfinite(value):
        return "–"
    unit = KPIS[kpi].unit if kpi in KPIS else ("money" if kpi == "spend" else "")
    if unit.startswith("money"):
        return money(value, currency, signed=signed)
    if unit == "share":
        points = "\u00a0pp" if signed else "\u00a0%"
        return f"{_sign(value, signed)}{_three(abs(value) * 100)}{points}"
    return f"{_sign(value, signed)}{_short(abs(value))}"


def number(value: float, *, signed: bool = False) -> str:
    """A number with three significant digits, never in powers of ten: 0.00123, 4.56, 12.3k."""
    if not math.isfinite(value):
        return "–"
    return f"{_sign(value, signed)}{_short(abs(value))}"


def percent(share: float, *, signed: bool = False) -> str:
    """A share as percent without decimals: 85 %, +12 %."""
    if not math.isfinite(share):
        return "–"
    return f"{_sign(share, signed)}{abs(share) * 100:.0f}\u00a0%"


def counted(number: int, noun: str) -> str:
    """`1 world`, `8 worlds`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sign(value: float, signed: bool) -> str:
    if value < 0:
        return "−"
    return "+" if signed and value > 0 else ""


def _short(size: float) -> str:
    for limit, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scaled = size / (1e3 if letter == "k" else limit)
            return f"{_three(scaled)}{letter}" if scaled < 999.5 else f"{scaled:,.0f}{letter}"
    return f"{size:,.0f}" if size >= 100 or size == 0 else _three(size)


def _three(size: float) -> str:
    """Three significant digits, zeros at the end kept: 1.10, 12.0, 590."""
    if size == 0:
        return "0"
    size = float(f"{size:.3g}")
    return f"{size:,.{max(2 - math.floor(math.log10(size)), 0)}f}"
