"""What one part says of another: names that exist, and mechanisms that would never come to act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scenarios.parts.deliveries import DELIVERIES
from tiermix.core.hints import unknown

if TYPE_CHECKING:
    from scenarios.data import ScenarioData
    from scenarios.parts.deliveries import Delivery
    from scenarios.parts.operations import Rule
    from scenarios.parts.variants import Variant

LEAST_STAY = 0.65
NAMED = (
    *("channels", "personas", "regions", "seasons", "rivals", "shocks", "shops", "offers"),
    *("controls", "variants", "investments", "candidates"),
)
DIALS = ("resolution", "personalisation", "seamless", "discipline", "automation")


def part_problems(scenario: ScenarioData) -> Iterator[str]:
    """Sentences about parts and what they refer to."""
    checks = (
        *(_unique, _listed_once, _alone, _channels, _niches, _leaving, _assets, _offers, _shocks),
        *(_variants, _investments, _automation, _leads, _desk, _word_of_mouth),
    )
    for check in checks:
        yield from check(scenario)


def _unique(scenario: ScenarioData) -> Iterator[str]:
    lists: dict[str, Iterable[Any]] = {
        "content.formats": scenario.content.formats,
        "content.assets": scenario.content.assets,
        "automation.rules": scenario.automation.rules,
    }
    for kind in NAMED:
        lists[kind] = getattr(scenario, kind)
    for field, parts in lists.items():
        yield from _twice(field, [part.name for part in parts], "give each one its own name")


def _twice(field: str, names: Sequence[str], remedy: str) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{field}: '{name}' stands {count} times; {remedy}"


def _listed_once(scenario: ScenarioData) -> Iterator[str]:
    lists: dict[str, Sequence[str]] = {"pillars": scenario.pillars}
    for channel in scenario.channels:
        lists[f"channels.{channel.name}.niches"] = channel.niches
        lists[f"channels.{channel.name}.regions"] = channel.regions
    for offer in scenario.offers:
        lists[f"offers.{offer.name}.personas"] = offer.personas
    for field, names in lists.items():
        yield from _twice(field, names, "name it once")


def _alone(scenario: ScenarioData) -> Iterator[str]:
    for delivery in (row.name for row in DELIVERIES.values() if row.stands_alone):
        names = [c.name for c in scenario.channels if c.delivery == delivery]
        if len(names) > 1:
            yield (
                f"channels: {', '.join(names)} are all `{delivery}`, and a market has one at most; "
                "keep one of them"
            )


def _with(scenario: ScenarioData, is_so: Callable[[Delivery], bool]) -> list[str]:
    """Names of the channels of whose delivery something is so."""
    return [c.name for c in scenario.channels if is_so(c.kind)]


def _known(field: str, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A sentence for each name that is not among the known ones; '' is no name."""
    known = list(known)
    for name in names:
        if name and name not in known:
            yield unknown(field, kind, name, known)


def _channels(scenario: ScenarioData) -> Iterator[str]:
    shops = [shop.name for shop in scenario.shops]
    niches = [p.niche for p in scenario.personas if p.niche]
    for channel in scenario.channels:
        field = f"channels.{channel.name}"
        yield from _known(f"{field}.shop", "shop", [channel.shop], shops)
        yield from _known(f"{field}.niches", "niche", channel.niches, dict.fromkeys(niches))
        if channel.niches and not channel.kind.chooses_people:
            choosing = [row.name for row in DELIVERIES.values() if row.chooses_people]
            yield (
                f"{field}.niches: a {channel.delivery} channel cannot choose whom it reaches; only "
                f"{', '.join(choosing)} channels have niches"
            )
        if channel.kind.calls_back and channel.window % 1.0:
            yield f"{field}.window: {channel.window:g} is not a number of whole days; round it"


def _niches(scenario: ScenarioData) -> Iterator[str]:
    for persona in scenario.personas:
        if bool(persona.niche) != (persona.niche_share > 0):
            yield (
                f"personas.{persona.name}.niche: '{persona.niche}' with `niche_share` "
                f"{persona.niche_share:g}; give both a name and a share above 0, or neither"
            )
    if scenario.behaviour.win_back > 1:
        yield (
            f"behaviour.win_back: {scenario.behaviour.win_back:g} is above 1; people who left need "
            "no more than people who never came: raise `needs_per_year`, or use 1"
        )


def _leaving(scenario: ScenarioData) -> Iterator[str]:
    """A Beta law with little weight b near 1 draws 1 itself, of which there are no odds to shift.

    P(1 - X < 2^-53) is about 2^(-53 b), and draws have 32 bits: from b = 0.65 on it cannot happen.
    """
    if not scenario.loyalty.dropout_gain and not scenario.loyalty.programme:
        return
    for persona in scenario.personas:
        if persona.dropout and (1.0 - persona.dropout) * persona.dropout_concentration < LEAST_STAY:
            yield (
                f"personas.{persona.name}.dropout_concentration: {persona.dropout_concentration:g} "
                f"with `dropout` {persona.dropout:g} makes some leave for certain, whom neither "
                "`loyalty.dropout_gain` nor `programme` could hold; use at least "
                f"{LEAST_STAY / (1.0 - persona.dropout):.2g}"
            )


def _assets(scenario: ScenarioData) -> Iterator[str]:
    carriers = _with(scenario, lambda kind: kind.carries_assets)
    formats = [form.name for form in scenario.content.formats]
    for asset in scenario.content.assets:
        field = f"content.assets.{asset.name}"
        kind = "channel that carries content"
        yield from _known(f"{field}.made_for", kind, [asset.made_for], carriers)
        yield from _known(f"{field}.adapted_to", kind, asset.adapted_to, carriers)
        yield from _known(f"{field}.pillar", "pillar", [asset.pillar], scenario.pillars)
        yield from _known(f"{field}.format", "format", [asset.format], formats)


def _offers(scenario: ScenarioData) -> Iterator[str]:
    personas = [p.name for p in scenario.personas]
    for offer in scenario.offers:
        yield from _known(f"offers.{offer.name}.personas", "persona", offer.personas, personas)
        if offer.cost > 0 and offer.utility == 0:
            yield (
                f"offers.{offer.name}: `cost` {offer.cost:g} would never be paid, since nobody "
                "takes an offer whose `utility` is 0; raise `utility`, or set `cost` to 0"
            )


def _shocks(scenario: ScenarioData) -> Iterator[str]:
    bought = _with(scenario, lambda kind: kind.is_media)
    for shock in scenario.shocks:
        yield from _known(f"shocks.{shock.name}.channel", "channel", [shock.channel], bought)


def _variants(scenario: ScenarioData) -> Iterator[str]:
    rules = [rule.name for rule in scenario.automation.rules]
    slots = _with(scenario, lambda kind: kind.on_result_page)
    for variant in scenario.variants:
        field = f"variants.{variant.name}"
        yield from _known(f"{field}.channel", "channel", [variant.channel], scenario.plannable)
        yield from _known(f"{field}.rule", "rule of automation", [variant.rule], rules)
        yield from _idle_fields(field, variant)
        if variant.channel in slots and variant.heard != 1.0:
            yield (
                f"{field}.heard: {variant.channel} is a place on the result page, which is not "
                "heard; leave `heard` out, or hold it back with `shows: false`"
            )


def _idle_fields(field: str, variant: Variant) -> Iterator[str]:
    """Fields that the other kind of variant has."""
    other = ("offer", "offer_cost", "wait") if variant.channel else ("shows", "heard")
    usual = type(variant).model_fields
    for name in other:
        if getattr(variant, name) != usual[name].default:
            kinds = ("channel", "rule") if variant.channel else ("rule", "channel")
            yield f"{field}.{name}: a variant of a {kinds[0]} has none (of a {kinds[1]}); remove it"


def _investments(scenario: ScenarioData) -> Iterator[str]:
    owner: dict[str, str] = {}
    for item in scenario.investments:
        field = f"investments.{item.name}.before"
        yield from _known(field, "dial", item.before, DIALS)
        for dial, value in item.before.items():
            other = owner.setdefault(dial, item.name)
            if other != item.name:
                yield (
                    f"{field}.{dial}: '{other}' says what {dial} was before as well; a dial "
                    "changes once, so let one of them have it"
                )
            if dial == "automation" and value not in (0.0, 1.0):
                yield f"{field}.automation: {value:g} is neither 0 (off) nor 1 (on); use one"


def _automation(scenario: ScenarioData) -> Iterator[str]:
    messages = _with(scenario, lambda kind: kind.sends_messages)
    for rule in scenario.automation.rules:
        field = f"automation.rules.{rule.name}"
        if rule.channel not in messages:
            yield unknown(f"{field}.channel", "triggered channel", rule.channel, messages)
        yield from _known(f"{field}.pillar", "pillar", [rule.pillar], scenario.pillars)
        yield from _idle_rule(scenario, field, rule)


def _idle_rule(scenario: ScenarioData, field: str, rule: Rule) -> Iterator[str]:
    """What a rule says that could never come to act."""
    if "download" in (rule.when, rule.unless) and not scenario.leads.download:
        yield (
            f"{field}: it waits for a download, and `leads.download` is 0; raise that, or use "
            "another event"
        )
    if rule.when == "lapse" and rule.unless != "none":
        yield (
            f"{field}.unless: a rule with `when: lapse` is called off by any visit or order "
            f"anyway; leave '{rule.unless}' out"
        )
    offers = [v.offer for v in scenario.variants if v.rule == rule.name]
    if rule.offer_cost > 0 and not any((rule.offer, *offers)):
        yield (
            f"{field}.offer_cost: {rule.offer_cost:g} would never be paid, since `offer` is 0; "
            "raise `offer`, or set `offer_cost` to 0"
        )


def _leads(scenario: ScenarioData) -> Iterator[str]:
    leads, agents = scenario.leads, scenario.desk.agents
    if leads.threshold > 0 and not any(leads.points.values()):
        yield (
            f"leads.threshold: {leads.threshold:g} is reached by nobody, since `leads.points` "
            "gives none; give points, or set it to 0"
        )
    if leads.sells == "desk":
        if not leads.form and not leads.threshold:
            yield (
                "leads.sells: 'desk' sells to leads, and nobody becomes one; raise `leads.form`, "
                "or give `leads.threshold` and `leads.points`"
            )
        if not agents:
            yield "leads.sells: 'desk' has nobody to sell; raise `desk.agents`"


def _desk(scenario: ScenarioData) -> Iterator[str]:
    desk = scenario.desk
    desks = _with(scenario, lambda kind: kind.books == "requests")
    yield from _known("desk.channel", "desk channel", [desk.channel], desks)
    for name in ("questions", "issues"):
        if getattr(desk, name) > 0 and not desk.agents:
            yield f"desk.{name}: nobody is there to answer; raise `desk.agents`, or set it to 0"


def _word_of_mouth(scenario: ScenarioData) -> Iterator[str]:
    talk = scenario.word_of_mouth
    earned = _with(scenario, lambda kind: kind.books == "talk")
    yield from _known("word_of_mouth.channel", "earned channel", [talk.channel], earned)
    for name in ("mentions", "complaints"):
        if getattr(talk, name) > 0 and not talk.channel:
            yield (
                f"word_of_mouth.{name}: is booked on no channel; name an `earned` one in "
                "`word_of_mouth.channel`, or set it to 0"
            )
    if talk.referrals > 0 and not talk.mentions:
        yield (
            f"word_of_mouth.referrals: {talk.referrals:g} people are told by a mention, and "
            "`mentions` is 0; raise it, or set `referrals` to 0"
        )
