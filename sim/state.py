"""The records that behaviour works on: World (what is so), Market (what is shared), Customer.

One record of each kind, passed by reference: measured against tuples of arrays this compiles and
runs several times faster. Sizes are fixed so that one compilation serves every scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CHANNELS, PERSONAS, STAGES, RULES = 40, 12, 8, 32
DAYS, WEEKS, MONTHS = 1120, 161, 25
NEEDS, RECENT, OUTBOX = 3, 8, 96
UNAWARE, AWARE, CONSIDERING, INTENT, CUSTOMER, LOYAL, ADVOCATE, LAPSED = range(8)
BROADCAST, SEARCH, RETARGETED, TRIGGERED, DIRECT = range(5)
TO_SITE, TO_SEARCH, NOWHERE = CHANNELS, CHANNELS + 1, CHANNELS + 2
NONE = -1

# Events of a customer's life.
EXPOSE, HAND_OFF, LOOK, PAGE, MESSAGE, NEED_COMES, NEED_ENDS, REPLACED = range(8)

# Kinds of rows; the first ten are touches, the rest outcomes.
KINDS = (
    *("impression", "click", "visit", "download", "cart", "message", "open", "call"),
    *("referral", "mention", "signup", "lead", "order"),
)
IMPRESSION, CLICK, VISIT, DOWNLOAD, CART, MAIL, OPEN, CALL, REFERRAL, MENTION = range(10)
SIGNUP, LEAD, ORDER = 10, 11, 12

# What is counted by channel. The first five are also counted by week.
CHANNEL_COUNTS = (
    *("impressions", "clicks", "visits", "conversions", "revenue"),
    *("noticed", "engaged", "margin", "new_customers", "driven", "messages", "opens"),
    *("agreed", "compared", "billed", "signups"),
)
SERVED, CLICKED, VISITED, SOLD, REVENUE = range(5)
NOTICED, ENGAGED, MARGIN, NEW, DRIVEN, SENT, OPENED = range(5, 12)
AGREED, COMPARED, BILLED, SIGNED = range(12, 16)
WEEKLY = 5

# What is counted by persona.
PERSON_COUNTS = (
    *("needs", "elsewhere", "orders", "revenue", "margin", "new_customers", "signups", "leads"),
    *("carts", "looks", "searches", "lost_hand_offs"),
)
P_NEEDS, P_ELSEWHERE, P_ORDERS, P_REVENUE, P_MARGIN, P_NEW, P_SIGNUPS, P_LEADS = range(8)
P_CARTS, P_LOOKS, P_SEARCHES, P_LOST = range(8, 12)


def _record(*fields: Any) -> np.dtype[Any]:
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def _floats(*names: str, shape: tuple[int, ...] = ()) -> list[Any]:
    return [(name, "f8", shape) for name in names]


def _ints(*names: str, shape: tuple[int, ...] = ()) -> list[Any]:
    return [(name, "i8", shape) for name in names]


WORLD = _record(
    *_ints("channels", "personas", "days", "rules", "weekly_cap", "loyal_orders", "interests"),
    *_floats("weight", "margin_rate"),
    # channels
    *_ints("delivery", "tier", "slot", "themed", "capped", "window", shape=(CHANNELS,)),
    ("key", "u8", (CHANNELS,)),
    *_floats("half", "slope", "retention", "peak", "unit_cost", shape=(CHANNELS,)),
    *_floats("viewability", "selection", "slot_utility", shape=(CHANNELS,)),
    *_floats("attention", "awareness", "engagement", "awaken", shape=(CHANNELS,)),
    *_floats("goodwill_seen", "goodwill_engaged", shape=(CHANNELS,)),
    *_floats("affinity_bound", shape=(CHANNELS,)),
    ("affinity", "f8", (CHANNELS, PERSONAS)),
    ("stage_fit", "f8", (CHANNELS, STAGES)),
    ("onward", "f8", (CHANNELS, CHANNELS + 2)),
    ("theme", "i8", (CHANNELS, WEEKS)),
    ("regions", "i8", (CHANNELS,)),
    # personas
    *_floats("first_needs", "need_days", "looks_per_day", "utility", "aware", shape=(PERSONAS,)),
    *_floats("order_value", "order_spread", "goodwill", shape=(PERSONAS,)),
    # days
    *_floats("need_season", "attention_season", "price", shape=(DAYS,)),
    *_ints("month", "month_left", shape=(DAYS,)),
    *_floats("need_bound", "attention_bound", "daily_bound"),
    # the result page
    *_floats("search_selection", "competitor_utility", "nobody_utility", "brand_gain"),
    *_floats("direct_base", "direct_gain", "direct_customer", "competitor_sale", "elsewhere"),
    # behaviour
    *_floats("goodwill_rate", "goodwill_gain", "fatigue_rate", "fatigue_weight"),
    *_floats("theme_rate", "theme_gain", "theme_pillar", "theme_off_core", "match_gain"),
    *_floats("consider", "stage_gain", "lapse_days", "signup", "cart", "win_back"),
    *_floats("turnover", "experience_seamed", "experience_order", "experience_gain"),
    # integration
    *_floats("view_visibility", "seamless", "substitution", "hand_off_days", "personalisation"),
    # automation
    *_ints("rule_when", "rule_unless", "rule_channel", shape=(RULES,)),
    *_floats("rule_wait", "rule_offer", "rule_offer_cost", "rule_offer_days", shape=(RULES,)),
    *_floats("open_rate"),
)

MARKET = _record(
    ("seed", "u8"),
    *_ints(
        "community",
        "people",
        "day",
        "opening",
        "busy",
        "free",
        "used",
        "rows",
        "logging",
        "failed",
        "lived",
    ),
    ("bucket", "i8", (DAYS,)),
    ("off", "i8", (CHANNELS,)),
    *_floats(
        "stock", "pressure", "price", "expected", "pool_mass", "pool_weight", shape=(CHANNELS,)
    ),
    *_floats("month_plan", "month_cost", "month_billed", "eligible", shape=(CHANNELS,)),
    *_floats("targeted", shape=(CHANNELS,)),
    ("billed_events", "i8", (CHANNELS,)),
    # the outbox: what the event that is being lived writes and causes
    *_ints("events_out", "rows_out"),
    *_floats("event_time", "event_since", "row_time", shape=(OUTBOX,)),
    ("event_key", "u8", (OUTBOX,)),
    *_ints("event_customer", "event_kind", "event_channel", "event_detail", shape=(OUTBOX,)),
    *_ints("row_value", "row_margin", "row_channel", "row_kind", shape=(OUTBOX,)),
    *_ints("row_theme", "row_identifier", shape=(OUTBOX,)),
    # the result page that is being looked at
    ("appeal", "f8", (CHANNELS,)),
    ("shown", "i8", (CHANNELS,)),
    # money and counts
    ("money", "f8", (CHANNELS, DAYS)),
    ("ledger", "f8", (CHANNELS, DAYS)),
    ("by_week", "i8", (WEEKS, WEEKLY, CHANNELS)),
    ("by_month", "i8", (MONTHS, len(CHANNEL_COUNTS), CHANNELS)),
    ("people_by_month", "i8", (MONTHS, len(PERSON_COUNTS), PERSONAS)),
)

CARRIED = (
    *("day", "stock", "pool_mass", "pool_weight"),
    *("month_plan", "month_cost", "month_billed"),
)
"""Fields of MARKET that live on from one year to the next."""

PERSON = _record(
    # who it is
    *_ints("index", "persona", "identifiers", "linked", "visible", "interest"),
    *_floats("repeat_needs", "dropout", "need_bound"),
    # where it stands
    *_ints("agenda", "next_busy", "stage", "orders", "dropped", "signed", "lead"),
    *_floats("goodwill", "goodwill_at", "fatigue", "fatigue_at", "experience"),
    *_ints("theme", "theme_channel", "other_theme", "other_channel"),
    *_floats("theme_at", "other_at"),
    ("need_key", "u8", (NEEDS,)),
    ("need_ends", "f8", (NEEDS,)),
    *_floats("last_visit", "last_order", "last_engaged", "offer", "offer_cost", "offer_until"),
    *_ints("messages", "message_week"),
    ("recent", "f8", (RECENT,)),
    ("recent_channel", "i8", (RECENT,)),
    # this year
    *_ints("reached", "engaged_on", "year_orders", "year_signed"),
)

EVENT = _record(
    ("time", "f8"),
    ("since", "f8"),
    ("key", "u8"),
    *[(name, "i4") for name in ("customer", "next", "kind", "channel")],
    ("detail", "i8"),
)

ROW = _record(
    ("time", "f8"),
    *_ints("value", "margin"),
    ("customer", "i4"),
    *[(name, "i2") for name in ("channel", "kind", "theme", "identifier")],
)
"""A touch or an outcome; `value` and `margin` in hundredths of the currency."""

LONG_AGO = -1e6
