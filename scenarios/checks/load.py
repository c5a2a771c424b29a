"""How much a scenario may set going: chains that fade, and days that a market has room for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from scenarios.checks.load_bounds import Traffic, flows
from tiermix.core.limits import REQUESTS_A_DAY

if TYPE_CHECKING:
    from scenarios.data import ScenarioData

HAND_OFF_RADIUS = 0.9
OFFSPRING = 0.9
"""An order that awakens so many needs in others: below 1 talk dies out, and this soon enough."""
EXPOSURES_A_DAY = 10.0
"""A person's opportunities a day over all channels: more is no market, and no memory holds it."""
LEAST_PEAK = 1e-9
ROWS, EVENTS, OPEN = 16.0, 8.0, 0.5
"""Half of what a market keeps free for each person and day, besides so many per opportunity:
32 + 3 rows and 16 + 1.5 events."""
WHOLE = 2.0**61
"""Money is counted in whole hundredths of 63 bits; a quarter of that is a bound of the mean."""


def traffic_problems(scenario: ScenarioData) -> Iterator[str]:
    """Sentences about chains and days; expects a scenario whose parts fit together."""
    traffic = Traffic(scenario)
    if endless := [*_hand_offs(scenario), *_exposures(scenario, traffic)]:
        yield from endless
        return
    if endless := [*_talk(traffic), *_messages(traffic)]:
        yield from endless
        return
    for check in (_room, _requests, _money):
        yield from check(scenario, traffic)


def _hand_offs(scenario: ScenarioData) -> Iterator[str]:
    radius = max(float(max(abs(np.linalg.eigvals(flow)))) for flow in flows(scenario))
    if radius > HAND_OFF_RADIUS:
        yield (
            f"channels.*.hand_offs: engaged people would be handed on in circles (spectral radius "
            f"{radius:.2f}, at most {HAND_OFF_RADIUS}); lower the shares of the loop"
        )


def _exposures(scenario: ScenarioData, traffic: Traffic) -> Iterator[str]:
    if traffic.exposures > EXPOSURES_A_DAY:
        yield (
            f"channels.*.peak: a person could be met {traffic.exposures:,.1f} times a day (peak "
            f"times affinity times season, all channels), at most {EXPOSURES_A_DAY:g}; lower the "
            "peaks"
        )
    for channel in scenario.channels:
        bound = max([0.0, *(channel.affinity.get(p.name, 1.0) for p in scenario.personas)])
        if 0.0 < channel.peak * (bound or 1.0) < LEAST_PEAK:
            yield (
                f"channels.{channel.name}.peak: {channel.peak:g} times its affinity is hardly "
                f"anything; use 0, or {LEAST_PEAK:g} or more"
            )


def _talk(traffic: Traffic) -> Iterator[str]:
    if traffic.offspring > OFFSPRING:
        yield (
            f"word_of_mouth.referrals: talk would feed on itself: an order could awaken "
            f"{traffic.offspring:.2f} needs in others (mentions times referrals times what hearing "
            f"of it awakens), at most {OFFSPRING}; lower `mentions`, `referrals`, or `awaken` of "
            f"the channels that it leads to"
        )


def _messages(traffic: Traffic) -> Iterator[str]:
    if traffic.messages_by_visit > OFFSPRING:
        yield (
            f"automation.rules: messages that answer visits would lead to "
            f"{traffic.messages_by_visit:.2f} further visits each, at most {OFFSPRING}, and only "
            "the weekly cap would stop them; lower `open_rate` or `click_through`, or have fewer "
            "rules with `when: visit`, `cart` or `download`"
        )


def _room(scenario: ScenarioData, traffic: Traffic) -> Iterator[str]:
    """The market keeps room for a day in advance: rows of the log, events of the agenda."""
    del scenario
    for what, most, free, each in (
        ("rows", traffic.rows, ROWS, 3.0 * OPEN),
        ("events", traffic.events, EVENTS, 1.5 * OPEN),
    ):
        limit = free + each * traffic.exposures
        if most > limit:
            yield (
                f"personas.*.looks_per_day: a person could cause {most:,.1f} {what} a day with "
                f"{traffic.needs:.2g} needs, {traffic.looks:.2g} looks and {traffic.visits:.2g} "
                f"visits, at most {limit:,.1f}; lower needs, looks, `click_through`, `awaken`, "
                "`weekly_cap` or the number of rules of automation"
            )


def _requests(scenario: ScenarioData, traffic: Traffic) -> Iterator[str]:
    if not scenario.desk.agents:
        return
    people = 1.5 * scenario.community_size(scenario.defaults.customers)  # the largest, from above
    mean = traffic.requests * people
    if mean + 6.0 * math.sqrt(mean) > REQUESTS_A_DAY:
        yield (
            f"desk: a community of {people:,.0f} could ask its desk {mean:,.0f} times a day, and "
            f"a desk takes {REQUESTS_A_DAY:,} at most; lower `desk.questions`, `desk.issues` or "
            "`leads.form`, raise `leads.threshold`, or simulate fewer customers "
            "(`defaults.customers`)"
        )


def _money(scenario: ScenarioData, traffic: Traffic) -> Iterator[str]:
    orders = 365.0 * min(traffic.needs, traffic.visits) * scenario.defaults.customers
    dearest = max(scenario.personas, key=lambda p: p.order_value)
    if 100.0 * orders * dearest.order_value > WHOLE:
        yield (
            f"personas.{dearest.name}.order_value: {orders:,.0f} orders a year of "
            f"{dearest.order_value:,.0f} are more money than can be counted; use a larger unit of "
            "money, or simulate fewer customers (`defaults.customers`)"
        )
