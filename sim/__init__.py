"""A scenario becomes a log and its truth."""

from sim.book import MarketYear
from sim.run import Observed, Run
from sim.scorecard import Scorecard
from sim.setting import Arm, Setting
from sim.simulate import RunError, simulate
from sim.truth import Effects, removal_truth
from sim.worlds import draw_world

__all__ = [
    "Arm",
    "Effects",
    "MarketYear",
    "Observed",
    "Run",
    "RunError",
    "Scorecard",
    "Setting",
    "draw_world",
    "removal_truth",
    "simulate",
]
