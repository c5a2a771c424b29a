"""A scenario becomes a log and its truth."""

from sim.kpis.scorecard import Scorecard
from sim.market.market import Market
from sim.market.observed import Seen
from sim.market.processes import Inside, MarketError
from sim.market.run import Observed, Run
from sim.market.setting import Arm, Setting
from sim.market.simulate import RunError, simulate
from sim.output.market_year import MarketYear
from sim.setup.uncertainty import draw_world
from sim.truth.effects import Effects
from sim.truth.ground_truth import ground_truth
from sim.truth.potential_outcomes import PotentialOutcomes, potential_outcomes

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
