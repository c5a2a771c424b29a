"""Truth where it has a closed form: one channel, channels that add up, and a chain of two."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from scenarios import Scenario
from sim import Effects, ground_truth
from sim.truth import estimands
from sim.truth.estimands import Question
from sim.truth.tally import Tally
from tests.scenes import DIRECT, PEOPLE, STRAIGHT, market, media, persona, plain_market, shopper
from tests.sim.worlds import assert_near, pressure

ORDER = 3.0 / 4.0 / (1 + np.exp(0.5))
"""Chance that a need is looked after in time (3 looks a day, a need of a day) and sells."""
SLACK = 0.015
"""Needs that are open at once share their looks: the formulas are so much off at most."""


def _asked(effect: str, scenario: Scenario, **options: Any) -> Effects:
    return ground_truth(scenario, effect, **{"seed": 4, "customers": 4000, "workers": 1} | options)


def _row(effects: Effects, unit: str) -> Any:
    return effects.table.set_index("unit").loc[unit]


def _people(**fields: Any) -> dict[str, Any]:
    return shopper(
        needs_per_year=3.0, repeat_needs_per_year=3.0, looks_per_day=3.0, need_days=1.0,
        base_utility=-0.5, **fields,
    )  # fmt: skip


def _market(*channels: dict[str, Any], people: dict[str, Any] | None = None) -> Scenario:
    return market(
        *channels, DIRECT, people=people or _people(), search=STRAIGHT,
        behaviour={"experience_order": 0.0}, defaults={"tail_days": 20},
    )  # fmt: skip


def test_of_one_channel_all_estimands_say_the_same() -> None:
    """Nothing to interact with: its last, its only and its mean gain are one, to the digit."""
    channel = media("extra", peak=0.05, engagement=0.2, awaken=0.5, themed=False)
    scenario = _market(channel)
    found = {
        effect: _row(_asked(effect, scenario, customers=1000, share=1.0), "extra")
        for effect in ("removal", "solo", "shapley", "marginal", "direct", "mediated")
    }
    same = [found[effect]["effect"] for effect in ("removal", "solo", "shapley", "marginal")]
    assert same == [pytest.approx(found["direct"]["effect"], rel=1e-12)] * 4
    assert found["removal"]["effect"] > 0
    assert found["mediated"]["effect"] == found["mediated"]["orders_differ"] == 0.0


def test_the_last_money_has_its_closed_form() -> None:
    """Hill's law between 90 and 100 % of the money; each exposure awakens so many needs."""
    channel = media("extra", peak=0.2, engagement=0.2, awaken=0.5, themed=False)
    row = _row(_asked("marginal", _market(channel), share=0.1), "extra")
    step = pressure(1e6) - pressure(0.9e6)
    expected = PEOPLE * 365 * 0.2 * step * 0.2 * 0.5 * ORDER
    assert_near(row["effect"], expected, np.hypot(row["se"], SLACK * expected))
    assert row["money"] == pytest.approx(1e5)
    assert row["se"] < 0.1 * expected


def test_a_chain_of_two_has_its_closed_form() -> None:
    """One channel does nothing but hand on to another, which awakens needs.

    All of its effect is mediated, none direct, and all of it is synergy with that other channel:
    with the other off there is nobody to arrive at.
    """
    first = media("first", peak=0.1, engagement=0.2, hand_offs={"second": 0.5}, themed=False)
    second = media("second", peak=0.05, engagement=0.3, awaken=0.5, themed=False)
    scenario = _market(first, second)
    arrived = PEOPLE * 365 * 0.1 * 0.5 * 0.2 * 0.5 * scenario.integration.seamless
    expected = arrived * 0.3 * 0.5 * ORDER
    mediated = _row(_asked("mediated", scenario), "first")
    assert_near(mediated["effect"], expected, np.hypot(mediated["se"], SLACK * expected))
    assert mediated["se"] < 0.1 * expected
    direct = _row(_asked("direct", scenario, over=["first"]), "first")
    assert abs(direct["effect"]) < 0.01 * expected
    synergy = _row(_asked("synergy", scenario), "first + second")
    assert_near(synergy["effect"], expected, np.hypot(synergy["se"], SLACK * expected))


def test_where_effects_add_up_there_is_no_synergy_and_one_truth() -> None:
    scenario = plain_market()
    found = {
        effect: _asked(effect, scenario, customers=1500).table.set_index("unit")
        for effect in ("removal", "solo", "shapley", "synergy")
    }
    removal = found["removal"]
    for effect in ("solo", "shapley"):
        other = found[effect]
        for unit, row in removal.iterrows():
            room = 4 * np.hypot(row["se"], other.loc[unit, "se"]) + SLACK * abs(row["effect"])
            assert abs(row["effect"] - other.loc[unit, "effect"]) <= room, (effect, unit)
    # A need has room for so many: what two channels lose to each other is next to nothing.
    scale = removal["effect"].max()
    assert (found["synergy"]["effect"].abs() < 4 * found["synergy"]["se"] + SLACK * scale).all()


def test_in_the_tail_hand_offs_are_on_again() -> None:
    """What lasts no longer than its exposure leaves nothing behind, with any length of tail."""
    first = media("first", peak=0.1, engagement=0.2, hand_offs={"second": 0.5}, themed=False)
    second = media("second", peak=0.05, engagement=0.3, awaken=0.5, themed=False)
    people = persona(aware=1.0, base_utility=0.0, looks_per_day=2.0, need_days=0.2)
    effects = []
    for days in (0, 60):
        data = _market(first, second, people=people).model_dump(mode="json")
        data["defaults"]["tail_days"] = days
        scenario = Scenario.model_validate(data)
        effects.append(_row(_asked("mediated", scenario, customers=1000), "first")["effect"])
    assert effects[1] == pytest.approx(effects[0], rel=0.02)
    assert effects[0] > 0


def test_errors_of_sampled_orders_cover_the_exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A game of random worths, 5 players, 200 samples of 16 orders: means and errors are right."""
    luck, names = np.random.default_rng(3), [f"c{n}" for n in range(5)]
    scenario = _market(*(media(name) for name in names))
    every = [frozenset(x) for size in range(6) for x in combinations(names, size)]
    worth = {off: luck.normal(size=20) for off in every}
    exact = _game(scenario, worth, seed=0).table.set_index("unit")["effect"]
    monkeypatch.setattr(estimands, "EXACT_UNITS", 4)
    tables = [_game(scenario, worth, seed).table.set_index("unit") for seed in range(200)]
    for name in names:
        effects, errors = (
            np.array([table.loc[name, key] for table in tables])
            for key in ("effect", "sampling_se")
        )
        assert_near(effects.mean(), exact[name], effects.std(ddof=1) / np.sqrt(200))
        # chi-square with 199 degrees of freedom over 199, and 7 within each error: sd 0.11
        assert 0.6 < effects.var(ddof=1) / (errors**2).mean() < 1.5


def _game(scenario: Scenario, worth: dict[frozenset[str], Any], seed: int) -> Effects:
    """Shapley values of made-up worths by what is off [20 communities]."""
    units = {name: frozenset([name]) for name in scenario.plannable}
    plan = scenario.reference_plan
    ask = Question(scenario, plan, "shapley", units, permutations=16, seed=seed)
    made = np.array([worth[arm.off] for arm in ask.arms])
    tally = Tally(np.ones(20), {"conversions": made, "spend": np.zeros_like(made)})
    return Effects(ask, (tally,), "conversions", "channels")
