"""How much a scenario may hold: the schema refuses more, the compiled records keep room for it.

These numbers are baked into compiled code, which is compiled anew when they change.
"""

from __future__ import annotations

CHANNELS = 40
PERSONAS = 12
SHOPS = 7
"""Beside the company's own place."""
FORMATS = 16
"""Beside plain content."""
ASSETS = 96
AUTOMATION_RULES = 32
VARIANTS = 8
OPEN_NEEDS = 3
"""Needs that a person can have open at once."""
REQUESTS_A_DAY = 4096
"""Requests that a community's desk can take up in a day."""
MARKET_DAYS = 1120
"""Days that a market can live: the history year, the planned year and the tail, in whole weeks."""
