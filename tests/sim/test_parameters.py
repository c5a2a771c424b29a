"""Every number of the schema moves something: no field is read by nobody.

Each numeric or boolean field of a scenario is given another value in the busy market, and one small
community lives some months of it. What it wrote, counted, paid and felt must differ. A field that
is in neither table below fails: whoever adds one says what it moves, or why nothing.
"""

import copy
import hashlib
from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import numpy as np
import pytest
from pydantic import BaseModel

from scenarios import Scenario
from scenarios.load import build_scenario
from sim import Setting
from sim.market.community import CommunitySimulation
from sim.setup.communities import Community, population_of
from tests.scenes import busy

PEOPLE, UNTIL = 100, 130
"""Months in which all that the busy market has planned happens."""

INERT = {
    "Scenario": {"budget", "tier_shares", "horizon_years", "discount_rate"},  # of plans, of LTV
    "Defaults": {"customers", "replications", "communities", "community_size", "tail_days"},
    "Uncertain": {"spread", "shared"},  # of worlds that are drawn
    "Asset": {"cost"},  # money beside media, which moves nobody
    "Content": {"adapt_cost"},
    "Investment": {"yearly_cost", "one_off_cost"},
    "Desk": {"hourly_wage"},
    # KPIs that look ahead, and ranges to hold figures against
    "Belief": {"low", "high"},
}
"""Fields that cannot move the log of this very market."""
PLANNING = {"rules", "goals", "candidates"}
"""What is asked of a plan (scenarios.parts.rules): the market never hears of it."""

MOVES: dict[str, dict[str, Any]] = {
    "Scenario": {
        "market_size": ("market_size", 5e5),
        "margin_rate": ("margin_rate", 0.4),
        "price_inflation": ("price_inflation", 0.3),
    },
    "Channel": {
        "tier": ("channels.video.tier", 1),
        "retention": ("channels.video.retention", 0.9),
        "half": ("channels.video.half", 5.0),
        "slope": ("channels.video.slope", 2.0),
        "peak": ("channels.video.peak", 0.4),
        "unit_cost": ("channels.ads.unit_cost", 5.0),
        "viewability": ("channels.video.viewability", 0.2),
        "selection": ("channels.again.selection", 0.1),
        "window": ("channels.again.window", 3.0),
        "slot_utility": ("channels.seo.slot_utility", 1.0),
        "attention": ("channels.video.attention", 5.0),
        "awareness": ("channels.video.awareness", 0.5),
        "engagement": ("channels.video.engagement", 0.3),
        "goodwill_seen": ("channels.video.goodwill_seen", 0.5),
        "goodwill_engaged": ("channels.video.goodwill_engaged", 2.0),
        "awaken": ("channels.video.awaken", 0.5),
        "themed": ("channels.video.themed", False),
        "click_through": ("channels.video.click_through", 0.5),
        "hand_offs": ("channels.video.hand_offs", {"search": 0.01}),
        "affinity": ("channels.video.affinity", {"young": 0.5}),
        "stage_fit": ("channels.video.stage_fit", {"aware": 3.0}),
    },
    "Persona": {
        "share": ("personas", "shares"),
        "needs_per_year": ("personas.*.needs_per_year", 10.0),
        "repeat_needs_per_year": ("personas.*.repeat_needs_per_year", 16.0),
        "repeat_shape": ("personas.*.repeat_shape", 5.0),
        "dropout": ("personas.*.dropout", 0.6),
        "dropout_concentration": ("personas.*.dropout_concentration", 50.0),
        "need_days": ("personas.*.need_days", 30.0),
        "looks_per_day": ("personas.*.looks_per_day", 0.5),
        "base_utility": ("personas.*.base_utility", 1.0),
        "order_value": ("personas.*.order_value", 250.0),
        "order_spread": ("personas.*.order_spread", 1.0),
        "identifiers": ("personas.*.identifiers", 5),
        "customers": ("personas.*.customers", 0.6),
        "aware": ("personas.*.aware", 0.9),
        "goodwill": ("personas.*.goodwill", 2.0),
        "niche_share": ("personas.young.niche_share", 0.9),
        "unreached": ("personas.young.unreached", 0.6),
    },
    "Region": {"share": ("regions", "shares")},
    "Season": {
        "needs": ("seasons.feast.needs", 0.5),
        "attention": ("seasons.feast.attention", 0.5),
        "prices": ("seasons.feast.prices", 3.0),
    },
    "Control": {
        "effect": ("controls.price.effect", -1.0),
        "usual": ("controls.price.usual", 9.0),
        "unit": ("controls.price.unit", 0.5),
        "values": ("controls.price.values", [10.0, None, 8.0]),
    },
    "Rival": {
        "search": ("rivals.sale.search", 3.0),
        "pull": ("rivals.sale.pull", 3.0),
        "prices": ("rivals.sale.prices", 3.0),
    },
    "Shock": {
        "outage": ("shocks.dark.outage", False),
        "prices": ("shocks.dear.prices", 4.0),
        "needs": ("shocks.dear.needs", 0.1),
        "probability": ("shocks.dark.probability", 0.5),
    },
    "Shop": {
        "commission": ("shops.mall.commission", 0.3),
        "utility": ("shops.mall.utility", 3.0),
        "registers": ("shops.mall.registers", 0.0),
    },
    "Content": {"reuse": ("content.reuse", 0.1), "wear_out": ("content.wear_out", 1.0)},
    "Format": {"stage_fit": ("content.formats.clip.stage_fit", {"aware": 3.0})},
    "Asset": {"quality": ("content.assets.film.quality", 5.0)},
    "Offer": {
        "utility": ("offers.spring.utility", 3.0),
        "cost": ("offers.spring.cost", 0.4),
    },
    "Variant": {
        "share": ("variants.louder.share", 0.9),
        "shows": ("variants.hidden.shows", True),
        "heard": ("variants.louder.heard", 5.0),
        "offer": ("variants.richer.offer", 5.0),
        "offer_cost": ("variants.richer.offer_cost", 0.4),
        "wait": ("variants.richer.wait", 3.0),
    },
    "Investment": {"before": ("investments.platform.before", {"resolution": 0.0})},
    "Inventory": {
        "out_of_stock": ("inventory.out_of_stock", 0.5),
        "places": ("inventory.places", 1),
        "pooling": ("inventory.pooling", 1.0),
        "waits": ("inventory.waits", 0.0),
        "delay_days": ("inventory.delay_days", 1.0),
        "experience": ("inventory.experience", -3.0),
    },
    "Leads": {
        "download": ("leads.download", 0.6),
        "form": ("leads.form", 0.6),
        "points": ("leads.points", {"visit": 5}),
        "threshold": ("leads.threshold", 2.0),
        "half_life": ("leads.half_life", 1.0),
    },
    "Desk": {
        "agents": ("desk.agents", 200),
        "opens": ("desk.opens", 14.0),
        "closes": ("desk.closes", 11.0),
        "weekdays": ("desk.weekdays", 1),
        "service_minutes": (
            "desk.service_minutes", {"lead": 600.0, "question": 600.0, "issue": 600.0}
        ),
        "service_spread": ("desk.service_spread", 2.5),
        "patience_hours": ("desk.patience_hours", {"lead": 0.1, "question": 0.1, "issue": 0.1}),
        "questions": ("desk.questions", 0.6),
        "issues": ("desk.issues", 0.6),
        "qualify": ("desk.qualify", 0.1),
        "sales_days": ("desk.sales_days", 10.0),
        "goodwill_answer": ("desk.goodwill_answer", 3.0),
        "experience_answer": ("desk.experience_answer", 3.0),
        "experience_lost": ("desk.experience_lost", -3.0),
    },
    "Loyalty": {
        "satisfaction": ("loyalty.satisfaction", 5.0),
        "satisfaction_gain": ("loyalty.satisfaction_gain", 5.0),
        "satisfaction_spread": ("loyalty.satisfaction_spread", 3.0),
        "answers": ("loyalty.answers", 0.9),
        "dropout_gain": ("loyalty.dropout_gain", 3.0),
        "programme": ("loyalty.programme", 3.0),
        "programme_cost": ("loyalty.programme_cost", 0.2),
    },
    "WordOfMouth": {
        "mentions": ("word_of_mouth.mentions", 1.0),
        "referrals": ("word_of_mouth.referrals", 4.0),
        "complaints": ("word_of_mouth.complaints", 3.0),
        "harm": ("word_of_mouth.harm", 1.0),
    },
    "Search": {
        "selection": ("search.selection", 0.2),
        "competitor_utility": ("search.competitor_utility", 2.0),
        "nobody_utility": ("search.nobody_utility", 2.0),
        "brand_gain": ("search.brand_gain", 2.0),
        "direct_base": ("search.direct_base", 1.0),
        "direct_gain": ("search.direct_gain", 2.0),
        "direct_customer": ("search.direct_customer", 3.0),
        "competitor_sale": ("search.competitor_sale", 0.9),
        "elsewhere": ("search.elsewhere", 0.9),
    },
    "Behaviour": {
        "goodwill_half_life": ("behaviour.goodwill_half_life", 5.0),
        "goodwill_gain": ("behaviour.goodwill_gain", 3.0),
        "fatigue_half_life": ("behaviour.fatigue_half_life", 20.0),
        "fatigue_weight": ("behaviour.fatigue_weight", 3.0),
        "theme_half_life": ("behaviour.theme_half_life", 1.0),
        "theme_gain": ("behaviour.theme_gain", 1.0),
        "theme_pillar": ("behaviour.theme_pillar", 0.9),
        "theme_off_core": ("behaviour.theme_off_core", 0.5),
        "win_back": ("behaviour.win_back", 1.0),
        "match_gain": ("behaviour.match_gain", 1.0),
        "consider": ("behaviour.consider", 0.9),
        "stage_gain": ("behaviour.stage_gain", 5.0),
        "lapse_days": ("behaviour.lapse_days", 10.0),
        "turnover": ("behaviour.turnover", 0.9),
        "signup": ("behaviour.signup", 0.9),
        "cart": ("behaviour.cart", 0.9),
        "experience_seamed": ("behaviour.experience_seamed", -3.0),
        "experience_order": ("behaviour.experience_order", 3.0),
        "experience_gain": ("behaviour.experience_gain", 2.0),
        "loyal_orders": ("behaviour.loyal_orders", 2),
    },
    "Integration": {
        "resolution": ("integration.resolution", 0.1),
        "consent": ("integration.consent", 0.3),
        "view_visibility": ("integration.view_visibility", 0.3),
        "discipline": ("integration.discipline", 0.1),
        "seamless": ("integration.seamless", 0.1),
        "substitution": ("integration.substitution", 1.0),
        "hand_off_days": ("integration.hand_off_days", 1.0),
        "personalisation": ("integration.personalisation", 1.0),
        "interests": ("integration.interests", 16),
    },
    "automation.Rule": {
        "wait": ("automation.rules.cart.wait", 3.0),
        "offer": ("automation.rules.cart.offer", 5.0),
        "offer_cost": ("automation.rules.cart.offer_cost", 0.4),
        "offer_days": ("automation.rules.cart.offer_days", 0.01),
    },
    "Automation": {
        "weekly_cap": ("automation.weekly_cap", 0),
        "open_rate": ("automation.open_rate", 0.9),
    },
    "History": {
        "spend": ("history.spend.video", [4e6]),
        "profile": ("history.profile", [5.0, *[1.0] * 11]),
        "variation": ("history.variation", 0.8),
        "open_needs": ("history.open_needs", 0.0),
    },
}  # fmt: skip
PRICED = {
    "controls": [
        {"name": "price", "effect": -0.3, "usual": 10.0, "unit": 1.0, "start": "2025-01-06",
         "values": [10.0, 11.0, 9.0]}
    ]
}  # fmt: skip
AT_DESK = {"leads.sells": "desk", "leads.form": 0.5}
CLICKED = {
    "channels.mail.engagement": 0.7, "automation.open_rate": 1.0, "investments": [],
    "behaviour.cart": 0.9, "behaviour.signup": 0.9, "personas.*.base_utility": -3.0,
}  # fmt: skip
TAKEN = {**CLICKED, "automation.rules.cart.offer": 3.0}
VISITED = {"channels.notes.engagement": 0.4, "channels.notes.click_through": 0.9}
SCENES: dict[str, dict[str, Any]] = {
    **{f"Control.{field}": PRICED for field in ("effect", "usual", "unit", "values")},
    "Desk.closes": {"desk.opens": 9.0},
    "Desk.qualify": AT_DESK,
    **dict.fromkeys(("Shop.commission", "Shop.utility"), VISITED),
    "Shop.registers": VISITED | {"behaviour.signup": 0.9},
    **{f"{part}.offer": CLICKED for part in ("automation.Rule", "Variant")},
    **{f"{part}.offer_cost": TAKEN for part in ("automation.Rule", "Variant")},
    "automation.Rule.offer_days": TAKEN,
    "Inventory.places": {"inventory.out_of_stock": 0.5},
    "Desk.sales_days": AT_DESK,
    "Integration.substitution": {
        "channels.video.hand_offs": {"notes": 0.7},
        "channels.video.engagement": 0.3,
        "shocks.dark.channel": "notes",
        "shocks.dark.end": "2025-04-30",
    },
    "History.profile": {"history.spend.video": [2e6]},
    "Behaviour.loyal_orders": {"channels.video.stage_fit": {"loyal": 3.0}},
}
"""What else has to be so for a field to be able to move anything."""


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Model and field of everything numeric or boolean, all the way down, each once."""
    label = prefix + model.__name__
    for name, field in model.model_fields.items():
        if model is Scenario and name in PLANNING:
            continue
        kinds = set(_kinds(field.annotation))
        if kinds & {float, int, bool}:
            yield label, name
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _fields(kind, "automation." if model.__name__ == "Automation" else "")


def _kinds(annotation: Any) -> Iterator[Any]:
    """The plain types inside an annotation; words are none of our business."""
    if get_origin(annotation) in (Union, UnionType, tuple, dict) or get_args(annotation):
        for inner in get_args(annotation):
            yield from _kinds(inner)
    elif isinstance(annotation, type):
        yield annotation
    elif isinstance(annotation, int | float):
        yield type(annotation)  # a choice of numbers, such as the tiers


FIELDS = sorted(set(_fields(Scenario)))
MOVING = [f for f in FIELDS if f[1] not in INERT.get(f[0], set())]


def _value(path: str, value: Any) -> Any:
    """Shares have to add up to 1, so they change together."""
    if value != "shares":
        return value
    parts = busy().model_dump(mode="json")[path]
    return [{**part, "share": share} for part, share in zip(parts, (0.2, 0.8), strict=True)]


def _lived(changes: dict[str, Any]) -> str:
    """A hash of what a community writes, counts, pays and feels in its first months."""
    scenario = build_scenario(busy().model_dump(mode="json"), copy.deepcopy(changes), "busy")
    return _hash(Setting(scenario, PEOPLE, 5, logging=True))


def _hash(setting: Setting) -> str:
    community = Community(0, 0, PEOPLE)
    scenario = setting.scenario
    simulation = CommunitySimulation.born(
        setting.world, community, 5, population_of(scenario, community, 5),
        desk=setting.desk(community, 0),
    )  # fmt: skip
    money = setting.history_money[0]
    simulation.market.money[:, : money.shape[1]] = money
    simulation.advance(UNTIL)
    market, population = simulation.market, simulation.population
    books = (market.by_month, market.by_week, market.people_by_month, market.ledger)
    heads = [population[name] for name in ("goodwill", "fatigue", "experience", "stage", "reached")]
    parts = (simulation.take_rows(), *books, *heads)
    return hashlib.sha256(b"".join(np.ascontiguousarray(x).tobytes() for x in parts)).hexdigest()


@cache
def _before(scene: str) -> str:
    return _lived(SCENES.get(scene, {}))


def test_every_field_is_in_one_table_and_in_one_only() -> None:
    inert, moves = ({(m, n) for m, names in t.items() for n in names} for t in (INERT, MOVES))
    assert set(FIELDS) - inert - moves == set(), "say what these move, or why nothing"
    assert (inert | moves) - set(FIELDS) == set(), "there are no such fields any more"
    assert inert & moves == set()


@pytest.mark.parametrize("scene", [".".join(field) for field in MOVING])
def test_a_field_moves_the_market(scene: str) -> None:
    model, name = scene.rsplit(".", 1)
    path, value = MOVES[model][name]
    base = SCENES.get(scene, {})
    assert _lived({**base, path: _value(path, value)}) != _before(scene if base else "")


def test_the_same_market_lives_the_same() -> None:
    """The tests above are not fooled by luck."""
    assert _lived({"title": "another title"}) == _before("")
