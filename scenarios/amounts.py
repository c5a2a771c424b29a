"""Amounts of money as people write them."""

from __future__ import annotations

import math

from tiermix.core.errors import ScenarioError

UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "万": 1e4, "亿": 1e8}


def budget_of(text: str, own: float) -> float:
    """Money from `24e6`, `9.6m`, `2400万`; `80%` of a scenario's own budget, or `-20%` on it."""
    plain = text.strip().replace("_", "").lower()
    unit = next((u for u in sorted(UNITS, key=len, reverse=True) if u and plain.endswith(u)), "")
    share = plain.endswith("%")
    try:
        number = float(plain[:-1] if share else plain.removesuffix(unit))
    except ValueError:
        number = math.nan
    if share and plain[:1] in "+-":
        number += 100.0
    if not math.isfinite(number) or number <= 0:
        raise ScenarioError(
            f"budget: {text[:80]!r} is no amount of money; write it as 24000000, 24e6, 9.6m, or "
            "80% of the scenario's own, or -20% on it"
        )
    return number / 100.0 * own if share else number * UNITS[unit]
