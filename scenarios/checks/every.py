"""What has to hold between the parts of a scenario; each check yields sentences with the remedy.

In three steps, each of which the next relies on: sizes, then what parts say of one another, then
how much all of it together sets going.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scenarios.checks.candidates import candidate_problems
from scenarios.checks.dates import date_problems
from scenarios.checks.load import traffic_problems
from scenarios.checks.parts import part_problems
from scenarios.checks.sizes import size_problems
from scenarios.kpis import KPIS
from scenarios.parts.plausibility import IMPLIED
from tiermix.core.hints import unknown

if TYPE_CHECKING:
    from scenarios.data import ScenarioData

FIRST_YEAR, LAST_YEAR = 1902, 2200


def problems_of(scenario: ScenarioData) -> list[str]:
    """All that is wrong between the parts, as sentences that begin with the field."""
    if wrong_start := list(_start(scenario)):
        return wrong_start
    if wrong_sizes := list(size_problems(scenario)):
        return wrong_sizes
    checks = (
        *(_names, _shares, date_problems, _references, part_problems, _history, _asks),
        *(_uncertainty, _beliefs, candidate_problems),
    )
    problems = [problem for check in checks for problem in check(scenario)]
    return problems or list(traffic_problems(scenario))


def _names(scenario: ScenarioData) -> Iterator[str]:
    for name, count in Counter(rule.name for rule in scenario.rules).items():
        if count > 1:
            yield f"rules: '{name}' stands {count} times; prices and conflicts need unique names"
    if not scenario.plannable:
        yield "channels: money can be given to none of them; add one that is not `direct`"


def _shares(scenario: ScenarioData) -> Iterator[str]:
    for field in ("personas", "regions"):
        total = sum(part.share for part in getattr(scenario, field))
        if abs(total - 1) > 1e-6:
            yield f"{field}: shares add up to {total:g}; they have to add up to 1"
    if abs(sum(scenario.tier_shares) - 1) > 1e-6:
        yield f"tier_shares: add up to {sum(scenario.tier_shares):g}; they have to add up to 1"


def _start(scenario: ScenarioData) -> Iterator[str]:
    start = scenario.start
    if start.day != 1:
        yield f"start: {start} is not the first of a month; use {start.replace(day=1)}"
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        yield f"start: {start} lies outside {FIRST_YEAR} to {LAST_YEAR}; use a year between"


def _references(scenario: ScenarioData) -> Iterator[str]:
    channels = [c.name for c in scenario.channels]
    personas = [p.name for p in scenario.personas]
    regions = [r.name for r in scenario.regions]
    for channel in scenario.channels:
        field = f"channels.{channel.name}"
        for name in channel.hand_offs:
            if name not in [*channels, "search"]:
                yield unknown(f"{field}.hand_offs", "channel", name, [*channels, "search"])
            elif name != "search" and not scenario.channel(name).kind.takes_hand_offs:
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


def _history(scenario: ScenarioData) -> Iterator[str]:
    for name, amounts in scenario.history.spend.items():
        if name not in scenario.plannable:
            yield unknown("history.spend", "plannable channel", name, scenario.plannable)
        elif len(amounts) not in (1, 12):
            yield f"history.spend.{name}: has {len(amounts)} sums; give one for the year or twelve"
    if not sum(scenario.history.profile):
        yield "history.profile: is zero in every month; give some month a weight"
    if not sum(sum(amounts) for amounts in scenario.history.spend.values()):
        yield "history.spend: last year spent nothing; curves and goals need a year to start from"


def _asks(scenario: ScenarioData) -> Iterator[str]:
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
    for rule in scenario.rules:
        for misfit in rule.misfits(scenario.plannable, scenario.months):
            yield f"rules.{rule.name}.{misfit}"


def _beliefs(scenario: ScenarioData) -> Iterator[str]:
    """A scope that is not there would only come to light after minutes of simulation."""
    tiers = sorted({c.tier for c in scenario.channels})
    planned = [o.name for o in scenario.offers if o.end >= scenario.start]
    places = {
        "channel": scenario.plannable,
        "all": ["all"],
        "tier": [f"tier {tier}" for tier in tiers],
        "offer": planned,
    }
    scopes = scenario.scopes(scenario.months)
    for belief in scenario.beliefs:
        kinds = IMPLIED.get(belief.name)
        known = scopes if kinds is None else [name for kind in kinds for name in places[kind]]
        if belief.scope and belief.scope not in known:
            yield unknown(f"beliefs.{belief.figure}", "scope", belief.scope, sorted(known))


def _uncertainty(scenario: ScenarioData) -> Iterator[str]:
    from scenarios.dotted_paths import PathError, places

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
