"""Figures in sentences and tables: thousands separators, the currency's sign, never an exponent."""

from __future__ import annotations

import math

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

DIGITS = 4
"""Significant digits of figures below a thousand; larger ones are written whole."""


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
