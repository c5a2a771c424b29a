"""What parts say of one another, dates, sizes and chains: refused at the door, with the remedy."""

import copy
from typing import Any

import pytest

from scenarios import ScenarioError
from scenarios.checks.load_bounds import Traffic
from scenarios.load import build_scenario
from tests.scenarios.test_schema import DATA, _put, _step
from tests.scenes import busy

TALK = [("channels.friends.awaken", 1.0), ("channels.friends.engagement", 1.0),
        ("word_of_mouth.mentions", 1.0), ("word_of_mouth.referrals", 5.0)]  # fmt: skip
NO_DESK = [("desk.agents", 0), ("desk.questions", 0.0), ("desk.issues", 0.0)]
CHAIN = [("automation.open_rate", 1.0), ("channels.mail.engagement", 1.0),
         ("channels.mail.click_through", 1.0), ("automation.rules.care.when", "visit")]  # fmt: skip

REFUSED: list[tuple[list[tuple[str, Any]], list[str]]] = [
    ([("channels.notes.shop", "mal")], ["channels.notes.shop", "shop 'mal'", "'mall'"]),
    ([("channels.fair.niches", ["ken"])], ["channels.fair.niches", "niche 'ken'", "'keen'"]),
    ([("channels.fair.niches", ["keen", "keen"])], ["channels.fair.niches", "2 times"]),
    ([("channels.ads.niches", ["keen"])], ["channels.ads.niches", "cannot choose"]),
    ([("channels.again.window", 7.5)], ["channels.again.window", "whole days"]),
    ([("personas.old.niche", "keen")], ["personas.old.niche", "a share above 0"]),
    ([("personas.old.niche_share", 0.2)], ["personas.old.niche", "give both"]),
    ([("personas.old.dropout_concentration", 1e-6)],
     ["personas.old.dropout_concentration", "leave for certain", "use at least 0.76"]),
    ([("behaviour.win_back", 1.5)], ["behaviour.win_back", "above 1"]),
    ([("content.assets.film.made_for", "ads")], ["assets.film.made_for", "'ads'", "known: mail"]),
    ([("content.assets.film.adapted_to", ["note"])], ["film.adapted_to", "did you mean 'notes'"]),
    ([("content.assets.film.pillar", "on")], ["assets.film.pillar", "did you mean 'one'"]),
    ([("content.assets.film.format", "clips")], ["assets.film.format", "did you mean 'clip'"]),
    ([("content.assets.gag.release", "2025-01-10")], ["gag.release", "'film'", "move one"]),
    ([("content.assets.film.release", "2029-01-10")], ["assets.film", "outside", "move or"]),
    ([("offers.spring.personas", ["yung"])], ["offers.spring.personas", "did you mean 'young'"]),
    ([("offers.spring.utility", 0.0)], ["offers.spring", "never be paid", "raise `utility`"]),
    ([("shocks.dark.channel", "vide")], ["shocks.dark.channel", "did you mean 'video'"]),
    ([("shocks.dark.channel", "direct")], ["shocks.dark.channel", "'direct'"]),
    ([("variants.louder.channel", "direct")], ["variants.louder.channel", "'direct'"]),
    ([("variants.louder.channel", "ads")], ["variants.louder.heard", "result page"]),
    ([("variants.richer.rule", "cat")], ["variants.richer.rule", "did you mean 'cart'"]),
    ([("variants.richer.shows", False)], ["variants.richer.shows", "remove it"]),
    ([("variants.louder.wait", 1.0)], ["variants.louder.wait", "remove it"]),
    ([("investments.platform.before", {"seemless": 0.5})], ["before", "did you mean 'seamless'"]),
    ([("investments.platform.before", {"automation": 0.5})], ["before.automation", "neither 0"]),
    ([("investments.platform.start", "2024-06-01")], ["investments.platform.start", "outside"]),
    ([("automation.rules.cart.pillar", "too")], ["rules.cart.pillar", "did you mean 'two'"]),
    ([("leads.download", 0.0)], ["automation.rules.more", "`leads.download` is 0"]),
    ([("automation.rules.back.unless", "order")], ["rules.back.unless", "leave 'order' out"]),
    ([("automation.rules.cart.offer", 0.0), ("variants", [])], ["cart.offer_cost", "never"]),
    ([("automation.rules.feast.day", "2024-02-29")], ["rules.feast.day", "outside"]),
    ([("automation.rules.care.wait", 900.0)], ["automation.rules.care", "900 days", "shorten"]),
    ([("leads.points", {})], ["leads.threshold", "give points"]),
    ([("leads.sells", "desk"), ("leads.form", 0.0), ("leads.threshold", 0.0)],
     ["leads.sells", "nobody becomes one"]),
    ([*NO_DESK, ("leads.sells", "desk")], ["leads.sells", "raise `desk.agents`"]),
    ([NO_DESK[0]], ["desk.questions", "desk.issues", "raise `desk.agents`"]),
    ([("desk.channel", "video")], ["desk.channel", "desk channel 'video'", "known: calls"]),
    ([("word_of_mouth.channel", "video")], ["word_of_mouth.channel", "known: friends"]),
    ([("word_of_mouth.channel", "")], ["word_of_mouth.mentions", "booked on no channel"]),
    ([("word_of_mouth.mentions", 0.0)], ["word_of_mouth.referrals", "`mentions` is 0"]),
    (TALK, ["word_of_mouth.referrals", "feed on itself", "5.00 needs"]),
    (CHAIN, ["automation.rules", "weekly cap", "lower `open_rate`"]),
    ([("rivals.sale.start", "2029-01-01"), ("rivals.sale.end", "2029-02-01")],
     ["rivals.sale", "outside", "move or remove"]),
    ([("channels.fair.dates", [{"start": "2025-03-03", "end": "2025-03-09"},
                               {"start": "2025-03-09", "end": "2025-03-12"}])],
     ["channels.fair.dates", "2025-03-09", "join the two"]),
    ([("seasons.feast.start", "2024-01-01"), ("seasons.feast.end", "2029-01-01"),
      ("seasons.feast.attention", 0.0)], ["seasons.*.attention", "0 on every day"]),
    ([("shocks.dear.prices", 1e6)], ["channels.ads", "prices", "factor of 1"]),
    ([("personas.young.looks_per_day", 500.0)], ["looks_per_day", "rows a day", "lower needs"]),
    ([("behaviour.match_gain", 60.0)], ["behaviour.match_gain", "outside 0 to 50", "change it"]),
    ([("channels.video.peak", 1e-200)], ["channels.video.peak", "too near to 0", "use 0"]),
    ([("channels.video.peak", 1e-11)], ["channels.video.peak", "hardly anything"]),
    ([("title", "\ud800")], ["title", "half a letter", "remove it"]),
    ([("market_size", 5000.0)], ["defaults.customers", "8,000", "use fewer"]),
    ([("defaults.communities", 5000)], ["defaults.communities", "at most 4,000"]),
    ([("defaults.customers", 1_000_000), ("desk.agents", 4)], ["desk", "4,096", "simulate fewer"]),
    ([("desk.opens", 9.0), ("desk.closes", 9.0000001)], ["desk", "`closes` 9", "0.25 hours"]),
]  # fmt: skip


def _changed(changes: list[tuple[str, Any]]) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    for path, value in changes:
        _put(data, path, value)
    return data


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=lambda x: str(x)[:60])
def test_a_part_that_does_not_fit_is_refused_with_its_remedy(
    changes: list[tuple[str, Any]], words: list[str]
) -> None:
    with pytest.raises(ScenarioError) as caught:
        build_scenario(_changed(changes), {}, "made.yaml")
    assert [word for word in words if word not in str(caught.value)] == []


LISTS = ["seasons", "rivals", "shocks", "shops", "offers", "variants", "investments",
         "content.formats", "content.assets", "automation.rules"]  # fmt: skip


@pytest.mark.parametrize("field", LISTS)
def test_two_parts_of_one_name_are_refused(field: str) -> None:
    data = copy.deepcopy(DATA)
    holder = data
    for step in field.split("."):
        holder = _step(holder, step)
    assert isinstance(holder, list)
    holder.append(copy.deepcopy(holder[0]))
    with pytest.raises(ScenarioError, match=rf"{field}: '{holder[0]['name']}' stands 2 times"):
        build_scenario(data, {}, "made.yaml")


@pytest.mark.parametrize("name", ["direct", "friends", "calls"])
def test_a_market_has_one_channel_that_comes_by_itself_of_each_kind(name: str) -> None:
    data = copy.deepcopy(DATA)
    data["channels"].append({**_step(data["channels"], name), "name": "twin"})
    with pytest.raises(ScenarioError, match=rf"channels: {name}, twin are all"):
        build_scenario(data, {}, "made.yaml")


def test_talk_that_fades_is_allowed_and_bounded_by_hand() -> None:
    """One hearing awakens engagement · awaken needs; an order tells mentions · referrals."""
    data = _changed([("channels.friends.awaken", 0.2), ("channels.friends.click_through", 0.0),
                     ("behaviour.match_gain", 0.0), ("behaviour.theme_gain", 0.0)])  # fmt: skip
    made = build_scenario(data, {}, "made.yaml")
    assert Traffic(made).offspring == pytest.approx(0.5 * 1.5 * 0.3 * 0.2)


def test_the_bounds_of_a_day_rise_with_what_they_bound() -> None:
    less, more = (
        Traffic(build_scenario(_changed([("personas.young.looks_per_day", x)]), {}, "x"))
        for x in (0.1, 0.5)
    )
    assert less.looks < more.looks
    assert less.visits < more.visits
    assert less.rows < more.rows
    assert less.requests < more.requests
    assert Traffic(busy()).offspring == 0.0
