"""What a recommendation hangs on, in small markets whose answer is known."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.report import sensitivity as report
from experiments.sensitivity.parameters import moved, parameters_of, steps_of
from experiments.sensitivity.result import Sensitivity
from experiments.sensitivity.run import sensitivity, sensitivity_cost
from experiments.study import StudyError, draw_worlds, seeds_of_worlds
from scenarios import Scenario, build_scenario
from sim import draw_world
from tests.scenes import base

SHOCK = {
    "name": "out", "channel": "radio", "outage": True, "probability": 0.4,
    "start": "2026-03-01", "end": "2026-09-01",
}  # fmt: skip
UNSURE = [
    {"path": "channels.video.half", "spread": 1.0},
    {"path": "channels.radio.half", "spread": 0.01},
    {"path": "personas.*.needs_per_year", "spread": 0.1, "shared": True},
]
UNEVEN = {"spend": {"video": [2.6e6], "social": [2e5], "radio": [2e5]}, "variation": 0.5}


def _scenario(**changes: Any) -> Scenario:
    more = {"uncertainty": UNSURE, "history": UNEVEN, **changes}
    return build_scenario(base().model_dump(mode="json"), more, "planted")


@cache
def _found(replications: int = 24, customers: int = 60) -> Sensitivity:
    size: dict[str, Any] = {"replications": replications, "customers": customers}
    more: dict[str, Any] = {"moves": 1, "repeats": 2, "workers": 1}
    return sensitivity(_scenario(), ["last_year", "equal"], **size, **more)


def test_steps_are_those_that_the_worlds_were_drawn_with() -> None:
    scenario = _scenario(shocks=[SHOCK])
    parameters = parameters_of(scenario)
    worlds = draw_worlds(scenario, 3, 40)
    steps = steps_of(scenario, worlds, parameters)
    assert [one.path for one in parameters] == [
        "channels.video.half", "channels.radio.half", "personas.*.needs_per_year", "shocks.out",
    ]  # fmt: skip
    for world, row in zip(worlds, steps, strict=True):
        ours = parameters[0].at(float(row[0]))
        half = next(c.half for c in world.channels if c.name == "video")
        assert ours == pytest.approx(half)
        assert row[3] == float(bool(world.shocks))
    assert np.abs(steps[:, :3]).max() <= 2.5 + 1e-9
    assert draw_world(scenario, seeds_of_worlds(3, 1)[0]).hash == worlds[0].hash


def test_a_moved_market_differs_in_its_parameter_alone() -> None:
    scenario = _scenario(shocks=[SHOCK])
    video, _, _, shock = parameters_of(scenario)
    far = moved(scenario, video, video.ends[1])
    assert next(c.half for c in far.channels if c.name == "video") == pytest.approx(video.ends[1])
    assert not far.shocks
    assert [s.name for s in moved(scenario, shock, 1.0).shocks] == ["out"]


@pytest.mark.parametrize(
    ("changes", "asked", "word"),
    [({"uncertainty": []}, None, "nothing in this scenario"), ({}, ["vidoe"], "vidoe")],
)
def test_what_cannot_be_asked_is_a_sentence(changes: Any, asked: Any, word: str) -> None:
    with pytest.raises(StudyError, match=word):
        parameters_of(_scenario(**changes), asked)


def test_a_strategy_that_no_company_can_follow_is_refused() -> None:
    with pytest.raises(StudyError, match="clairvoyant"):
        sensitivity(_scenario(), ["last_year", "clairvoyant"])


@pytest.mark.long
def test_the_planted_parameter_carries_the_lead() -> None:
    found = _found(64, 500)
    video, radio, _ = found.rows
    assert video.share is not None
    assert radio.share is not None
    assert video.share.told
    assert not radio.share.told
    assert video.share.value > radio.share.value
    assert video.bar is not None
    assert radio.bar is None
    assert video.bar.outcome[0] > video.bar.outcome[1]  # a greater half is a weaker channel


def test_the_document_agrees_with_the_draws() -> None:
    found = _found()
    document = found.to_dict()
    merits = found.merits
    assert document["recommended"] == merits.mean().idxmax()
    assert 0 <= document["probability_best"] <= 1
    wins = (merits.idxmax(axis=1) == found.recommended).mean()
    assert document["best_in_draws"]["estimate"] == pytest.approx(wins)
    keys = {"name", "low", "high", "share", "evpi", "turns_at"}
    assert all(keys <= set(row) for row in document["parameters"])
    page = report.page(found)
    assert all(row.parameter.path in page for row in found.rows)
    assert 'id="chart-tornado"' in page


def test_few_draws_say_that_they_cannot_tell(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"replications": 4, "customers": 60, "moves": 1, "repeats": 2}
    asked |= {"workers": 1, "kept": tmp_path}
    first = sensitivity(_scenario(), ["last_year", "equal"], **asked)
    assert {row.words() for row in first.rows} == {"cannot tell"}
    assert any("too few" in line for line in first.words())
    again = sensitivity(_scenario(), ["last_year", "equal"], **asked)
    assert (first.reused, again.reused) == (0, 2)
    told = [{**x.to_dict(), "reused": 0, "seconds": {}} for x in (first, again)]
    assert told[0] == told[1]
    draws, alone = sensitivity_cost(3, 4, 1, 2)
    assert (draws, alone) == (4, 6)
