"""Figures as people read them: thousands separators, the currency's sign, never an exponent.

Tables and sentences have them in full (`number`, `money`, `percent`: 12,345); headlines, charts and
pages that are skimmed have them short (`short_number`, `short_money`, `short_percent`: 12.3k).
"""

from __future__ import annotations

import math

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

DIGITS = 4
"""Significant digits of figures below a thousand; larger ones are written whole."""

LEAST_P = 0.001
ALMOST = 0.99
"""A chance beyond is not told more exactly: it rests on draws."""


def number(value: float, digits: int = DIGITS) -> str:
    """A figure as people write it: 24,000,000; 412.5; 0.0312; – where there is none."""
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'-' if value < 0 else ''}∞"
    size = abs(value)
    decimals = 0 if size >= 1000 else digits - 1 - math.floor(math.log10(size)) if size else 0
    text = f"{value:,.{min(max(decimals, 0), 12)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def money(amount: float, currency: str, digits: int = DIGITS) -> str:
    """An amount of money with its currency: ¥6,980; -$0.35; SEK 120."""
    if math.isnan(amount):
        return "–"
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    size = number(abs(amount), digits)
    return f"{'-' if amount < 0 and size != '0' else ''}{symbol}{size}"


def percent(share: float, digits: int = DIGITS) -> str:
    """A share as percent: 200 %, 12.5 %."""
    text = number(100.0 * float(share), digits)
    return text if text == "–" else f"{text} %"


def chance(probability: float) -> str:
    """A chance that was estimated, as percent; what is nearly sure is not called sure: > 99 %."""
    if probability > ALMOST:
        return "> 99 %"
    return "< 1 %" if 1.0 - probability > ALMOST else f"{probability:.0%}".replace("%", " %")


def p_value(p: float) -> str:
    """How likely chance alone is, with three digits; what hardly is, is not told more exactly."""
    return f"< {LEAST_P}" if p < LEAST_P else number(p, 3)


def short_number(value: float, *, signed: bool = False) -> str:
    """A number with three significant digits: 0.00123, 4.56, 12.3k, −1.24M."""
    if not math.isfinite(value):
        return "–"
    return f"{sign_of(value, signed)}{_short(abs(value))}"


def short_money(amount: float, currency: str, *, signed: bool = False) -> str:
    """Money with three significant digits: ¥1.24M, −¥320k."""
    if not math.isfinite(amount):
        return "–"
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{sign_of(amount, signed)}{symbol}{_short(abs(amount))}"


def short_percent(share: float, *, signed: bool = False) -> str:
    """A share as percent without decimals: 85 %, +12 %."""
    if not math.isfinite(share):
        return "–"
    return f"{sign_of(share, signed)}{abs(share) * 100:.0f}\u00a0%"


def sign_of(value: float, signed: bool) -> str:
    """A true minus sign before what is negative; a plus before what is positive, if `signed`."""
    if value < 0:
        return "−"
    return "+" if signed and value > 0 else ""


def three_digits(size: float) -> str:
    """Three significant digits, zeros at the end kept: 1.10, 12.0, 590."""
    if size == 0:
        return "0"
    size = float(f"{size:.3g}")
    return f"{size:,.{max(2 - math.floor(math.log10(size)), 0)}f}"


def _short(size: float) -> str:
    rounded = float(f"{size:.3g}")
    for limit, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if rounded >= limit:
            scaled = size / (1e3 if letter == "k" else limit)
            return f"{three_digits(scaled)}{letter}" if scaled < 999.5 else f"{scaled:,.0f}{letter}"
    return f"{size:,.0f}" if size >= 100 or size == 0 else three_digits(size)
