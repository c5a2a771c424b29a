"""A scenario becomes a log and its truth."""

from sim.attachments import Inside, MarketError
from sim.book import MarketYear
from sim.effects import Effects
from sim.market import Market
from sim.potential import PotentialOutcomes, potential_outcomes
from sim.run import Observed, Run
from sim.scorecard import Scorecard
from sim.seen import Seen
from sim.setting import Arm, Setting
from sim.simulate import RunError, simulate
from sim.truth import ground_truth
from sim.worlds import draw_world

__all__ = [
    "Arm",
    "Effects",
    "Inside",
    "Market",
    "MarketError",
    "MarketYear",
    "Observed",
    "PotentialOutcomes",
    "Run",
    "RunError",
    "Scorecard",
    "Seen",
    "Setting",
    "draw_world",
    "ground_truth",
    "potential_outcomes",
    "simulate",
]
