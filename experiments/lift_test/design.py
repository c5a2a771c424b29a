"""The design of an experiment inside the market: what is withheld, from whom, from when to when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios import Channel, MediaPlan, Scenario, TiermixError
from sim import everybody_seen
from tiermix.core.hints import hint, unknown
from tiermix.core.limits import MARKET_DAYS, VARIANTS

DESIGNS = ("ab", "geo")
ROWS: dict[str, tuple[str, str]] = {
    "conversions": ("order", ""),
    "revenue": ("order", "value"),
    "margin": ("order", "margin"),
    "signups": ("signup", ""),
    "leads": ("lead", ""),
    "downloads": ("download", ""),
}
"""KPIs of an experiment: the row that counts, and its amount in hundredths where it has one."""
HELD_OUT = "lift_hold_out"
NEVER = 4.0 * MARKET_DAYS
"""Days that a message waits which is never to be sent."""


class LiftError(TiermixError):
    """An experiment that cannot be made: the sentence names the field, the value, the remedy."""


@dataclass(frozen=True)
class Design:
    """One experiment: days count from the start of the history year, `last` and `until` excluded.

    `ab` holds a `share` of the people out of the channel, or of one `message` (a rule of
    automation); `geo` changes the channel's money by `change` in half of the communities, where −1
    switches it off. That lasts from day `first` to `last`; outcomes are counted on to `until`.
    """

    channel: str
    kind: str
    kpi: str
    first: int
    last: int
    until: int
    share: float = 0.5
    change: float = -1.0
    message: str = ""

    @property
    def marks(self) -> tuple[int, ...]:
        """The midnights at which outcomes are read: week by week, and both ends."""
        return tuple(sorted({*range(self.first + 7, self.until, 7), self.last, self.until}))

    @property
    def sign(self) -> int:
        """1 where the side that is tested has less of the channel, −1 where it has more."""
        return 1 if self.kind == "ab" or self.change < 0 else -1

    @property
    def whole(self) -> bool:
        """Whether all of the channel is taken away."""
        return self.change == -1.0 and not self.message

    def words(self) -> str:
        """What is done, as a clause."""
        if self.kind == "ab":
            what = f"{self.message} of {self.channel}" if self.message else self.channel
            return f"{self.share:.0%} of people held out of {what}"
        done = "off" if self.change == -1.0 else f"{self.change:+.0%}"
        return f"{self.channel} {done} in half of the communities"


def designed(
    scenario: Scenario,
    channel: str,
    kind: str,
    *,
    plan: MediaPlan,
    kpi: str = "conversions",
    share: float | None = None,
    change: float | None = None,
    message: str | None = None,
    start: str | dt.date | None = None,
    weeks: int | None = None,
    watch: int = 0,
) -> Design:
    """A design that can be carried out in this scenario; raises `LiftError`."""
    if kind not in DESIGNS:
        raise LiftError(unknown("design", "design", kind, DESIGNS))
    if kpi not in ROWS:
        raise LiftError(f"kpi: '{kpi}' is not counted in a test; use one of {', '.join(ROWS)}")
    _check_channel(scenario, channel, kind)
    first = _first_day(scenario, start)
    last = _last_day(scenario, first, weeks)
    if not 0 <= watch <= 26:
        raise LiftError(f"watch: {watch} weeks; outcomes are watched on for 0 to 26 weeks")
    design = Design(channel, kind, kpi, first, last, last + 7 * watch)
    _check_money(scenario, design, plan)
    if kind == "ab":
        return _people(scenario, design, share, change, message)
    return _places(design, share, change, message)


def tested(scenario: Scenario, design: Design) -> tuple[Scenario, Scenario]:
    """The market of a test, before it and with its hold-out in it; everybody's orders are seen."""
    before = everybody_seen(scenario)
    if design.kind == "geo":
        return before, before
    data = before.model_dump(mode="json")
    what: dict[str, Any] = {"channel": design.channel, "shows": False}
    if design.message:
        what = {"rule": design.message, "wait": NEVER}
    data["variants"] = [*data["variants"], {"name": HELD_OUT, "share": design.share, **what}]
    return before, Scenario.model_validate(data)


def _check_channel(scenario: Scenario, name: str, kind: str) -> None:
    names = [channel.name for channel in scenario.channels]
    if name not in names:
        raise LiftError(unknown("channel", "channel", name, names))
    channel = scenario.channel(name)
    if not channel.plannable:
        raise LiftError(
            f"channel: nobody can switch {name} off, which comes by itself ({channel.delivery}); "
            f"test one of {', '.join(scenario.plannable)}"
        )
    if kind == "ab" and (why := _for_everybody(channel)):
        raise LiftError(
            f"design: ab cannot withhold {name} from single people: {why}; use the design geo"
        )


def _for_everybody(channel: Channel) -> str:
    """Why a channel meets all people of a place or none; empty where persons can be told apart."""
    if channel.place == "offline" or channel.kind.has_dates:
        return "it takes place offline, where whoever passes by meets it"
    if channel.slot == "organic":
        return "a search engine shows organic results to everybody"
    return ""


def _first_day(scenario: Scenario, start: str | dt.date | None) -> int:
    if start is None:
        return scenario.history_days
    try:
        day = start if isinstance(start, dt.date) else dt.date.fromisoformat(start)
    except ValueError:
        raise LiftError(f"start: {start!r} is no date; write one such as 2026-03-01") from None
    first, end = scenario.history_days, scenario.history_days + scenario.year_days
    if not first <= scenario.day_of(day) < end:
        raise LiftError(
            f"start: {day} is not in the planned year, {scenario.start} to "
            f"{scenario.start + dt.timedelta(scenario.year_days - 1)}; choose a day in it"
        )
    return scenario.day_of(day)


def _last_day(scenario: Scenario, first: int, weeks: int | None) -> int:
    end = scenario.history_days + scenario.year_days
    if weeks is None:
        return end
    if weeks < 1 or first + 7 * weeks > end:
        begin = scenario.history_start + dt.timedelta(first)
        raise LiftError(
            f"weeks: {weeks} do not fit between {begin} and the end of the planned year, which is "
            f"{(end - first) // 7} weeks; ask for that at most and 1 at least, or begin earlier "
            "(start)"
        )
    return first + 7 * weeks


def _check_money(scenario: Scenario, design: Design, plan: MediaPlan) -> None:
    """Refuse a test of what is not there: no money in its months, and nothing that lasts."""
    channel = scenario.channel(design.channel)
    month = np.repeat(np.arange(12), [scenario.days_in(name) for name in scenario.months])
    days = slice(design.first - scenario.history_days, design.last - scenario.history_days)
    name = design.channel
    spent = plan.of(name)[month[days]].sum() if name in plan.channels else 0.0
    dates = [scenario.history_start + dt.timedelta(n) for n in range(design.first, design.last)]
    there = any(channel.takes_place(day) for day in dates)
    if (spent == 0.0 and channel.retention == 0.0) or not there:
        why = "has no money in the plan" if there else "does not take place"
        raise LiftError(
            f"channel: {name} {why} from {dates[0]} to {dates[-1]}, so there is nothing to test; "
            "change the plan or the dates (start, weeks)"
        )


def _people(
    scenario: Scenario,
    design: Design,
    share: float | None,
    change: float | None,
    message: str | None,
) -> Design:
    held = 0.5 if share is None else share
    if not 0.0 < held < 1.0:
        raise LiftError(
            f"share: {held:g} leaves one side without people; hold out more than 0 and less than 1 "
            "of them, half is best"
        )
    if change not in (None, -1.0):
        raise LiftError(
            f"change: {change:+.0%}; ab withholds a channel, it does not change its money; leave "
            "it out, or use the design geo"
        )
    rules = [rule.name for rule in scenario.automation.rules if rule.channel == design.channel]
    if message is not None and message not in rules:
        raise LiftError(
            f"message: '{message}' is no rule of automation that sends by {design.channel}; "
            f"{hint(message, rules)}"
        )
    if len(scenario.variants) >= VARIANTS:
        raise LiftError(
            f"variants: the scenario has {VARIANTS} tests already; take one out to make another"
        )
    return replace(design, share=held, message=message or "")


def _places(
    design: Design, share: float | None, change: float | None, message: str | None
) -> Design:
    if share is not None:
        raise LiftError(
            f"share: {share:g}; geo treats one of each pair of communities, which is half; leave "
            "it out, or use the design ab"
        )
    if message is not None:
        raise LiftError("message: a single message is withheld from people; use the design ab")
    step = -1.0 if change is None else change
    if step == 0.0 or not -1.0 <= step <= 10.0:
        raise LiftError(
            f"change: {step:+.0%} of a channel's money; use −100 % (off) to +1000 %, and not 0"
        )
    return replace(design, change=step)
