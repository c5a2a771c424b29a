"""Upper bounds of what a market sets going: who leads on to whom, and how much a day may hold.

An expected chain is a sum over a graph: x = sources (I − F)⁻¹, where F[a, b] is the chance that who
is met by a goes on to b, at the strongest engagement that the scenario allows. A search leads to
the slot that makes the most of it: of all fixed choices the best is the best policy (Puterman 1994,
theorem 7.1.9). So these are bounds of means, and several times above what usually happens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scenarios.checks.dates import needs_and_attention
from tiermix.core.arrays import Floats
from tiermix.core.limits import OPEN_NEEDS

if TYPE_CHECKING:
    from scenarios.data import ScenarioData
    from scenarios.parts.channels import Channel
    from scenarios.parts.operations import Rule


def strongest(scenario: ScenarioData, channel: Channel) -> float:
    """Chance to engage where stage, theme, interest, content and variants are all at their best."""
    behaviour = scenario.behaviour
    if not channel.kind.engages:
        return 0.0
    if channel.kind.on_result_page or channel.engagement == 1.0:
        return 1.0
    agreement = max(1.0, behaviour.theme_pillar, behaviour.theme_off_core)
    gain = behaviour.match_gain + behaviour.theme_gain * agreement * channel.themed
    fit = max(1.0, *channel.stage_fit.values()) if channel.stage_fit else 1.0
    fit *= _best_content(scenario, channel)
    for variant in scenario.variants:
        if variant.channel == channel.name:
            fit *= max(1.0, variant.heard)
    odds = channel.engagement / (1.0 - channel.engagement) * fit * math.exp(min(gain, 100.0))
    return odds / (1.0 + odds)


def _best_content(scenario: ScenarioData, channel: Channel) -> float:
    """Factor of the strongest asset that the channel carries; 1 is plain content."""
    fits = {form.name: form.stage_fit for form in scenario.content.formats}
    best = 1.0
    for asset in scenario.content.assets:
        if channel.name in asset.channels:
            best = max(best, asset.quality * max([1.0, *fits.get(asset.format, {}).values()]))
    return best


def flows(scenario: ScenarioData) -> Iterator[Floats]:
    """F for each slot that a search may lead to; with all targets there, and with all of them off.

    The last row and column are the result page. Who finds a channel off searches instead.
    """
    names = [c.name for c in scenario.channels]
    dials = scenario.integration
    handed = np.zeros((len(names) + 1, len(names) + 1))
    for row, channel in zip(handed, scenario.channels, strict=False):
        shares = [channel.hand_offs.get(name, 0.0) for name in (*names, "search")]
        row[:] = np.array(shares) * strongest(scenario, channel) * _seamless(scenario)
    instead = np.zeros_like(handed)
    instead[:, -1] = handed[:, -1] + dials.substitution * handed[:, :-1].sum(axis=1)
    slots = [n for n, c in enumerate(scenario.channels) if c.kind.on_result_page]
    for flow in (handed, instead):
        for slot in slots or [0]:
            flow[-1] = 0.0
            flow[-1, slot] = 1.0 if slots else 0.0
            yield flow.copy()


def _seamless(scenario: ScenarioData) -> float:
    before = [item.before.get("seamless", 0.0) for item in scenario.investments]
    return max([scenario.integration.seamless, *before])


@dataclass(frozen=True)
class Traffic:
    """Bounds of daily means for a scenario whose hand-offs fade; per person unless it says so."""

    scenario: ScenarioData

    @cached_property
    def _engaged(self) -> Floats:
        """Strongest chance to engage, by channel and for the result page (none)."""
        return np.array([*(strongest(self.scenario, c) for c in self.scenario.channels), 0.0])

    @cached_property
    def _inverses(self) -> list[Floats]:
        return [np.asarray(np.linalg.inv(np.eye(len(f)) - f), float) for f in flows(self.scenario)]

    def expected(self, worth: Floats) -> Floats:
        """What one person met by each channel, or by the result page [C + 1], brings in all."""
        return np.asarray(np.max([inverse @ worth for inverse in self._inverses], axis=0), float)

    def of_channels(self, field: str) -> Floats:
        """Engagement times a share that each channel has, [C + 1]."""
        shares = [*(getattr(c, field) for c in self.scenario.channels), 0.0]
        return np.asarray(self._engaged * np.array(shares, float))

    @cached_property
    def visits_each(self) -> Floats:
        """Visits that follow from being met once by each channel or the result page."""
        return self.expected(self.of_channels("click_through"))

    @cached_property
    def needs_each(self) -> Floats:
        """Needs that are awakened by being met once, on all the way."""
        return self.expected(self.of_channels("awaken"))

    @cached_property
    def factors(self) -> dict[str, float]:
        """The highest factors on needs and attention."""
        return {k: float(v.max()) for k, v in needs_and_attention(self.scenario).items()}

    @cached_property
    def met(self) -> Floats:
        """How often a person is met a day by each channel itself, [C + 1], the page left out."""
        automation, attention = self.scenario.automation, self.factors["attention"]
        rate = [c.peak * max([1.0, *c.affinity.values()]) for c in self.scenario.channels]
        kinds = [channel.kind for channel in self.scenario.channels]
        pushed = np.array([kind.chooses_people for kind in kinds])
        mails = np.array([kind.sends_messages for kind in kinds])
        opened = self.messages * automation.open_rate
        sources = np.array(rate) * pushed * attention + mails * opened
        return np.append(sources, 0.0)

    @cached_property
    def exposures(self) -> float:
        """Opportunities of all channels a day, by which the market makes room."""
        people = self.scenario.personas
        best = [max(c.affinity.get(p.name, 1.0) for p in people) for c in self.scenario.channels]
        peaks = [c.peak * most for c, most in zip(self.scenario.channels, best, strict=True)]
        return sum(peaks) * self.factors["attention"]

    @cached_property
    def messages(self) -> float:
        """Messages a day: a seventh of the weekly cap, and all that fall on one date."""
        automation = self.scenario.automation
        dated = sum(rule.when == "date" for rule in automation.rules)
        usual = automation.weekly_cap / 7.0 if automation.rules else 0.0
        return min(float(automation.weekly_cap), dated + usual)

    @cached_property
    def arrivals(self) -> float:
        """Needs a day that arise by themselves, on the strongest day, over all personas."""
        mean = sum(
            p.share * max(p.needs_per_year, p.repeat_needs_per_year) for p in self.scenario.personas
        )
        return mean / 365.0 * self.factors["needs"]

    @cached_property
    def looks(self) -> float:
        """Looks a day: by Little's law, from above, since looks may awaken needs in turn."""
        people = self.scenario.personas
        pace = sum(p.share * p.looks_per_day for p in people)
        life = max(p.need_days for p in people)
        found = OPEN_NEEDS * pace
        for _ in range(20):
            found = min(OPEN_NEEDS, self._needs(found) * life) * pace
        return found

    def _needs(self, looks: float) -> float:
        """Needs a day when people look so often; each order may awaken more (a branching sum)."""
        awakened = float(self.met @ self.needs_each + looks * self.needs_each[-1])
        return (self.arrivals + awakened) / (1.0 - min(self.offspring, 0.95))

    @cached_property
    def needs(self) -> float:
        """Needs a day, awakened ones included; an order needs one."""
        return self._needs(self.looks)

    @cached_property
    def told(self) -> float:
        """People told by an order."""
        talk = self.scenario.word_of_mouth
        return talk.mentions * talk.referrals if talk.channel else 0.0

    @cached_property
    def offspring(self) -> float:
        """Needs that one order awakens in others, each of which may end in an order."""
        return self.told * float(self.needs_each[self._earned]) if self.told else 0.0

    @property
    def _earned(self) -> int:
        names = [c.name for c in self.scenario.channels]
        return names.index(self.scenario.word_of_mouth.channel)

    def _all(self, each: Floats, per_look: float = 0.0) -> float:
        """Sum over all that people are met by in a day."""
        total = float(self.met @ each) + self.looks * (float(each[-1]) + per_look)
        return total + (self.needs * self.told * float(each[self._earned]) if self.told else 0.0)

    @cached_property
    def visits(self) -> float:
        """Visits a day."""
        return self._all(self.visits_each, per_look=1.0)

    @cached_property
    def rows(self) -> float:
        """Rows of the log a day."""
        slots = sum(c.kind.on_result_page for c in self.scenario.channels)
        each = 1.0 + self._engaged
        each[-1] = slots
        asked = 2.0 * self.requests if self.scenario.desk.agents else 0.0
        return self._all(self.expected(each)) + 2.0 * self.messages + 4.0 * self.visits + asked

    @cached_property
    def events(self) -> float:
        """Events that are put on the agenda a day."""
        talk, handed = self.scenario.word_of_mouth, self.expected(self._engaged)
        orders = self._rules("order") + self._rules("lapse") + self.told + talk.complaints
        visits = float(max(self._rules("visit"), self._rules("cart")) + self._rules("lapse"))
        visits += self.scenario.leads.download * self._rules("download")
        return (
            self._all(handed) + 2.0 * self.looks + 2.0 * self.needs + visits * self.visits
        ) + min(self.needs, self.visits) * orders

    def _rules(self, event: str) -> int:
        return sum(rule.when == event for rule in self.scenario.automation.rules)

    @cached_property
    def requests(self) -> float:
        """Requests to the desk a day: each need asks once, each order may have an issue."""
        desk, leads = self.scenario.desk, self.scenario.leads
        stock = min(OPEN_NEEDS, self.needs * max(p.need_days for p in self.scenario.personas))
        asks = leads.form + desk.questions
        if not leads.form and not leads.threshold:
            asks += self.scenario.behaviour.cart
        about = min(self.visits, stock + self.needs) * min(1.0, asks)
        return about + min(self.visits, self.needs) * desk.issues + self._scored

    @property
    def _scored(self) -> float:
        """Leads by score a day: points given over points needed, one a person at most."""
        leads = self.scenario.leads
        if not leads.threshold:
            return 0.0
        clicks = self._all(self.expected(self._engaged))
        opened = self.messages * self.scenario.automation.open_rate
        often = {"click": clicks, "open": opened}
        points = sum(x * often.get(kind, self.visits) for kind, x in leads.points.items())
        return min(1.0, points / leads.threshold)

    def answered_by(self, rule: Rule) -> float:
        """Visits that one message of a rule of automation leads to."""
        names = [c.name for c in self.scenario.channels]
        if rule.channel not in names:
            return 0.0
        each = float(self.visits_each[names.index(rule.channel)])
        return self.scenario.automation.open_rate * each

    @cached_property
    def messages_by_visit(self) -> float:
        """Visits that follow from one visit by way of the messages that answer it."""
        found = {"visit": 0.0, "cart": 0.0, "download": 0.0}
        for rule in self.scenario.automation.rules:
            if rule.when in found:
                found[rule.when] += self.answered_by(rule)
        either = max(found["visit"], self.scenario.behaviour.cart * found["cart"])
        return either + self.scenario.leads.download * found["download"]
