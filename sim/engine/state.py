"""The records that behaviour works on: World (what is so), Market (what is shared), Customer.

One record of each kind, passed by reference: measured against tuples of arrays this compiles and
runs several times faster. Sizes are fixed so that one compilation serves every scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.counts import channel_counts, person_counts, row_kinds
from tiermix.core import limits
from tiermix.core.arrays import Records

CHANNELS, PERSONAS, ASSETS = limits.CHANNELS, limits.PERSONAS, limits.ASSETS
RULES, VARIANTS, NEEDS = limits.AUTOMATION_RULES, limits.VARIANTS, limits.OPEN_NEEDS
SHOPS, FORMATS = limits.SHOPS + 1, limits.FORMATS + 1  # 0 is our own place, plain content
STAGES, DAYS, ASKS = 8, limits.MARKET_DAYS, limits.REQUESTS_A_DAY
WEEKS, MONTHS = DAYS // 7 + 1, 25
RECENT, OUTBOX, ADS = 8, 96, 12
UNAWARE, AWARE, CONSIDERING, INTENT, CUSTOMER, LOYAL, ADVOCATE, LAPSED = range(8)
DELIVERY_FLAGS = (
    *("is_media", "chooses_people", "calls_back", "on_result_page", "has_fixed_price"),
)
"""What is so of a channel by its delivery: fields of the record, named as in the table of kinds."""
TO_SITE, TO_SEARCH, NOWHERE = CHANNELS, CHANNELS + 1, CHANNELS + 2
NONE = -1

# Events of a customer's life.
EXPOSE, HAND_OFF, LOOK, PAGE, MESSAGE, NEED_COMES, NEED_ENDS, REPLACED = range(8)
HEAR, COMPLAINT, ANSWER, DECIDE, RESTOCKED = range(8, 13)

# What else a rule of automation may answer, and what may call it off.
LAPSE, DATE = len(row_kinds.NAMES), len(row_kinds.NAMES) + 1

# Kinds of requests to the desk, and what became of them.
ASK_LEAD, ASK_QUESTION, ASK_ISSUE = range(3)


def _record(*fields: Any) -> np.dtype[Any]:
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def _floats(*names: str, shape: tuple[int, ...] = ()) -> list[Any]:
    return [(name, "f8", shape) for name in names]


def _shorts(*names: str) -> list[Any]:
    return [(name, "i4") for name in names]


def _ints(*names: str, shape: tuple[int, ...] = ()) -> list[Any]:
    return [(name, "i8", shape) for name in names]


WORLD = _record(
    *_ints("channels", "personas", "days", "rules", "weekly_cap", "loyal_orders", "interests"),
    *_floats("weight", "margin_rate"),
    # channels
    *_ints(*DELIVERY_FLAGS, "tier", "themed", "capped", "window", shape=(CHANNELS,)),
    ("call_back_days", "i8"),
    ("key", "u8", (CHANNELS,)),
    *_floats("half", "slope", "retention", "peak", "unit_cost", shape=(CHANNELS,)),
    *_floats("viewability", "selection", "slot_utility", shape=(CHANNELS,)),
    *_floats("attention", "awareness", "engagement", "awaken", shape=(CHANNELS,)),
    *_floats("goodwill_seen", "goodwill_engaged", shape=(CHANNELS,)),
    *_floats("affinity_bound", shape=(CHANNELS,)),
    ("affinity", "f8", (CHANNELS, PERSONAS)),
    ("stage_fit", "f8", (CHANNELS, STAGES)),
    ("onward", "f8", (CHANNELS, CHANNELS + 2)),
    *_ints("shop", "niches", "varied", "held_out", shape=(CHANNELS,)),
    # what each channel carries on each day; whether it is there; what it costs relative to usual
    *[(name, "i2", (CHANNELS, DAYS)) for name in ("theme", "asset", "down")],
    ("price", "f8", (CHANNELS, DAYS)),
    *_ints("asset_home", "asset_format", shape=(ASSETS,)),
    *_floats("asset_quality", shape=(ASSETS,)),
    ("format_fit", "f8", (FORMATS, STAGES)),
    *_floats("reuse", "wear_out", "open_needs"),
    # shops and goods
    *_floats("commission", "shop_utility", "shop_registers", shape=(SHOPS,)),
    *_floats("out_of_stock", "all_out", "pooling", "stock_waits", "stock_days", "stock_experience"),
    # personas
    *_floats("first_needs", "need_days", "looks_per_day", "utility", "aware", shape=(PERSONAS,)),
    *_floats("order_value", "order_spread", "goodwill", shape=(PERSONAS,)),
    # days
    *_floats("need_season", "attention_season", "rival_search", "rival_pull", shape=(DAYS,)),
    *_floats("seamless", "personalisation", shape=(DAYS,)),
    *_ints("month", "month_left", "automated", shape=(DAYS,)),
    *_floats("offer_gain", "offer_cost", shape=(DAYS, PERSONAS)),
    ("linked_from", "i8"),
    *_floats("need_bound", "attention_bound", "daily_bound"),
    # the result page
    *_floats("search_selection", "competitor_utility", "nobody_utility", "brand_gain"),
    *_floats("direct_base", "direct_gain", "direct_customer", "competitor_sale", "elsewhere"),
    # behaviour
    *_floats("goodwill_rate", "goodwill_gain", "fatigue_rate", "fatigue_weight"),
    *_floats("theme_rate", "theme_gain", "theme_pillar", "theme_off_core", "matched"),
    *_floats("consider", "stage_gain", "lapse_days", "signup", "cart", "win_back"),
    *_floats("turnover", "experience_seamed", "experience_order", "experience_gain"),
    # integration
    *_floats("view_visibility", "substitution", "hand_off_days"),
    # leads and the desk
    *_floats("points", shape=(len(row_kinds.NAMES),)),
    *_floats("download", "form", "lead_score", "score_rate"),
    *_ints("desk_sells", "desk", "desk_channel", "cart_leads"),
    *_floats("questions", "issues", "qualify", "sales_days"),
    *_floats("goodwill_answer", "experience_answer", "experience_lost"),
    # loyalty and word of mouth
    *_floats("satisfaction", "satisfaction_gain", "satisfaction_spread", "answers"),
    *_floats("dropout_gain", "programme", "programme_cost"),
    *_floats("mentions", "referrals", "complaints", "harm"),
    *_ints("earned", "direct"),
    # tests on people
    ("variants", "i8"),
    *_ints("variant_channel", "variant_rule", shape=(VARIANTS,)),
    *_floats("variant_heard", "variant_offer", "variant_cost", "variant_wait", shape=(VARIANTS,)),
    # automation
    *_ints("rule_when", "rule_unless", "rule_channel", "rule_theme", shape=(RULES,)),
    *_ints("rule_key", shape=(RULES,)),
    ("rule_day", "i8", (RULES, 4)),
    *_floats("rule_wait", "rule_offer", "rule_offer_cost", "rule_offer_days", shape=(RULES,)),
    *_floats("open_rate"),
)

MARKET = _record(
    ("seed", "u8"),
    *_ints(
        "community",
        "people",
        "day",
        "month",
        "week",
        "opening",
        "busy",
        "engaged",
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
        *("stock", "pressure", "price", "expected", "usual", "pool_mass", "pool_weight"),
        shape=(CHANNELS,),
    ),
    *_floats("month_plan", "month_cost", "month_billed", "owed", "eligible", shape=(CHANNELS,)),
    *_floats("targeted", shape=(CHANNELS,)),
    ("billed_events", "i8", (CHANNELS,)),
    # the outbox: what the event that is being lived writes and causes
    *_ints("events_out", "rows_out"),
    *_floats("event_time", "event_since", "row_time", shape=(OUTBOX,)),
    ("event_key", "u8", (OUTBOX,)),
    *_ints("event_customer", "event_kind", "event_channel", "event_detail", shape=(OUTBOX,)),
    *_ints("row_value", "row_margin", "row_channel", "row_kind", shape=(OUTBOX,)),
    *_ints("row_theme", "row_identifier", shape=(OUTBOX,)),
    # requests to the desk since midnight
    ("asks", "i8"),
    ("ask_time", "f8", (ASKS,)),
    ("ask_key", "u8", (ASKS,)),
    *_ints("ask_customer", "ask_kind", shape=(ASKS,)),
    # what holds today: content, offers, rivals
    ("fit", "f8", (CHANNELS, STAGES)),
    *_ints("theme", "asset", shape=(CHANNELS,)),
    *_floats("asset_shown", shape=(ASSETS,)),
    *_floats("offer_gain", "offer_cost", shape=(PERSONAS,)),
    *_floats("rival_search", "rival_pull", "seamless", "personalisation"),
    # what was brought in from outside: a rival who reacts
    *_floats("outside_search", "outside_pull"),
    # the result page that is being looked at
    ("appeal", "f8", (CHANNELS,)),
    ("shown", "i8", (CHANNELS,)),
    # money and counts
    ("money", "f8", (CHANNELS, DAYS)),
    ("ledger", "f8", (CHANNELS, DAYS)),
    ("by_week", "i8", (WEEKS, channel_counts.WEEKLY, CHANNELS)),
    ("by_month", "i8", (MONTHS, len(channel_counts.NAMES), CHANNELS)),
    ("people_by_month", "i8", (MONTHS, len(person_counts.NAMES), PERSONAS)),
)

CARRIED = (
    *("day", "stock", "usual", "pool_mass", "pool_weight"),
    *("month_plan", "month_cost", "month_billed"),
    *("asset_shown", "outside_search", "outside_pull", "engaged"),
)
"""Fields of MARKET that live on from one year to the next."""

PERSON = _record(
    # who it is and what is due today: what thinning and every event look at stands together
    *_shorts(
        "agenda", "next_busy", "index", "persona", "stage", "niche", "variants", "skipped_ads"
    ),
    *_shorts("unreached", "identifiers", "linked", "seen"),
    *_floats("last_engaged", "born"),
    # where it stands
    *_floats("goodwill", "goodwill_at", "fatigue", "fatigue_at", "theme_at", "other_at"),
    *_shorts("theme", "theme_channel", "other_theme", "other_channel"),
    # the list of the lately engaged
    *_shorts("listed", "next_engaged"),
    ("reached", "i8"),
    # the last ad noticed
    ("ad_key", "u8"),
    *_shorts("ad_channel", "orders", "dropped", "signed", "lead", "lead_channel"),
    *_floats("last_visit", "last_order", "last_download", "experience", "score", "score_at"),
    *_floats("offer", "offer_cost", "offer_until"),
    ("need_key", "u8", (NEEDS,)),
    ("need_ends", "f8", (NEEDS,)),
    ("need_asked", "i4", (NEEDS,)),
    *_shorts("messages", "message_week", "interest", "linked_later", "visible"),
    *_floats("repeat_needs", "dropout", "need_bound"),
    ("recent", "f8", (RECENT,)),
    ("recent_channel", "i4", (RECENT,)),
    # this year
    ("engaged_on", "i8"),
    *_shorts("year_orders", "year_signed"),
    # the ads that came last before this year's orders, and those to be left out
    *_shorts("ads"),
    ("ad_keys", "u8", (ADS,)),
    ("ad_channels", "i4", (ADS,)),
    ("skip", "u8", (ADS,)),
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
    *[(name, "i1") for name in ("channel", "kind", "theme", "identifier")],
)
"""A touch or an outcome; `value` and `margin` in hundredths of the currency."""


def array_of(record: np.record) -> Records:
    """The array whose only record it is, which is what entries are handed; new if there is none."""
    owner: Any = record.base
    return np.array([record]) if owner is None else owner


LONG_AGO = -1e6
