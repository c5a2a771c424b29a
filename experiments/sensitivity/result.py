"""Sensitivity: what the recommendation hangs on, parameter by parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from experiments.direction import sign
from experiments.sensitivity.parameters import Parameter
from experiments.sensitivity.shares import Share as Share
from experiments.sensitivity.worth import Turn, Worth
from experiments.stats import Interval
from tiermix.core import figures

UNTOLD = "cannot tell"


@dataclass(frozen=True)
class Bar:
    """One parameter moved alone, all else as written, with the same people.

    `outcome` is the recommended strategy's objective at the low and the high end; `swings` how far
    that is from where nothing is moved; `leads` its lead over the runner-up there (above 0: ahead);
    `best` the strategy with the best mean there.
    """

    outcome: tuple[float, float]
    swings: tuple[Interval[float], Interval[float]]
    leads: tuple[Interval[float], Interval[float]]
    best: tuple[str, str]

    @property
    def width(self) -> float:
        """How much of the objective lies between the ends."""
        return abs(self.outcome[1] - self.outcome[0])


@dataclass(frozen=True)
class Row:
    """What is known of one parameter; None where it cannot be told.

    `share`: of the variance of the lead over the runner-up; `of_outcome`: of that of the
    recommended strategy's objective. `worth`: of knowing it before the choice.
    """

    parameter: Parameter
    share: Share | None
    of_outcome: Share | None
    worth: Worth | None
    turn: Turn | None
    rival: str | None = None
    bar: Bar | None = None

    @property
    def turns_at(self) -> float | None:
        """The parameter's value from which another strategy wins, where that is told."""
        if self.turn is None or not self.turn.told:
            return None
        return self.parameter.at(self.turn.step)

    def words(self) -> str:
        """What may be concluded of it."""
        if self.share is None:
            return UNTOLD
        if self.turns_at is not None:
            return f"{self.rival} wins beyond {self.turns_at:,.4g}"
        if self.turn is not None:
            at = self.parameter.at(self.turn.step)
            return f"{self.rival} may win beyond {at:,.4g}; {UNTOLD}"
        if self.share.told:
            return "moves the lead; no other strategy wins within what was drawn"
        return f"{UNTOLD}: no more than noise"

    def to_dict(self) -> dict[str, Any]:
        """Its part of the JSON document."""
        mine, turn, bar = self.parameter, self.turn, self.bar
        low, high = mine.ends
        return {
            "name": mine.path, "value": mine.value, "low": low, "high": high,
            "share": self.share and self.share.value,
            "share_se": self.share and self.share.se,
            "share_noise": self.share and self.share.noise,
            "share_told": bool(self.share and self.share.told),
            "share_of_outcome": self.of_outcome and self.of_outcome.value,
            "share_of_outcome_told": bool(self.of_outcome and self.of_outcome.told),
            "evpi": self.worth and self.worth.value,
            "evpi_se": self.worth and self.worth.se,
            "evpi_told": bool(self.worth and self.worth.told),
            "turns_at": self.turns_at,
            "turn": turn and {
                "at": mine.at(turn.step), "low": mine.at(turn.low), "high": mine.at(turn.high),
                "to": self.rival, "probability": turn.share, "told": turn.told,
            },
            "tornado": bar and {
                "at_low": bar.outcome[0], "at_high": bar.outcome[1],
                "swing_low": bar.swings[0]._asdict(), "swing_high": bar.swings[1]._asdict(),
                "lead_low": bar.leads[0]._asdict(), "lead_high": bar.leads[1]._asdict(),
                "best_at_low": bar.best[0], "best_at_high": bar.best[1],
            },
            "words": self.words(),
        }  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """What the recommendation hangs on; see `experiments.sensitivity.run.sensitivity`.

    `merits`: the objective of each strategy that can be recommended, more being better, a row a
    draw; `steps`: how far each parameter lay from its median there, in standard deviations of its
    log. `chance` is that of the recommended strategy to be best on average over markets, `wins` the
    share of draws in which it is best. `perfect` is the worth of knowing all before the choice.
    """

    scenario: str
    scenario_hash: str
    currency: str
    objective: str
    seed: int
    customers: int
    repeats: int
    recommended: str
    runner_up: str | None
    merits: pd.DataFrame
    steps: pd.DataFrame
    rows: tuple[Row, ...]
    chance: float
    wins: Interval[float]
    lead: Interval[float] | None
    perfect: Worth | None
    left_out: Mapping[str, str] = field(default_factory=dict)
    reused: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """Number of draws."""
        return len(self.merits)

    @property
    def bars(self) -> list[tuple[Row, Bar]]:
        """Parameters that were moved alone, the widest first."""
        moved = [(row, row.bar) for row in self.rows if row.bar is not None]
        return sorted(moved, key=lambda pair: -pair[1].width)

    def words(self) -> list[str]:
        """What can be concluded, and what not, as sentences."""
        said = []
        if self.runner_up is None:
            said.append(f"{self.recommended} is alone: no other strategy can be recommended")
        elif self.lead is None or not (self.lead.low > 0):
            said.append(f"{UNTOLD} whether {self.recommended} is ahead of {self.runner_up}")
        untold = [row for row in self.rows if row.share is None]
        if untold and self.runner_up is not None:
            said.append(
                f"{UNTOLD}: {self.replications} draws are too few for shares and the worth of "
                "knowing, or the parameter does not vary; ask for more replications"
            )
        negative = sum(row.share is not None and row.share.value < 0 for row in self.rows)
        if negative:
            said.append(f"negative shares ({negative}) are noise about something small")
        rest = 1.0 - sum(max(r.share.value, 0.0) for r in self.rows if r.share and r.share.told)
        if any(row.share for row in self.rows):
            said.append(
                f"{rest:.0%} of what the lead varies by belongs to no parameter that is told: "
                "small ones, interactions, and the luck of simulated people"
            )
        return said

    def table(self) -> pd.DataFrame:
        """A row a parameter, the greatest share first, as in the JSON document."""
        found = pd.json_normalize([row.to_dict() for row in self.rows], sep="_")
        return found.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    def draws(self) -> pd.DataFrame:
        """Each draw: steps of all parameters, and the objective of each strategy."""
        outcomes = sign(self.objective) * self.merits.add_prefix(f"{self.objective}: ")
        return pd.concat([self.steps, outcomes], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix sensitivity`, None where unknown."""
        return {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "seed": self.seed,
            "customers": self.customers,
            "replications": self.replications,
            "repeats": self.repeats,
            "objective": self.objective,
            "currency": self.currency,
            "strategies": list(self.merits.columns),
            "left_out": dict(self.left_out),
            "recommended": self.recommended,
            "runner_up": self.runner_up,
            "lead": self.lead and self.lead._asdict(),
            "probability_best": self.chance,
            "best_in_draws": self.wins._asdict(),
            "evpi": self.perfect and asdict(self.perfect),
            "parameters": [row.to_dict() for row in self.rows],
            "words": self.words(),
            "reused": self.reused,
            "seconds": dict(self.seconds),
        }

    def __repr__(self) -> str:
        return (
            f"Sensitivity of {self.recommended} on {self.scenario} over {self.replications} draws "
            f"(best with {figures.chance(self.chance)})\n"
            f"{self.table().iloc[:, :9].to_string(index=False)}"
        )
