"""Luck belongs to names: where a part stands in the file is no matter."""

from scenarios import Scenario
from tests.scenes import busy
from tests.sim.worlds import lived, same


def test_rules_in_another_order_send_the_same_messages() -> None:
    data = busy().model_dump(mode="json")
    data["automation"]["rules"].reverse()
    ours, theirs = lived(busy(), 400), lived(Scenario.model_validate(data), 400)
    assert len(ours.of("message")) > 200
    assert same(ours, theirs)


def test_a_rule_that_never_fires_leaves_the_others_messages() -> None:
    """It stands before all others and waits longer than this year lasts."""
    data = busy().model_dump(mode="json")
    idle = {"name": "idle", "when": "order", "wait": 500.0, "channel": "mail"}
    data["automation"]["rules"].insert(0, idle)
    assert same(lived(busy(), 400), lived(Scenario.model_validate(data), 400))
