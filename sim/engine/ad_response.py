"""What goes on in a person's head: goodwill, tiredness, themes, stages.

`person` is one customer's record, `t` a time in days. Levels are kept with the time of their last
change and decayed in one step, so that looking never changes what is seen.
"""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.counters import count
from sim.engine.counts import channel_counts
from sim.engine.jit import kernel


@kernel
def goodwill(world: np.record, person: np.record, t: float) -> float:
    """Goodwill at `t`: the last level, decayed in one step."""
    return float(person.goodwill * math.exp(-world.goodwill_rate * (t - person.goodwill_at)))


@kernel
def add_goodwill(world: np.record, person: np.record, t: float, amount: float) -> None:
    """Raise goodwill; adding nothing writes nothing, so that an inert channel leaves no trace."""
    if amount != 0.0:
        person.goodwill = goodwill(world, person, t) + amount
        person.goodwill_at = t


@kernel
def stage(world: np.record, person: np.record, t: float) -> int:
    """The stage at `t`; long silence is lapse, which needs no event of its own."""
    silent = t - max(person.last_order, person.last_visit) > world.lapse_days
    if silent and s.CUSTOMER <= person.stage <= s.ADVOCATE:
        return s.LAPSED
    return int(person.stage)


@kernel
def more_likely(chance: float, gain: float, level: float) -> float:
    """A chance that rises with goodwill and stays one: 1 - (1 - p) e^(-gain G)."""
    return 1.0 - (1.0 - chance) * math.exp(-gain * max(level, 0.0))


@kernel
def agreement(world: np.record, theme: int, last: int) -> float:
    """How two themes agree: same 1, two pillars of one core a little, off the core -1."""
    if theme == last:
        return 1.0
    if theme < 0 or last < 0:
        return float(world.theme_off_core)
    return float(world.theme_pillar)


@kernel
def theme_fit(
    world: np.record, market: np.record, person: np.record, t: float, c: int, theme: int
) -> float:
    """exp(gain * agreement with the last theme heard on another channel, fading)."""
    if person.theme_channel != c:
        last, at, other = person.theme, person.theme_at, person.theme_channel
    else:
        last, at, other = person.other_theme, person.other_at, person.other_channel
    if other == s.NONE:
        return 1.0
    count(market, channel_counts.COMPARED, c, 1)
    if theme == last and theme >= 0:
        count(market, channel_counts.AGREED, c, 1)
    fading = math.exp(-world.theme_rate * (t - at))
    return math.exp(world.theme_gain * agreement(world, theme, last) * fading)


@kernel
def remember_theme(person: np.record, t: float, c: int, theme: int) -> None:
    """Keep the last theme, and the last one heard on another channel than that."""
    if person.theme_channel != c:
        person.other_theme = person.theme
        person.other_channel = person.theme_channel
        person.other_at = person.theme_at
    person.theme = theme
    person.theme_channel = c
    person.theme_at = t


@kernel
def effective_exposure(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    theme: int,
    matched: bool,
) -> float:
    """How strongly a noticed message works: fit * match * stage / (1 + phi F)."""
    tired = person.fatigue * math.exp(-world.fatigue_rate * (t - person.fatigue_at))
    exposure = market.fit[c, stage(world, person, t)] / (1.0 + world.fatigue_weight * tired)
    if person.variants & world.varied[c] != 0:
        exposure *= variant_strength(world, person, c)
    if world.themed[c]:
        exposure *= theme_fit(world, market, person, t, c, theme)
        remember_theme(person, t, c, theme)
    if matched:
        exposure *= world.matched
    if world.attention[c] > 0.0:
        person.fatigue = tired + world.attention[c]
        person.fatigue_at = t
    return float(exposure)


@kernel
def variant_strength(world: np.record, person: np.record, c: int) -> float:
    """What the person's variants make of a channel's strength."""
    strength = 1.0
    for v in range(world.variants):
        if (person.variants >> v) & 1 == 1 and world.variant_channel[v] == c:
            strength *= world.variant_heard[v]
    return strength


@kernel
def held_out(world: np.record, person: np.record, c: int) -> bool:
    """Whether a test holds this channel back from this person."""
    return bool(person.variants & world.held_out[c] != 0)


@kernel
def may_meet(world: np.record, person: np.record, c: int) -> bool:
    """Whether a channel can come to this person: to its niches only, and no test holds it back.

    Nobody meets those who live apart from all of them.
    """
    if person.unreached == 1:
        return False
    niches = world.niches[c]
    if niches != 0 and (niches >> (person.niche + 1)) & 1 == 0:
        return False
    return not held_out(world, person, c)


@kernel
def left_out(person: np.record, key: np.uint64) -> bool:
    """Whether this very ad is one of those that are to be left out of the person's year."""
    found = False
    for n in range(person.skipped_ads):
        found = found or person.skip[n] == key
    return found


@kernel
def match_chance(world: np.record, market: np.record, person: np.record) -> float:
    """Chance that a message meets the person's interest: by personalisation or by accident."""
    known = market.personalisation if person.linked != 0 else 0.0
    return float(known + (1.0 - known) / world.interests)
