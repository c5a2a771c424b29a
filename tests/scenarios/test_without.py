"""A channel that is taken out of a base goes with all that hangs on it."""

import json
from pathlib import Path

import pytest

from scenarios import Scenario, library_names, load_scenario, with_bought
from scenarios.without import without_channels
from sim import simulate
from tiermix.core.errors import ScenarioError


def less(base: str, name: str, folder: Path) -> Scenario:
    file = folder / "less.yaml"
    file.write_text(f"extends: {base}\nname: less\nchannels: {{{name}: null}}\n", "utf-8")
    return load_scenario(file)


@pytest.mark.parametrize("base", library_names())
def test_every_channel_of_the_library_can_be_taken_out(base: str, tmp_path: Path) -> None:
    """It was refused, by a sentence for each of the parts that spoke of it."""
    whole = load_scenario(base)
    for channel in whole.channels:
        found = less(base, channel.name, tmp_path)
        assert [c.name for c in found.channels] == [
            c.name for c in whole.channels if c.name != channel.name
        ]
        told = json.dumps(found.model_dump(mode="json"))
        for left in (f'"{channel.name}"', f'@{channel.name}"', f'channel:{channel.name}"'):
            assert left not in told, (channel.name, left)
        for candidate in found.candidates:
            with_bought(found, [candidate.name])


def test_what_speaks_of_several_speaks_of_those_that_are_left() -> None:
    data = {
        "channels": [
            {"name": "tv", "hand_offs": {"web": 0.1, "app": 0.2}}, {"name": "app"}, {"name": "web"},
        ],
        "history": {"spend": {"tv": [1], "web": [2]}},
        "content": {"assets": [
            {"name": "film", "made_for": "tv", "adapted_to": ["web", "app"]},
            {"name": "page", "made_for": "web", "adapted_to": []},
        ]},
        "rules": [
            {"kind": "channel_bounds", "channels": ["web", "tv"]},
            {"kind": "group_bounds", "channels": ["web"]},
            {"kind": "budget", "channels": []},
            {"kind": "commitment", "channel": "web"},
        ],
        "beliefs": [{"figure": "elasticity@web"}, {"figure": "click_rate@channel:web"},
                    {"figure": "elasticity@all"}],
        "uncertainty": [{"path": "channels.web.half"}, {"path": "channels.*.half"}],
        "personas": [{"name": "web", "affinity": {"web": 2.0}}],
    }  # fmt: skip
    assert without_channels(data, ["web"]) == {
        "channels": [{"name": "tv", "hand_offs": {"app": 0.2}}, {"name": "app"}],
        "history": {"spend": {"tv": [1]}},
        "content": {"assets": [{"name": "film", "made_for": "tv", "adapted_to": ["app"]}]},
        "rules": [{"kind": "channel_bounds", "channels": ["tv"]},
                  {"kind": "budget", "channels": []}],
        "beliefs": [{"figure": "elasticity@all"}],
        "uncertainty": [{"path": "channels.*.half"}],
        "personas": [{"name": "web", "affinity": {"web": 2.0}}],
    }  # fmt: skip
    assert without_channels(data, []) is data


def test_an_override_takes_a_channel_out_too(tmp_path: Path) -> None:
    found = load_scenario("retail", {"channels.douyin": None, "channels.forums": None})
    assert {"douyin", "forums"}.isdisjoint(c.name for c in found.channels)
    assert (
        load_scenario("retail", {"channels.kol": None}).hash
        == less("retail", "kol", tmp_path).model_copy(update={"name": "retail"}).hash
    )
    with pytest.raises(ScenarioError, match="douyn"):
        load_scenario("retail", {"channels.douyn": None})


def test_a_market_lives_without_it(tmp_path: Path) -> None:
    run = simulate(less("retail", "friends", tmp_path), customers=200, seed=1, workers=1)
    assert "friends" not in set(run.aggregates["channel"])
