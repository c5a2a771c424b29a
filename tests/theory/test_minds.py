"""What stays in a head: goodwill, tiredness and themes against a slow reading of the log."""

import numpy as np
import pandas as pd
import pytest

from tests.scenes import DAYS, PEOPLE, market, media, persona
from tests.sim.worlds import Lived, assert_near, assert_share, lived, pressure

OFF_CORE = -1


def _goodwill_at_the_end(world: Lived) -> np.ndarray:
    """Every person's goodwill when the year is over, as the market has it."""
    half_life = world.scenario.behaviour.goodwill_half_life
    population = world.population
    return population["goodwill"] * 0.5 ** ((DAYS - population["goodwill_at"]) / half_life)


def _slow_goodwill(world: Lived) -> np.ndarray:
    """The same from the log, by the formulas of the model, one exposure after another."""
    behaviour = world.scenario.behaviour
    out = np.zeros(len(world.population))
    rows = world.rows[world.rows["kind"].isin(["impression", "click"])]
    for customer, mine in rows.groupby("customer"):
        out[customer] = _one_head(world, behaviour, mine)
    return out


def _one_head(world: Lived, behaviour: object, rows: pd.DataFrame) -> float:
    goodwill = fatigue = 0.0
    then = tired_at = 0.0
    heard_on: dict[str, tuple[int, float]] = {}
    heard = 1.0
    for t, channel, kind, theme in rows[["time", "channel", "kind", "theme"]].itertuples(
        index=False
    ):
        c = world.scenario.channel(channel)
        goodwill *= 0.5 ** ((t - then) / behaviour.goodwill_half_life)
        then = t
        if kind == "click":
            goodwill += c.goodwill_engaged * heard
            continue
        fatigue *= 0.5 ** ((t - tired_at) / behaviour.fatigue_half_life)
        tired_at = t
        heard = _fit(behaviour, c.name, theme, t, heard_on) if c.themed else 1.0
        heard *= c.stage_fit.get("unaware", 1.0) / (1 + behaviour.fatigue_weight * fatigue)
        goodwill += c.goodwill_seen * heard
        fatigue += c.attention
        if c.themed:
            heard_on.pop(c.name, None)
            heard_on[c.name] = (theme, t)
    return goodwill * 0.5 ** ((DAYS - then) / behaviour.goodwill_half_life)


def _fit(
    behaviour: object, name: str, theme: int, t: float, heard_on: dict[str, tuple[int, float]]
) -> float:
    """exp(gain · agreement · 2^(-Δ/h)) with the last theme that another channel carried."""
    others = [memory for channel, memory in heard_on.items() if channel != name]
    if not others:
        return 1.0
    last, at = others[-1]
    if theme == last:
        agreement = 1.0
    elif OFF_CORE in (theme, last):
        agreement = behaviour.theme_off_core
    else:
        agreement = behaviour.theme_pillar
    return np.exp(behaviour.theme_gain * agreement * 0.5 ** ((t - at) / behaviour.theme_half_life))


HEADS = {
    "goodwill fades": {"behaviour": {"goodwill_half_life": 20}},
    "fatigue weakens": {"behaviour": {"fatigue_weight": 0.5, "fatigue_half_life": 3}},
    "themes agree": {
        "behaviour": {"theme_gain": 0.7, "theme_half_life": 9, "theme_pillar": 0.3},
        "pillars": ["one", "two"],
        "integration": {"discipline": 0.7},
    },
    "all at once": {
        "behaviour": {
            "goodwill_half_life": 33,
            "fatigue_weight": 0.3,
            "fatigue_half_life": 1.5,
            "theme_gain": 0.4,
            "theme_off_core": -2.0,
        },
        "pillars": ["one", "two", "three"],
        "integration": {"discipline": 0.5},
    },
}


@pytest.mark.parametrize("name", HEADS)
def test_goodwill_is_what_a_slow_reading_of_the_log_says(name: str) -> None:
    channels = [
        media("one", peak=0.06, goodwill_seen=0.2, goodwill_engaged=1.0, engagement=0.3,
              attention=1.0),
        media("two", peak=0.08, goodwill_seen=0.5, attention=0.5, stage_fit={"unaware": 0.7}),
        media("three", peak=0.05, goodwill_seen=0.1, attention=2.0, themed=False),
    ]  # fmt: skip
    world = lived(market(*channels, **HEADS[name]), 300)
    slow = _slow_goodwill(world)
    assert slow.min() > 0
    np.testing.assert_allclose(_goodwill_at_the_end(world), slow, rtol=1e-9)


def test_a_single_exposure_halves_every_half_life() -> None:
    world = lived(
        market(
            media(goodwill_seen=3.0, peak=0.05),
            spend={"media": [1e6, *[0.0] * 11]},
            behaviour={"goodwill_half_life": 31.0},
        ),
        1000,
    )
    times = world.of("impression").groupby("customer")["time"].apply(list)
    once = times[times.str.len() == 1].str[0]
    assert len(once) > 100
    left = _goodwill_at_the_end(world)[once.index]
    np.testing.assert_allclose(left, 3.0 * 0.5 ** ((DAYS - once) / 31.0), rtol=1e-12)


def test_goodwill_of_all_people_settles_at_shot_noise() -> None:
    """Campbell's theorem: mean = rate · g · h / ln 2, variance = rate · g² · h / (2 ln 2)."""
    half_life, gain, n = 15.0, 0.4, 6000
    world = lived(
        market(media(peak=0.3, goodwill_seen=gain), behaviour={"goodwill_half_life": half_life}),
        n,
    )
    rate, fading = 0.3 * pressure(PEOPLE), np.log(2) / half_life
    levels = _goodwill_at_the_end(world)
    variance = rate * gain**2 / (2 * fading)
    assert_near(levels.mean(), rate * gain / fading, np.sqrt(variance / n))
    fourth = ((levels - levels.mean()) ** 4).mean()
    assert_near(levels.var(ddof=1), variance, np.sqrt((fourth - variance**2) / n))


def test_fatigue_is_the_faded_sum_of_attention() -> None:
    world = lived(market(media(peak=0.2, attention=0.7), behaviour={"fatigue_half_life": 4.0}), 300)
    slow = np.zeros(300)
    for customer, rows in world.of("impression").groupby("customer"):
        slow[customer] = (0.7 * 0.5 ** ((DAYS - rows["time"]) / 4.0)).sum()
    population = world.population
    left = population["fatigue"] * 0.5 ** ((DAYS - population["fatigue_at"]) / 4.0)
    np.testing.assert_allclose(left, slow, rtol=1e-9)


def test_engagement_has_its_chance_at_an_average_exposure() -> None:
    world = lived(market(media(peak=0.5, engagement=0.07)), 1000)
    assert_share(world.count("engaged"), world.count("noticed"), 0.07)


def test_engagement_is_logistic_in_the_log_of_what_is_heard() -> None:
    """P = logistic(a + ln heard): odds times the fit to the stage."""
    channel = media(peak=0.5, engagement=0.1, stage_fit={"unaware": 2.5})
    world = lived(market(channel), 1000)
    odds = 2.5 * 0.1 / 0.9
    assert_share(world.count("engaged"), world.count("noticed"), odds / (1 + odds))


@pytest.mark.parametrize(("personalisation", "linked"), [(0.0, 1.0), (0.6, 1.0), (0.6, 0.0)])
def test_messages_meet_interests_by_personalisation_or_by_chance(
    personalisation: float, linked: float
) -> None:
    """match with π + (1 - π)/k, π only for recognised people; it multiplies the odds by e^gain."""
    world = lived(
        market(
            media(peak=0.5, engagement=0.1),
            behaviour={"match_gain": 1.2},
            integration={"personalisation": personalisation, "interests": 5, "resolution": linked},
        ),
        1000,
    )
    known = personalisation * linked
    met = known + (1 - known) / 5
    odds = 0.1 / 0.9 * np.exp(1.2)
    assert_share(
        world.count("engaged"), world.count("noticed"), met * odds / (1 + odds) + (1 - met) * 0.1
    )


def test_discipline_is_the_share_of_assets_on_the_core() -> None:
    names = [f"c{n}" for n in range(30)]
    channels = [media(name, peak=0.3) for name in names]
    rows = lived(market(*channels, integration={"discipline": 0.65}), 100).of("impression")
    assets = rows.assign(week=(rows["time"] // 7).astype(int)).groupby(["channel", "week"])["theme"]
    themes = assets.first()
    assert (themes == assets.min()).all()
    assert (themes == assets.max()).all()
    assert len(themes) == 30 * 53
    assert_share((themes != OFF_CORE).sum(), len(themes), 0.65)


def test_more_discipline_only_adds_assets_on_the_core() -> None:
    loose, strict = (
        lived(market(media(peak=1.0), integration={"discipline": x}), 50).of("impression")
        for x in (0.4, 0.8)
    )
    assert (loose["time"].to_numpy() == strict["time"].to_numpy()).all()
    on_core = loose["theme"].to_numpy() != OFF_CORE
    assert (strict["theme"].to_numpy()[on_core] != OFF_CORE).all()
    assert (strict["theme"] != OFF_CORE).sum() > on_core.sum()


def test_agreement_of_themes_is_counted_as_the_log_shows_it() -> None:
    channels = [media("one", peak=0.1), media("two", peak=0.1), media("mute", themed=False)]
    world = lived(market(*channels, pillars=["a", "b"], integration={"discipline": 0.7}), 300)
    compared = agreed = 0
    for _, rows in world.of("impression").groupby("customer"):
        last: dict[str, int] = {}
        for channel, theme in rows[["channel", "theme"]].itertuples(index=False):
            if channel == "mute":
                continue
            others = [theme for name, theme in last.items() if name != channel]
            compared += bool(others)
            agreed += bool(others) and theme == others[-1] != OFF_CORE
            last.pop(channel, None)
            last[channel] = theme
    assert compared > 1000
    assert (world.count("compared"), world.count("agreed")) == (compared, agreed)


def test_people_begin_with_the_goodwill_of_their_persona() -> None:
    """Exponential among those who know us, none among the others."""
    start = lived(market(people=persona(aware=0.3, goodwill=2.0)), 8000).start
    knows = start["stage"] > 0
    assert_share(knows.sum(), 8000, 0.3)
    assert (start["goodwill"][~knows] == 0).all()
    assert_near(start["goodwill"][knows].mean(), 2.0, 2.0 / np.sqrt(knows.sum()))
