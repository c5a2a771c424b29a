"""The door of the market: a wrong field is refused with its path, its value and the remedy."""

import copy
import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios import Scenario, ScenarioError, library_names, load_scenario
from scenarios.load import build_scenario
from scenarios.parts.channels import Channel
from tests.scenes import base, busy

DATA = busy().model_dump(mode="json")
RULE = DATA["automation"]["rules"][0]
INF, NAN = math.inf, math.nan


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by a path of keys, numbers and names of list items."""
    *steps, last = path.split(".")
    here: Any = data
    for step in steps:
        here = _step(here, step)
    if isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value


def _step(here: Any, step: str) -> Any:
    if isinstance(here, list):
        named = [item for item in here if isinstance(item, dict) and item.get("name") == step]
        return named[0] if named else here[int(step)]
    return here[step]


def _refused(*changes: tuple[str, Any]) -> str:
    data = copy.deepcopy(DATA)
    for path, value in changes:
        _put(data, path, value)
    with pytest.raises(ScenarioError) as caught:
        build_scenario(data, {}, "made.yaml")
    return str(caught.value)


def test_the_scenario_that_is_broken_below_is_whole() -> None:
    assert build_scenario(copy.deepcopy(DATA), {}, "made.yaml").hash == busy().hash


# ---- single fields

UNKNOWN = [
    "colour", "channels.video.peek", "personas.young.need_per_year", "regions.east.people",
    "search.brand", "behaviour.fatigue", "integration.seemless", "automation.cap",
    "automation.rules.cart.delay", "history.spending", "seasons.feast.need", "defaults.customer",
]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_misspelled_field_is_refused_by_its_path(path: str) -> None:
    message = _refused((path, 1))
    assert message.startswith(f"made.yaml: {path}: there is no such field; ")
    assert "did you mean '" in message or "check its spelling" in message


MISSING = ["name", "start", "market_size", "budget", "margin_rate", "channels", "personas",
           "regions", "history"]  # fmt: skip


@pytest.mark.parametrize("field", MISSING)
def test_a_missing_field_is_refused_by_its_path(field: str) -> None:
    data = {key: value for key, value in DATA.items() if key != field}
    with pytest.raises(ScenarioError, match=f"made.yaml: {field}: is missing; add it"):
        build_scenario(data, {}, "made.yaml")


POSITIVE = ["market_size", "budget", "channels.video.half", "channels.again.window",
            "personas.young.need_days", "personas.young.order_value", "personas.young.repeat_shape",
            "personas.young.dropout_concentration", "behaviour.goodwill_half_life",
            "behaviour.fatigue_half_life", "behaviour.theme_half_life", "behaviour.lapse_days",
            "seasons.feast.prices", "automation.rules.cart.offer_days"]  # fmt: skip
NOT_NEGATIVE = ["channels.video.peak", "channels.ads.unit_cost", "channels.video.attention",
                "channels.video.affinity.young", "channels.notes.stage_fit.customer",
                "personas.young.needs_per_year", "personas.young.repeat_needs_per_year",
                "personas.young.looks_per_day", "personas.young.order_spread",
                "personas.young.goodwill", "seasons.feast.needs", "seasons.feast.attention",
                "search.brand_gain", "search.direct_gain", "behaviour.goodwill_gain",
                "behaviour.fatigue_weight", "behaviour.theme_gain", "behaviour.match_gain",
                "behaviour.stage_gain", "behaviour.experience_gain", "behaviour.win_back",
                "integration.hand_off_days", "automation.rules.cart.wait",
                "automation.rules.cart.offer", "history.variation"]  # fmt: skip
SHARES = ["margin_rate", "channels.video.viewability", "channels.video.awareness",
          "channels.video.engagement", "channels.video.awaken", "channels.video.click_through",
          "channels.video.hand_offs.search", "channels.again.selection", "personas.young.share",
          "personas.young.dropout", "personas.young.customers", "personas.young.aware",
          "regions.east.share", "search.selection", "search.competitor_sale", "search.elsewhere",
          "behaviour.consider", "behaviour.signup", "behaviour.cart", "behaviour.turnover",
          "integration.resolution", "integration.consent", "integration.view_visibility",
          "integration.discipline", "integration.seamless", "integration.substitution",
          "integration.personalisation", "automation.open_rate",
          "automation.rules.cart.offer_cost"]  # fmt: skip
REAL = ["channels.ads.slot_utility", "channels.video.goodwill_seen",
        "channels.video.goodwill_engaged", "personas.young.base_utility",
        "search.competitor_utility", "search.nobody_utility", "search.direct_base",
        "search.direct_customer", "behaviour.theme_pillar", "behaviour.theme_off_core",
        "behaviour.experience_seamed", "behaviour.experience_order", "price_inflation"]  # fmt: skip
NUMBERS = [*POSITIVE, *NOT_NEGATIVE, *SHARES, *REAL]

BAD = [
    *((path, value) for path in NUMBERS for value in (NAN, INF, -INF, "much", None)),
    *((path, -0.1) for path in (*POSITIVE, *NOT_NEGATIVE, *SHARES)),
    *((path, 0.0) for path in POSITIVE),
    *((path, 1.01) for path in SHARES),
    ("channels.video.retention", 1.0), ("channels.video.retention", -0.1),
    ("channels.video.slope", 0.0), ("channels.video.slope", 4.5), ("channels.video.slope", NAN),
    ("channels.video.retention", NAN),
    ("channels.video.tier", 4), ("channels.video.tier", 0), ("channels.video.delivery", "fax"),
    ("channels.video.ownership", "rented"), ("channels.video.role", "hero"),
    ("channels.ads.slot", "middle"), ("channels.video.stage_fit", {"keen": 1.0}),
    ("channels.again.window", 1e9), ("personas.young.order_value", 1e18),
    ("personas.young.order_spread", 60.0), ("personas.young.needs_per_year", 1e9),
    ("personas.young.looks_per_day", 1e9), ("seasons.feast.needs", 1e6),
    ("seasons.feast.attention", 1e6),
    ("automation.rules", [{**RULE, "name": f"r{n}"} for n in range(33)]),
    ("channels.video.name", "Video Ads"), ("channels.video.name", ""),
    ("personas.young.identifiers", 0), ("personas.young.identifiers", 7),
    ("personas.young.identifiers", 1.5), ("personas.young.dropout", 1.0),
    ("integration.interests", 0), ("integration.interests", 17),
    ("behaviour.loyal_orders", 1), ("automation.weekly_cap", -1),
    ("automation.rules.cart.when", "birthday"), ("automation.rules.cart.unless", "rain"),
    ("price_inflation", 1.0), ("price_inflation", -0.5),
    ("start", "soon"), ("start", "2026-13-01"), ("seasons.feast.start", "2025-02-30"),
    ("channels", []), ("personas", []), ("regions", []), ("pillars", []), ("channels", "all"),
    ("pillars", ["p"] * 9), ("tier_shares", [0.5, 0.5]), ("history.profile", [1.0] * 11),
    ("history.spend", {"video": [-5.0]}), ("history.spend", {"video": [NAN]}),
    ("history.spend", {"video": [INF]}), ("defaults.customers", 10),
    ("defaults.customers", 10**9), ("defaults.replications", 0), ("defaults.communities", 1),
    ("defaults.tail_days", 400), ("defaults.tail_days", -1), ("defaults.community_size", 0),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), BAD, ids=lambda x: str(x)[:40])
def test_an_unusable_value_is_refused_with_its_path(path: str, value: Any) -> None:
    message = _refused((path, value))
    first = message.splitlines()[0]
    assert first.startswith("made.yaml: ")
    assert path.split(".")[-1] in first or str(value)[:20] in first


@pytest.mark.parametrize("path", ["channels.video.peak", "personas.young.need_days", "budget"])
def test_the_sentence_names_the_path_and_the_value(path: str) -> None:
    assert f"made.yaml: {path}: -3 cannot be used: input should be greater" in _refused((path, -3))


def test_every_wrong_field_is_named_at_once() -> None:
    message = _refused(("channels.video.peak", -1), ("budget", -2), ("behaviour.cart", 3))
    assert len(message.splitlines()) == 3


def test_no_number_of_a_scenario_may_be_infinite_or_undefined() -> None:
    """Whatever field is added later: each number of the dumped scenario is tried."""
    open_fields = []
    for path in _number_paths(DATA):
        data = copy.deepcopy(DATA)
        for value in (NAN, INF):
            _put(data, path, value)
            try:
                build_scenario(data, {}, "made.yaml")
            except ScenarioError:
                continue
            open_fields.append((path, value))
    assert open_fields == []


def _number_paths(data: Any, path: str = "") -> list[str]:
    if isinstance(data, dict):
        items = [(str(key), value) for key, value in data.items()]
    elif isinstance(data, list):
        items = [(str(n), value) for n, value in enumerate(data)]
    else:
        return [path] if isinstance(data, int | float) and not isinstance(data, bool) else []
    return [p for key, value in items for p in _number_paths(value, f"{path}.{key}".strip("."))]


# ---- what does not go together

TWINS = [DATA["channels"][5], DATA["channels"][5]]
LOOP = [
    ("channels.video.hand_offs", {"notes": 1.0}), ("channels.notes.hand_offs", {"video": 1.0}),
    ("channels.video.click_through", 0.0), ("channels.notes.click_through", 0.0),
    ("channels.video.engagement", 0.99), ("channels.notes.engagement", 0.99),
    ("channels.notes.stage_fit", {}), ("integration.seamless", 1.0),
]  # fmt: skip

EXCITED = [
    *LOOP[:4], ("channels.video.engagement", 0.5), ("channels.notes.engagement", 0.5),
    ("integration.seamless", 1.0), ("behaviour.match_gain", 9.0),
]  # fmt: skip
"""Engaged by half on average, but all who are met by what interests them."""
AGAIN = [
    ("channels.seo.hand_offs", {"search": 1.0}), ("channels.seo.click_through", 0.0),
    ("integration.seamless", 1.0),
]  # fmt: skip
"""Who clicks on a result page searches again, for ever."""

TOGETHER: list[tuple[list[tuple[str, Any]], list[str]]] = [
    ([("personas.young.share", 0.5)], ["personas", "0.9", "add up to 1"]),
    ([("regions.east.share", 0.75)], ["regions", "1.2", "add up to 1"]),
    ([("tier_shares", [0.5, 0.5, 0.5])], ["tier_shares", "1.5", "add up to 1"]),
    ([("channels", TWINS)], ["channels", "'video'", "2 times", "own name"]),
    ([("start", "2026-01-15")], ["start", "2026-01-15", "use 2026-01-01"]),
    ([("seasons.feast.end", "2025-01-01")], ["feast", "end", "2025-01-01", "before"]),
    (
        [("seasons.feast.start", "2031-01-01"), ("seasons.feast.end", "2031-01-05")],
        ["seasons", "feast", "2031-01-01", "outside", "move or remove"],
    ),
    (
        [("channels.video.hand_offs", {"serch": 0.1})],
        ["channels.video.hand_offs", "'serch'", "did you mean 'search'"],
    ),
    (
        [("channels.video.hand_offs", {"nots": 0.1})],
        ["channels.video.hand_offs", "'nots'", "did you mean 'notes'"],
    ),
    ([("channels.video.hand_offs", {"ads": 0.1})], ["'ads' is not broadcast", "use 'search'"]),
    (
        [("channels.video.affinity", {"yung": 1.0})],
        ["channels.video.affinity", "persona 'yung'", "did you mean 'young'"],
    ),
    (
        [("channels.video.regions", ["eas"])],
        ["channels.video.regions", "region 'eas'", "did you mean 'east'"],
    ),
    (
        [("automation.rules.cart.channel", "male")],
        ["automation.rules.cart.channel", "'male'", "did you mean 'mail'"],
    ),
    (
        [("automation.rules.cart.channel", "video")],
        ["automation.rules.cart.channel", "triggered channel 'video'", "known: mail"],
    ),
    ([("history.spend.vidio", [5.0])], ["history.spend", "'vidio'", "did you mean 'video'"]),
    ([("history.spend.direct", [5.0])], ["history.spend", "'direct'", "plannable"]),
    ([("history.spend.video", [1.0, 2.0])], ["history.spend.video", "2 sums", "twelve"]),
    ([("history.profile", [0.0] * 12)], ["history.profile", "zero", "give some month"]),
    ([("history.spend", {"video": [0.0]})], ["history.spend", "spent nothing"]),
    ([("objective", "mergin")], ["objective", "KPI 'mergin'", "did you mean 'margin'"]),
    ([("channels.ads.slot", "none")], ["ads", "slot: paid", "slot: organic"]),
    ([("channels.video.slot", "paid")], ["video", "only a search channel has a `slot`"]),
    ([("channels.ads.unit_cost", 0.0)], ["ads", "`unit_cost` must be above 0", "cap"]),
    ([("channels.mail.unit_cost", 0.0)], ["mail", "`unit_cost` must be above 0", "cap"]),
    ([("channels.again.retention", 0.5)], ["again", "`retention` stays 0"]),
    ([("channels.ads.slope", 2.0)], ["ads", "`slope` 1"]),
    ([("channels.video.click_through", 0.9)], ["video", "hand_offs", "more than 1"]),
    (LOOP, ["channels.*.hand_offs", "circles", "spectral radius", "lower the shares"]),
    (EXCITED, ["channels.*.hand_offs", "circles", "lower the shares"]),
    (AGAIN, ["channels.*.hand_offs", "circles", "lower the shares"]),
    ([("start", "2024-02-29")], ["start", "2024-02-29", "use 2024-02-01"]),
    ([("start", "0001-01-01")], ["start", "0001-01-01", "use a year between"]),
    ([("start", "9999-01-01")], ["start", "9999-01-01", "use a year between"]),
    ([("channels.video.peak", 300.0)], ["channels.*.peak", "times a day", "lower the peaks"]),
    ([("channels.video.affinity", {"young": 100.0})], ["channels.*.peak", "lower the peaks"]),
    (
        [("uncertainty", [{"path": "channels.vido.peak", "spread": 0.1}])],
        ["uncertainty", "channels.vido.peak", "did you mean 'video'"],
    ),
    (
        [("uncertainty", [{"path": "channels.video.peek", "spread": 0.1}])],
        ["uncertainty", "channels.video.peek", "did you mean 'peak'"],
    ),
    (
        [("uncertainty", [{"path": "channels.video.name", "spread": 0.1}])],
        ["uncertainty", "channels.video.name", "not a number"],
    ),
    (
        [("rules", [{"kind": "commitment", "name": "deal", "channel": "vidio",
                     "amounts": {"2026-03": 5.0}}])],
        ["rules.deal", "channel 'vidio'", "did you mean 'video'"],
    ),
    (
        [("rules", [{"kind": "commitment", "name": "deal", "channel": "video",
                     "amounts": {"2027-03": 5.0}}])],
        ["rules.deal", "month '2027-03'"],
    ),
    ([("goals", [{"name": "g", "kpi": "fame", "level": 1}])], ["goals.g", "unknown KPI 'fame'"]),
    (
        [("goals", [{"name": "g", "kpi": "reach", "level": 1, "tier": 3}]),
         *((f"channels.{name}.tier", 2) for name in ("fair", "friends"))],
        ["goals.g", "tier '3'"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), TOGETHER, ids=lambda x: str(x)[:50])
def test_a_contradiction_is_refused_with_its_remedy(
    changes: list[tuple[str, Any]], words: list[str]
) -> None:
    message = _refused(*changes)
    assert [word for word in words if word not in message] == []


def test_two_rules_of_one_name_are_refused() -> None:
    rule = {"kind": "budget", "name": "all"}
    assert "'all' stands 2 times" in _refused(("rules", [rule, rule]))


def test_a_market_without_anything_to_plan_is_refused() -> None:
    direct = [c for c in DATA["channels"] if c["name"] == "direct"]
    message = _refused(("channels", direct), ("history.spend", {}), ("automation.rules", []))
    assert "money can be given to none of them" in message


def test_hand_offs_that_go_round_but_fade_are_allowed() -> None:
    data = copy.deepcopy(DATA)
    for path, value in LOOP:
        _put(data, path, value)
    _put(data, "integration.seamless", 0.8)  # radius 0.99 · 0.8
    assert build_scenario(data, {}, "made.yaml").integration.seamless == 0.8


def test_a_scenario_is_frozen() -> None:
    scenario = busy()
    with pytest.raises(ValueError, match="frozen"):
        scenario.budget = 1.0
    with pytest.raises(ValueError, match="frozen"):
        scenario.channels[0].peak = 1.0


def test_the_hash_is_of_what_is_said_not_of_how() -> None:
    shuffled = {key: DATA[key] for key in reversed(DATA)}
    assert build_scenario(shuffled, {}, "x").hash == busy().hash
    other = copy.deepcopy(DATA)
    _put(other, "channels.video.peak", DATA["channels"][5]["peak"] + 1e-12)
    assert build_scenario(other, {}, "x").hash != busy().hash


def test_without_takes_a_channel_out_everywhere() -> None:
    part = busy().without("notes")
    assert "notes" not in {c.name for c in part.channels}
    assert all("notes" not in c.hand_offs for c in part.channels)
    assert "notes" not in part.history.spend
    assert busy().without("mail").automation.rules == ()
    promised = {"kind": "commitment", "name": "deal", "channel": "notes", "amounts": {"2026-03": 5}}
    with pytest.raises(ValueError, match=r"rules\.deal"):
        build_scenario({**DATA, "rules": [promised]}, {}, "x").without("notes")


@pytest.mark.parametrize("start", ["2026-01-01", "2024-03-01", "2027-07-01", "2028-02-01"])
def test_the_years_are_twelve_months_each(start: str) -> None:
    dated = ("seasons", "rivals", "shocks", "offers", "variants", "investments")
    data = copy.deepcopy(DATA) | {"start": start, "content": {}} | {name: [] for name in dated}
    data["channels"] = [c for c in data["channels"] if not c["dates"]]
    data["automation"]["rules"] = [r for r in data["automation"]["rules"] if not r["day"]]
    data["history"]["spend"].pop("fair")
    scenario = build_scenario(data, {}, "made.yaml")
    first = dt.date.fromisoformat(start)
    assert scenario.history_start == first.replace(year=first.year - 1)
    assert len(scenario.months) == len(scenario.history_months) == 12
    assert scenario.months[0] == start[:7]
    after = first.replace(year=first.year + 1)
    assert scenario.year_days == (after - first).days
    assert scenario.history_days == (first - scenario.history_start).days


def test_every_number_of_a_channel_says_what_it_is() -> None:
    """Units live in descriptions; names and choices explain themselves."""
    numbers = [n for n, f in Channel.model_fields.items() if f.annotation in (float, int)]
    assert len(numbers) > 10
    assert [n for n in numbers if not Channel.model_fields[n].description] == []


# ---- any valid scenario

names = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
share = st.floats(0, 1).map(lambda x: round(x, 9))
amount = st.floats(0, 1e9).map(lambda x: round(x, 6))
factor = st.floats(0, 100).map(lambda x: round(x, 6))
rate = st.floats(0, 300).map(lambda x: round(x, 6))


def _shares(count: int) -> st.SearchStrategy[list[float]]:
    weights = st.lists(st.floats(0.1, 1), min_size=count, max_size=count)
    return weights.map(lambda w: [x / sum(w) for x in w])


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Small but various: any names and numbers that the schema allows."""
    channels = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    people = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    regions = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    start = draw(st.dates(dt.date(2001, 1, 1), dt.date(2090, 1, 1))).replace(day=1)
    text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    return Scenario.model_validate(
        {
            "name": draw(names),
            "title": draw(text),
            "title_zh": draw(text),
            "start": start,
            "market_size": draw(st.floats(8000, 1e9)),
            "budget": draw(st.floats(1e-3, 1e12)),
            "margin_rate": draw(share),
            "channels": [
                {
                    "name": name,
                    "tier": draw(st.integers(1, 3)),
                    "delivery": "broadcast",
                    "retention": draw(share) * 0.99,
                    "half": draw(st.floats(1e-6, 1e6)),
                    "peak": round(draw(share), 3),
                    "goodwill_seen": draw(st.integers(-700, 700)) / 7,
                    "affinity": draw(st.dictionaries(st.sampled_from(people), st.integers(0, 2))),
                    "stage_fit": draw(st.dictionaries(st.sampled_from(["loyal", "aware"]), factor)),
                    "regions": draw(st.lists(st.sampled_from(regions), unique=True)),
                }
                for name in channels
            ],
            "personas": [
                {
                    "name": name,
                    "share": part,
                    "needs_per_year": draw(rate),
                    "repeat_needs_per_year": draw(rate),
                    "need_days": draw(st.floats(1e-3, 1e4)),
                    "looks_per_day": draw(share) / 2,
                    "base_utility": draw(st.integers(-440, 440)) / 9,
                    "order_value": draw(st.floats(0.01, 1e7)),
                }
                for name, part in zip(people, draw(_shares(len(people))), strict=True)
            ],
            "regions": [
                {"name": name, "share": part}
                for name, part in zip(regions, draw(_shares(len(regions))), strict=True)
            ],
            "integration": {"resolution": draw(share), "seamless": draw(share)},
            "history": {"spend": {channels[0]: [draw(st.floats(1, 1e9))]}},
            "uncertainty": [{"path": "channels.*.half", "spread": draw(st.floats(0.01, 2))}],
        }
    )


@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_any_scenario_survives_being_written_and_read(scenario: Scenario) -> None:
    again = build_scenario(scenario.model_dump(mode="json"), {}, "again")
    assert again == scenario
    assert again.hash == scenario.hash


@settings(max_examples=25, deadline=None)
@given(scenarios(), st.sampled_from(["peak", "half", "tier"]))
def test_any_scenario_takes_an_override_of_its_own_value(scenario: Scenario, field: str) -> None:
    channel = scenario.channels[-1]
    path = f"channels.{channel.name}.{field}"
    data = scenario.model_dump(mode="json")
    assert build_scenario(data, {path: getattr(channel, field)}, "x").hash == scenario.hash


@pytest.mark.parametrize("name", library_names())
def test_every_scenario_of_the_library_is_valid_and_speaks_two_languages(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title_zh
    assert all(part.name_zh for part in (*scenario.channels, *scenario.personas))
    assert {c.tier for c in scenario.channels} == {1, 2, 3}
    assert scenario.last_year.total > 0


def test_a_chinese_name_stands_for_a_channel_where_it_is_that_of_one_alone() -> None:
    names = {"video": "视频", "social": "社交", "radio": "社交"}
    data = base().model_dump(mode="json")
    data["channels"] = [c | {"name_zh": names.get(c["name"], "")} for c in data["channels"]]
    assert Scenario.model_validate(data).other_names == {"视频": "video"}
