"""Which way a KPI is better."""

from __future__ import annotations

from scenarios import KPIS


def sign(kpi: str) -> int:
    """1 where more of a KPI is better, −1 where less is."""
    down = kpi == "spend" or (kpi in KPIS and KPIS[kpi].direction == "down")
    return -1 if down else 1
