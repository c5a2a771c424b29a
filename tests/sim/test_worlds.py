"""Worlds: draws of what a planner cannot know, keyed by what they are drawn for."""

import numpy as np
import pytest
from pydantic import ValidationError

from scenarios import Scenario, ScenarioError, load_scenario
from sim import draw_world
from sim.setup.uncertainty import _drawn
from tests.scenes import busy
from tests.sim.worlds import assert_near


def _with(*uncertain: dict[str, object]) -> Scenario:
    data = busy().model_dump(mode="json")
    data["uncertainty"] = list(uncertain)
    return Scenario.model_validate(data)


SEEN = {"path": "channels.*.goodwill_seen", "spread": 0.3}
NEEDS = {"path": "personas.*.needs_per_year", "spread": 0.2, "shared": True}
HALF = {"path": "channels.video.half", "spread": 0.4}


def _factors(scenario: Scenario, world: Scenario) -> dict[str, float]:
    base = {c.name: c.goodwill_seen for c in scenario.channels if c.goodwill_seen}
    return {name: world.channel(name).goodwill_seen / x for name, x in base.items()}


def test_the_same_seed_draws_the_same_world_and_another_another() -> None:
    scenario = _with(SEEN, NEEDS)
    assert draw_world(scenario, 4).hash == draw_world(scenario, 4).hash
    assert len({draw_world(scenario, seed).hash for seed in range(20)}) == 20


def test_without_uncertainty_there_is_one_world() -> None:
    assert draw_world(busy(), 4) is busy()


@pytest.mark.parametrize("more", [HALF, NEEDS, {"path": "behaviour.signup", "spread": 0.1}])
def test_one_more_uncertain_parameter_leaves_the_others_as_they_were(
    more: dict[str, object],
) -> None:
    few, many = _with(SEEN), _with(more, SEEN)
    for seed in range(5):
        ours, theirs = draw_world(few, seed), draw_world(many, seed)
        assert _factors(few, ours) == _factors(many, theirs)
        assert ours.hash != theirs.hash


def test_a_channel_taken_out_leaves_the_others_as_they_were() -> None:
    scenario = _with(SEEN)
    for seed in range(5):
        whole, part = (draw_world(x, seed) for x in (scenario, scenario.without("notes")))
        for channel in part.channels:
            assert channel.goodwill_seen == whole.channel(channel.name).goodwill_seen


def test_factors_have_median_1_and_their_spread() -> None:
    """ln f is normal with mean 0 and the spread, cut at 2.5 standard deviations."""
    scenario = _with(SEEN)
    logs = np.log([list(_factors(scenario, draw_world(scenario, n)).values()) for n in range(300)])
    n = logs.size
    assert abs(np.median(logs)) < 4 * 1.2533 * 0.3 / np.sqrt(n)
    assert logs.std() == pytest.approx(0.3 * 0.98, rel=4 / np.sqrt(2 * n))
    assert abs(logs).max() <= 2.5 * 0.3 + 1e-12


def test_channels_of_one_world_differ_independently() -> None:
    scenario = _with(SEEN)
    logs = np.log([list(_factors(scenario, draw_world(scenario, n)).values()) for n in range(300)])
    correlation = np.corrcoef(logs.T)
    assert abs(correlation[np.triu_indices_from(correlation, 1)]).max() < 4.5 / np.sqrt(300)


def test_shared_factors_are_one_for_all() -> None:
    scenario = _with(NEEDS)
    for seed in range(5):
        world = draw_world(scenario, seed)
        factors = {
            w.needs_per_year / p.needs_per_year
            for w, p in zip(world.personas, scenario.personas, strict=True)
        }
        assert max(factors) - min(factors) < 1e-12


def test_what_is_certain_is_not_drawn() -> None:
    scenario = _with(HALF)
    world = draw_world(scenario, 3).model_dump(mode="json")
    base = scenario.model_dump(mode="json")
    video = next(c for c in world["channels"] if c["name"] == "video")
    assert video["half"] != 1.0
    video["half"] = 1.0
    assert world == base


def test_a_world_that_breaks_the_schema_is_refused_with_the_path_and_the_remedy() -> None:
    scenario = _with({"path": "integration.resolution", "spread": 2.0})
    with pytest.raises(ScenarioError, match=r"integration\.resolution = .* lower its `spread`"):
        [draw_world(scenario, seed) for seed in range(10)]


def test_retail_has_worlds() -> None:
    retail = load_scenario("retail")
    worlds = [draw_world(retail, seed) for seed in range(3)]
    assert len({world.hash for world in [*worlds, retail]}) == 4


def test_a_shock_happens_in_its_share_of_worlds_and_leaves_the_rest() -> None:
    data = _with(SEEN).model_dump(mode="json")
    data["shocks"] = [
        {"name": "sure", "start": "2026-05-01", "end": "2026-05-09", "needs": 0.5},
        {"name": "rare", "start": "2026-05-01", "end": "2026-05-09", "needs": 0.5,
         "probability": 0.2},
    ]  # fmt: skip
    scenario = Scenario.model_validate(data)
    worlds = [draw_world(scenario, seed) for seed in range(400)]
    raw_rows = np.mean([any(x.name == "rare" for x in world.shocks) for world in worlds])
    assert_near(float(raw_rows), 0.2, np.sqrt(0.2 * 0.8 / 400))
    assert all(world.shocks[0].name == "sure" for world in worlds)
    assert all(shock.probability == 1.0 for world in worlds for shock in world.shocks)
    plain = draw_world(_with(SEEN), 5)
    assert _factors(scenario, draw_world(scenario, 5)) == _factors(scenario, plain)


def test_a_draw_that_cannot_be_is_drawn_again() -> None:
    """One of education's sixteen worlds of seed 1 would write more rows a day than there is room
    for, and the whole study ended."""
    education = load_scenario("education")
    first = draw_world(education, 6474342559381298299)
    assert first.hash == draw_world(education, 6474342559381298299).hash
    assert first.hash != draw_world(education, 3).hash
    with pytest.raises(ValidationError):
        Scenario.model_validate(_drawn(education, 6474342559381298299, 0))


def test_a_world_of_which_no_draw_can_be_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sim.setup.uncertainty.ATTEMPTS", 1)
    with pytest.raises(ScenarioError, match="rows a day") as refused:
        draw_world(load_scenario("education"), 6474342559381298299)
    assert len(str(refused.value)) < 400
