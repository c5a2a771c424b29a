"""Between which figures each number of a scenario can mean something.

Wide on purpose: what lies outside is a slip (a unit, a zero too many, a rate in percent), and would
be simulated without a word. Numbers whose field says both ends itself (shares, say) need no line.
"""

from __future__ import annotations

LARGEST = 1e12
"""What no line here bounds, and no field."""
SMALLEST = 1e-12
"""What lies nearer to 0 than this is 0, and has to be written so: it would be divided by."""

Range = tuple[float, float]
MONEY: Range = (0.0, 1e15)
PRICE: Range = (0.0, 1e9)
DAYS: Range = (0.0, LARGEST)  # who means never writes any number
UTILITY: Range = (-100.0, 100.0)  # of a logit: 50 is never or always, and some write 60
GAIN: Range = (0.0, 50.0)  # in an exponent
GOODWILL: Range = (-100.0, 100.0)
EXPERIENCE: Range = (-10.0, 10.0)
TIMES: Range = (0.0, 1e4)  # relative to 1
SHAPE: Range = (0.0, 1e6)  # of a law, whose figures could not be drawn beyond
LEVEL: Range = (-1e15, 1e15)  # a KPI in its unit, money among them

RANGES: dict[str, Range] = {
    "market_size": (0.0, 1e10),  # people on earth
    "horizon_years": (0.0, 50.0),
    "discount_rate": (0.0, 5.0),
    **dict.fromkeys(("budget", "spend"), MONEY),
    **dict.fromkeys(("cost", "one_off_cost", "yearly_cost"), MONEY),
    **dict.fromkeys(("unit_cost", "half", "hourly_wage"), PRICE),
    **dict.fromkeys(("prices", "factor"), (0.0, 1e6)),
    **dict.fromkeys(("affinity", "stage_fit", "win_back", "attention", "adapt_cost"), TIMES),
    **dict.fromkeys(("wear_out", "fatigue_weight", "profile"), TIMES),
    "peak": (0.0, 1e4),  # opportunities a person and day
    **dict.fromkeys(("fatigue_half_life", "goodwill_half_life", "theme_half_life"), DAYS),
    **dict.fromkeys(("half_life", "lapse_days", "need_days", "hand_off_days"), DAYS),
    **dict.fromkeys(("delay_days", "offer_days"), DAYS),
    "wait": (-1e6, 1e6),
    "patience_hours": (0.0, 1e6),
    "service_minutes": (0.0, 1e4),
    **dict.fromkeys(("slot_utility", "base_utility", "utility", "offer", "pull"), UTILITY),
    **dict.fromkeys(("search", "competitor_utility", "nobody_utility"), UTILITY),
    **dict.fromkeys(("direct_base", "direct_customer"), UTILITY),
    **dict.fromkeys(("goodwill_gain", "experience_gain", "stage_gain", "match_gain"), GAIN),
    **dict.fromkeys(("theme_gain", "dropout_gain", "programme", "brand_gain"), GAIN),
    **dict.fromkeys(("direct_gain", "satisfaction_gain"), GAIN),
    **dict.fromkeys(("theme_pillar", "theme_off_core"), EXPERIENCE),
    **dict.fromkeys(("experience", "experience_order", "experience_seamed"), EXPERIENCE),
    **dict.fromkeys(("experience_answer", "experience_lost"), EXPERIENCE),
    **dict.fromkeys(("goodwill", "goodwill_seen", "goodwill_engaged", "goodwill_answer"), GOODWILL),
    "harm": GOODWILL,
    **dict.fromkeys(("repeat_shape", "dropout_concentration"), SHAPE),
    "loyal_orders": (0.0, 1e4),
    **dict.fromkeys(("points", "threshold"), (0.0, 1e6)),
    **dict.fromkeys(("communities", "community_size"), (0.0, 1e7)),
    # What is asked of a plan: amounts and levels, which a company chooses.
    **dict.fromkeys(("amount", "least", "most", "cap", "at_most", "at_least"), LEVEL),
    **dict.fromkeys(("step", "learning", "above", "level", "low", "high"), LEVEL),
    **dict.fromkeys(("change", "floor", "up"), (-1.0, 1e6)),
    **dict.fromkeys(("share", "step_share"), TIMES),
    "weight": (0.0, 1e6),
    # Of a control, whose values have a unit of their own.
    "effect": UTILITY,
    **dict.fromkeys(("usual", "values"), LEVEL),
    "unit": (0.0, LEVEL[1]),
}
"""Lowest and highest by the field's name; what items of a list or a mapping are belongs to it."""


def outside(field: str, value: float) -> str:
    """What is wrong with a number of a field, as the end of a sentence; nothing if it may be."""
    low, high = RANGES.get(field, (-LARGEST, LARGEST))
    if not low <= value <= high:
        return f"{value:g} lies outside {low:g} to {high:g}, where it means something; change it"
    if 0.0 < abs(value) < SMALLEST:
        return f"{value:g} is too near to 0 to reckon with; use 0, or {SMALLEST:g} or more"
    return ""
