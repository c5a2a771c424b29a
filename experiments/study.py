"""What every study is made of: draws of the uncertain parameters, and a clock.

A study is a question put to the market: question → run → result. The result knows nothing of
pages, tracking or commands; `experiments.publish` brings it to all three.
"""

from __future__ import annotations

import time

from scenarios import Scenario, TiermixError
from sim import RunError, checked_seed, draw_world
from tiermix.core.progress import Progress, named
from tiermix.core.seeds import DRAWN_WORLDS, seeds_of


class StudyError(TiermixError):
    """A study that cannot be made as asked: the sentence names the argument and the remedy."""


def draw_worlds(scenario: Scenario, seed: int, replications: int | None) -> list[Scenario]:
    """Worlds of a study: draws of what a planner cannot know; raises `RunError` for none."""
    count = scenario.defaults.replications if replications is None else replications
    if count < 1:
        raise RunError(f"replications: {count} worlds show nothing; ask for at least 1")
    return [draw_world(scenario, mine) for mine in seeds_of_worlds(seed, count)]


def seeds_of_worlds(seed: int, count: int) -> list[int]:
    """The seed of each drawn world, and of the market in which strategies and lift are judged."""
    return seeds_of(DRAWN_WORLDS, checked_seed(seed), count)


class Clock:
    """Seconds of each step of a study, and the progress that it reports."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.began = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """What has passed since the last lap belongs to `name`."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.began
        self.began = now

    def progress_of(self, what: str) -> Progress | None:
        """Progress of one piece of work, under its name in this study."""
        return named(self.progress, what)
