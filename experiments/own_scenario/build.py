"""The plain data of a company's scenario: what differs from the base that it extends."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.company_data.amounts import Amounts
from experiments.company_data.vocabulary import CLICKS, IMPRESSIONS, SPEND
from experiments.own_scenario.channel_kinds import (
    CONTENT,
    MEDIA,
    ORGANIC,
    OWNED,
    PAID,
    RETARGETED,
    Kind,
    kind_of,
)
from experiments.own_scenario.year import LastYear, month_factors
from scenarios import Channel, Scenario

Row = dict[str, str]
EMPTY: dict[str, Any] = {
    "title_zh": "", "rivals": [], "shocks": [], "shops": [], "offers": [], "investments": [],
    "candidates": [], "variants": [], "goals": [], "beliefs": [], "content": {"assets": []},
    "automation": {"rules": []},
}  # fmt: skip
"""Parts of a base that speak of its own channels, dates or shops: a company has its own."""
MOVES = 0.5


@dataclass
class Assumed:
    """Guesses as rows: the field, its value, and what it rests on."""

    rows: list[Row] = field(default_factory=list)

    def say(self, place: str, value: object, because: str) -> None:
        """Note a guess down."""
        self.rows.append({"field": place, "value": str(value), "because": because})


def body_of(
    base: Scenario,
    extends: str,
    amounts: Amounts,
    year: LastYear,
    names: Mapping[str, str],
    *,
    name: str,
    currency: str | None,
    outcome: str,
    market_size: float,
    peaks: Mapping[str, float],
    assumed: Assumed,
) -> dict[str, Any]:
    """The scenario as the mapping of its file; guesses are noted in `assumed`."""
    total = round(year.total, 2)
    _say(base, amounts, year, currency, assumed)
    return {
        "extends": extends,
        "name": name,
        "title": f"{name.replace('_', ' ')}, from its own table",
        "about": "Written by `tiermix scenarios from-table`; what is guessed says assumed.",
        **EMPTY,
        "currency": currency or base.currency,
        "outcome": outcome,
        "start": year.start,
        "market_size": market_size,
        "budget": total,
        "channels": _channels(base, amounts, year, names, market_size, peaks, assumed),
        "personas": _personas(base, year, assumed),
        "regions": _regions(amounts, assumed),
        "seasons": _seasons(amounts, year.start, assumed),
        "history": {"spend": _spend(base, year, names)},
        "rules": _rules(assumed),
    }


def _say(
    base: Scenario, amounts: Amounts, year: LastYear, currency: str | None, assumed: Assumed
) -> None:
    """What is assumed of money, dates and controls."""
    because = "you said so" if currency else "the base's; say --currency if it is another"
    assumed.say("currency", currency or base.currency, because)
    if amounts.controls:
        assumed.say("controls", ", ".join(amounts.controls), "no effect yet: calibrate fits them")
    assumed.say("start", year.start, "the month after the table's last whole one")
    assumed.say("budget", f"{year.total:,.0f}", "what the last twelve months spent")
    assumed.say("margin_rate", base.margin_rate, "the base's: the table does not tell")


def _channels(
    base: Scenario,
    amounts: Amounts,
    year: LastYear,
    names: Mapping[str, str],
    market_size: float,
    peaks: Mapping[str, float],
    assumed: Assumed,
) -> list[dict[str, Any]]:
    """The company's channels, beside those of the base by which people come by themselves."""
    whole = [_plain(c) for c in base.channels if c.kind.books in ("visits", "talk")]
    whole += [
        _channel(base, amounts, year, theirs, names[theirs], market_size, peaks, assumed)
        for theirs in year.spend
    ]
    there = {"search", *(channel["name"] for channel in whole)}
    for channel in whole:
        hands = channel.get("hand_offs", {})
        channel["hand_offs"] = {to: share for to, share in hands.items() if to in there}
    return whole


def _spend(
    base: Scenario, year: LastYear, names: Mapping[str, str]
) -> dict[str, list[float] | None]:
    """The company's money; null takes that of the base's channels out."""
    ours: dict[str, list[float] | None] = {names[n]: months for n, months in year.spend.items()}
    return {**dict.fromkeys(base.history.spend.keys() - ours.keys()), **ours}


def _plain(channel: Channel) -> dict[str, Any]:
    """A channel of the base as data, without what speaks of the base's other parts."""
    data = channel.model_dump(mode="json", exclude_defaults=True)
    for part in ("name_zh", "regions", "niches", "shop"):
        data.pop(part, None)
    return data


def _channel(
    base: Scenario,
    amounts: Amounts,
    year: LastYear,
    theirs: str,
    ours: str,
    market_size: float,
    peaks: Mapping[str, float],
    assumed: Assumed,
) -> dict[str, Any]:
    money = sum(year.spend[theirs])
    kind = kind_of(theirs, money / year.total)
    like = template(base, kind)
    place = f"channels.{ours}"
    source = f"assumed: {kind.kind} like {like.name} of {base.name}, since {kind.because}"
    data = {**_plain(like), "name": ours, "name_zh": theirs, "tier": kind.tier, "source": source}
    assumed.say(f"{place}.delivery", like.delivery, f"{kind.kind}: {kind.because}")
    assumed.say(f"{place}.tier", kind.tier, kind.because)
    if like.capped:
        data["unit_cost"] = _price(amounts, theirs, like, place, assumed)
    else:
        data["half"] = _half(base, like, money / market_size)
        because = f"as far from saturation as {like.name} of {base.name}"
        assumed.say(f"{place}.half", data["half"], because)
        if peaks.get(ours, 1.0) != 1.0:
            data["peak"] = float(f"{like.peak * peaks[ours]:.3g}")
            assumed.say(
                f"{place}.peak", data["peak"], "at which people meet the table's impressions"
            )
    return data


def template(base: Scenario, kind: Kind) -> Channel:
    """The channel of the base that a kind is most like; raises `KeyError` where none is."""

    def fits(channel: Channel) -> bool:
        if kind.kind in (PAID, ORGANIC):
            return channel.slot == ("paid" if kind.kind == PAID else "organic")
        if kind.kind == RETARGETED:
            return channel.kind.calls_back
        facts = channel.kind
        return facts.chooses_people and not facts.calls_back and not facts.has_dates

    def distance(channel: Channel) -> tuple[bool, bool, int]:
        owned = (channel.ownership == "owned") != (kind.kind == OWNED)
        lasting = (channel.retention > MOVES) != (kind.kind == CONTENT)
        return owned, lasting, abs(channel.tier - kind.tier)

    found = [channel for channel in base.channels if fits(channel)]
    if not found and kind.kind != MEDIA:
        return template(base, Kind(MEDIA, kind.tier, kind.because))
    return min(found, key=distance)


def _price(amounts: Amounts, theirs: str, like: Channel, place: str, assumed: Assumed) -> float:
    """What a click or an impression costs: by the table's own figures, or as in the base."""
    what = CLICKS if like.kind.on_result_page else IMPRESSIONS
    count, money = amounts.total(what, theirs), amounts.total(SPEND, theirs)
    if count > 0:
        price = float(f"{money / count:.4g}")
        assumed.say(f"{place}.unit_cost", price, f"spend over {what} of the whole table")
        return price
    assumed.say(f"{place}.unit_cost", like.unit_cost, f"the base's: the table has no {what}")
    return like.unit_cost


def _half(base: Scenario, like: Channel, per_head: float) -> float:
    """Money per head and year at half pressure, in the base's proportion to what is spent."""
    spent = base.last_year.by_channel[like.name] / base.market_size
    return float(f"{like.half * per_head / spent:.3g}") if spent > 0 else like.half


def _personas(base: Scenario, year: LastYear, assumed: Assumed) -> dict[str, Any]:
    """The base's people with the company's mean order value."""
    mean = sum(p.share * p.order_value for p in base.personas)
    factor = year.revenue / year.orders / mean
    assumed.say("personas.*.order_value", f"{year.revenue / year.orders:,.4g} in the mean",
                "revenue over orders of the last year; who buys is the base's")  # fmt: skip
    return {p.name: {"order_value": float(f"{factor * p.order_value:.4g}")} for p in base.personas}


def _regions(amounts: Amounts, assumed: Assumed) -> list[dict[str, Any]]:
    assumed.say("regions", 1, "regions of a table are added up: a fit is to the whole")
    return [{"name": "all", "share": 1.0}]


def _seasons(amounts: Amounts, start: dt.date, assumed: Assumed) -> list[dict[str, Any]]:
    """A season for each month that is off the mean, in the history year and the planned one."""
    factors = month_factors(amounts)
    because = (
        "orders of the month against the year around it, over all years of the table"
        if factors
        else "less than a year of weeks, or no month is off the mean: no seasons"
    )
    assumed.say("seasons", ", ".join(f"{m}: {x:g}" for m, x in factors.items()) or "none", because)
    found = []
    for n in range(-12, 12):
        year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
        if month + 1 in factors:
            first = dt.date(year, month + 1, 1)
            last = first.replace(day=calendar.monthrange(year, month + 1)[1])
            found.append(
                {"name": f"{first:%B %Y}", "start": first, "end": last,
                 "needs": factors[month + 1], "source": f"assumed: {because}"}
            )  # fmt: skip
    return found


def _rules(assumed: Assumed) -> list[dict[str, Any]]:
    assumed.say("rules", "budget, and half of last year to one and a half", "write your own")
    return [
        {"kind": "budget", "name": "annual budget", "sense": "at_most"},
        {"kind": "channel_bounds", "name": "no channel moves too far", "basis": "last_year",
         "least": -MOVES, "most": MOVES},
    ]  # fmt: skip
