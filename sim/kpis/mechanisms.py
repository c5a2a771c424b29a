"""Mechanisms: what a scenario needs to have before a KPI can be measured in its market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scenarios import Channel, Persona, Scenario
from sim.kpis.insight import prior_variance


class Part(NamedTuple):
    """The part of a market that a scope speaks of."""

    scenario: Scenario
    channels: Sequence[Channel]
    personas: Sequence[Persona]


class Mechanism(NamedTuple):
    """What a KPI needs, in words, and whether it is there."""

    words: str
    there: Callable[[Part], bool]


def _triggered(part: Part) -> bool:
    return any(c.kind.sends_messages for c in part.channels)


def _asks(part: Part) -> bool:
    return part.scenario.loyalty.answers > 0


def _qualifies(part: Part) -> bool:
    return part.scenario.desk.agents > 0 and part.scenario.leads.sells == "desk"


def _mentions(part: Part) -> bool:
    words = part.scenario.word_of_mouth
    return bool(words.channel) and words.mentions > 0


_ANSWERS = Mechanism("buyers who are asked (`loyalty.answers` above 0)", _asks)
_MAIL = Mechanism("a channel with `delivery: triggered`", _triggered)

MECHANISMS: dict[str, Mechanism] = {
    "opportunities": Mechanism(
        "a desk that sells (`desk.agents` above 0 and `leads.sells: desk`)", _qualifies
    ),
    "downloads": Mechanism(
        "content to download (`leads.download` above 0)",
        lambda part: part.scenario.leads.download > 0,
    ),
    "mentions": Mechanism(
        "word of mouth (`word_of_mouth.channel`, and `mentions` above 0)", _mentions
    ),
    "nps": _ANSWERS,
    "satisfaction": _ANSWERS,
    "niche_penetration": Mechanism(
        "personas with a `niche` and a `niche_share` above 0",
        lambda part: any(p.niche and p.niche_share > 0 for p in part.personas),
    ),
    "insight": Mechanism(
        "a tier-3 channel with money of which `uncertainty` names a parameter",
        lambda part: any(prior_variance(part.scenario, c) > 0 for c in part.channels),
    ),
    "drive_to_core": Mechanism(
        "a channel of tier 2", lambda part: any(c.tier == 2 for c in part.channels)
    ),
    "email_click_rate": _MAIL,
    "email_sales": _MAIL,
}
"""KPIs that not every market has: without the mechanism there is no figure, rather than a 0."""


def is_there(kpi: str, part: Part) -> bool:
    """Whether this part of the market has what the KPI needs."""
    return kpi not in MECHANISMS or MECHANISMS[kpi].there(part)


def needs_of(kpi: str) -> str:
    """What a market has to have for this KPI, as a clause; empty where any market will do."""
    return f"; it needs {MECHANISMS[kpi].words}" if kpi in MECHANISMS else ""
