"""The first day of a rule of automation: before it, nothing is answered; then all is."""

import numpy as np
import pytest

from tests.scenes import DIRECT, STRAIGHT, mail, market, shopper
from tests.sim.worlds import Lived, lived

CART = {"name": "cart", "when": "cart", "wait": 0.5, "channel": "mail"}
CARE = {"name": "care", "when": "order", "wait": 3.0, "channel": "mail"}
MIDYEAR = 181.0


def _world(*rules: dict[str, object], **fields: object) -> Lived:
    """Visits, carts and orders of registered people, and messages by these rules."""
    scenario = market(
        mail(), DIRECT, people=shopper(looks_per_day=0.4, base_utility=-0.5), search=STRAIGHT,
        behaviour={"signup": 1.0, "cart": 0.6}, automation={"weekly_cap": 20, "rules": list(rules)},
        **fields,
    )  # fmt: skip
    return lived(scenario, 600)


def _sent(world: Lived) -> np.ndarray:
    return np.sort(world.of("message")["time"].to_numpy())


def test_a_rule_answers_what_happens_from_its_first_day_on() -> None:
    """And the rule beside it, which has no first day, answers all year."""
    world = _world(CART, {**CARE, "since": "2025-07-01"})
    orders = world.of("order")["time"].to_numpy()
    late = orders[orders >= MIDYEAR]
    assert len(orders) - len(late) > 50 < len(late)
    due = np.concatenate([world.of("cart")["time"].to_numpy() + 0.5, late + 3.0])
    np.testing.assert_allclose(_sent(world), np.sort(due[due < 365.0]), rtol=0, atol=1e-9)


def test_since_the_first_day_is_since_ever() -> None:
    plain, dated = (_world(CART, {**CARE, **x}) for x in ({}, {"since": "2025-01-01"}))
    assert len(_sent(plain)) > 100
    np.testing.assert_array_equal(_sent(plain), _sent(dated))


def test_rules_wait_for_the_investment_and_for_their_own_day() -> None:
    """Whichever comes later: `before: {automation: 0}` switches all rules off until its start."""
    platform = {"name": "platform", "start": "2025-04-01", "before": {"automation": 0.0}}
    world = _world(CART, {**CARE, "since": "2025-07-01"}, investments=[platform])
    carts, orders = (world.of(kind)["time"].to_numpy() for kind in ("cart", "order"))
    due = np.concatenate([carts[carts >= 90.0] + 0.5, orders[orders >= MIDYEAR] + 3.0])
    np.testing.assert_allclose(_sent(world), np.sort(due[due < 365.0]), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("since", "kept"), [("2025-06-15", True), ("2025-06-16", False)])
def test_a_date_is_kept_only_from_the_first_day_on(since: str, kept: bool) -> None:
    rule = {"name": "day", "when": "date", "day": "2025-06-15", "channel": "mail", "since": since}
    assert (len(_sent(_world(rule))) > 0) == kept
