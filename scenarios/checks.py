"""What has to hold between the parts of a scenario; each check yields sentences with the remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.kpis import KPIS

if TYPE_CHECKING:
    from scenarios.parts import Channel
    from scenarios.schema import Scenario

HAND_OFF_RADIUS = 0.9
EXPOSURES_A_DAY = 10.0
"""A person's opportunities a day over all channels: more is no market, and no memory holds it."""
FIRST_YEAR, LAST_YEAR = 1902, 2200


def problems_of(scenario: Scenario) -> list[str]:
    """All that is wrong between the parts, as sentences that begin with the field."""
    if wrong_start := list(_start(scenario)):
        return wrong_start
    checks = (
        *(_names, _shares, _dates, _references, _history, _asks),
        *(_hand_offs, _exposures, _uncertainty),
    )
    return [problem for check in checks for problem in check(scenario)]


def unknown(field: str, kind: str, value: str, known: Iterable[str]) -> str:
    """The sentence for a name that does not exist, with the nearest one that does."""
    names = list(known)
    near = get_close_matches(value, names, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names)}"
    return f"{field}: unknown {kind} '{value}'; {hint}"


def _names(scenario: Scenario) -> Iterator[str]:
    for field in ("channels", "personas", "regions"):
        counts = Counter(part.name for part in getattr(scenario, field))
        for name, count in counts.items():
            if count > 1:
                yield f"{field}: '{name}' stands {count} times; give each one its own name"
    for name, count in Counter(rule.name for rule in scenario.rules).items():
        if count > 1:
            yield f"rules: '{name}' stands {count} times; prices and conflicts need unique names"
    if not scenario.plannable:
        yield "channels: money can be given to none of them; add one that is not `direct`"


def _shares(scenario: Scenario) -> Iterator[str]:
    for field in ("personas", "regions"):
        total = sum(part.share for part in getattr(scenario, field))
        if abs(total - 1) > 1e-6:
            yield f"{field}: shares add up to {total:g}; they have to add up to 1"
    if abs(sum(scenario.tier_shares) - 1) > 1e-6:
        yield f"tier_shares: add up to {sum(scenario.tier_shares):g}; they have to add up to 1"


def _start(scenario: Scenario) -> Iterator[str]:
    start = scenario.start
    if start.day != 1:
        yield f"start: {start} is not the first of a month; use {start.replace(day=1)}"
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        yield f"start: {start} lies outside {FIRST_YEAR} to {LAST_YEAR}; use a year between"


def _dates(scenario: Scenario) -> Iterator[str]:
    last = scenario.start.replace(year=scenario.start.year + 2)
    for season in scenario.seasons:
        if season.end < scenario.history_start or season.start >= last:
            yield (
                f"seasons: {season.name} ({season.start} to {season.end}) lies outside the "
                f"market's years, {scenario.history_start} to {last}; move or remove it"
            )


def _references(scenario: Scenario) -> Iterator[str]:
    channels = [c.name for c in scenario.channels]
    personas = [p.name for p in scenario.personas]
    regions = [r.name for r in scenario.regions]
    for channel in scenario.channels:
        field = f"channels.{channel.name}"
        for name in channel.hand_offs:
            if name not in [*channels, "search"]:
                yield unknown(f"{field}.hand_offs", "channel", name, [*channels, "search"])
            elif name != "search" and scenario.channel(name).delivery != "broadcast":
                yield (
                    f"{field}.hand_offs: '{name}' is not broadcast content; use 'search' or "
                    "`click_through`"
                )
        for name in channel.affinity:
            if name not in personas:
                yield unknown(f"{field}.affinity", "persona", name, personas)
        for name in channel.regions:
            if name not in regions:
                yield unknown(f"{field}.regions", "region", name, regions)
    messages = [c.name for c in scenario.channels if c.delivery == "triggered"]
    for rule in scenario.automation.rules:
        if rule.channel not in messages:
            field = f"automation.rules.{rule.name}.channel"
            yield unknown(field, "triggered channel", rule.channel, messages)


def _history(scenario: Scenario) -> Iterator[str]:
    for name, amounts in scenario.history.spend.items():
        if name not in scenario.plannable:
            yield unknown("history.spend", "plannable channel", name, scenario.plannable)
        elif len(amounts) not in (1, 12):
            yield f"history.spend.{name}: has {len(amounts)} sums; give one for the year or twelve"
    if not sum(scenario.history.profile):
        yield "history.profile: is zero in every month; give some month a weight"
    if not sum(sum(amounts) for amounts in scenario.history.spend.values()):
        yield "history.spend: last year spent nothing; curves and goals need a year to start from"


def _asks(scenario: Scenario) -> Iterator[str]:
    if scenario.objective not in KPIS:
        yield unknown("objective", "KPI", scenario.objective, KPIS)
    known: dict[str, set[Any]] = {
        "channels": set(scenario.plannable),
        "kpis": set(KPIS),
        "months": set(scenario.months),
        "tiers": {c.tier for c in scenario.channels},
    }
    for ask in (*scenario.rules, *scenario.goals):
        label = "rules" if ask in scenario.rules else "goals"
        for kind, names in ask.mentions()._asdict().items():
            for name in names:
                if name not in known[kind]:
                    field = f"{label}.{ask.name}"
                    yield unknown(field, kind[:-1], str(name), map(str, sorted(known[kind])))


def _hand_offs(scenario: Scenario) -> Iterator[str]:
    radius = max(float(max(abs(np.linalg.eigvals(flow)))) for flow in _flows(scenario))
    if radius > HAND_OFF_RADIUS:
        yield (
            f"channels.*.hand_offs: engaged people would be handed on in circles (spectral radius "
            f"{radius:.2f}, at most {HAND_OFF_RADIUS}); lower the shares of the loop"
        )


def _flows(scenario: Scenario) -> Iterator[np.ndarray[Any, Any]]:
    """Who hands on to whom at the strongest engagement; for each slot that a search may lead to."""
    names = [*(c.name for c in scenario.channels), "search"]
    flow = np.zeros((len(names), len(names)))
    for row, channel in zip(flow, scenario.channels, strict=False):
        row[:] = [
            channel.hand_offs.get(name, 0.0) * _strongest(scenario, channel) for name in names
        ]
    flow *= scenario.integration.seamless
    slots = [n for n, c in enumerate(scenario.channels) if c.delivery == "search"]
    for slot in slots or [0]:
        flow[-1] = 0.0
        flow[-1, slot] = 1.0 if slots else 0.0
        yield flow


def _strongest(scenario: Scenario, channel: Channel) -> float:
    """Chance to engage where stage, themes and interests all meet; a click on a page is one."""
    behaviour = scenario.behaviour
    if channel.delivery == "search" or channel.engagement == 1.0:
        return 1.0
    agreement = max(1.0, behaviour.theme_pillar, behaviour.theme_off_core)
    gain = behaviour.match_gain + behaviour.theme_gain * agreement * channel.themed
    fit = max(1.0, *channel.stage_fit.values()) if channel.stage_fit else 1.0
    odds = channel.engagement / (1.0 - channel.engagement) * fit * np.exp(min(gain, 100.0))
    return float(odds / (1.0 + odds))


def _exposures(scenario: Scenario) -> Iterator[str]:
    season = max([1.0, *(s.attention for s in scenario.seasons)])
    most = season * sum(c.peak * max([1.0, *c.affinity.values()]) for c in scenario.channels)
    if most > EXPOSURES_A_DAY:
        yield (
            f"channels.*.peak: a person could be met {most:,.1f} times a day (peak times affinity "
            f"times season, all channels), at most {EXPOSURES_A_DAY:g}; lower the peaks"
        )


def _uncertainty(scenario: Scenario) -> Iterator[str]:
    from scenarios.paths import PathError, places

    data = scenario.model_dump(mode="python")
    for item in scenario.uncertainty:
        try:
            found = places(data, item.path)
        except PathError as error:
            yield f"uncertainty: {error}"
            continue
        for place in found:
            value = place.get()
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield f"uncertainty: {item.path} is not a number; name one that is"
