"""What came of the question whether to buy something or more media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from experiments.investments.choice import Interplay
from experiments.investments.packages import Package
from experiments.stats import Interval
from experiments.wording import counted, in_unit, kpi_name
from scenarios import MediaPlan
from tiermix.core import figures
from tiermix.core.plain import plain

BUY, MEDIA, UNTOLD = "buy", "media", "cannot tell"
COUNTS_COSTS = ("profit",)
"""Objectives that what is bought is paid out of."""
MOST_DRAWS = 10_000
"""Draws beyond which nobody is told how many it would take."""


@dataclass(frozen=True)
class Judged:
    """A package against all money in media, in draws that did not choose it.

    `cost` is its money of the planned year. `gain` is what it brings more of the objective than all
    money in media: `effect`, what it does with media on the money that it leaves, less `media`,
    what that money would have brought in media; both after what they cost, where the objective
    counts costs.
    """

    package: Package
    cost: float
    gain: Interval[float]
    effect: Interval[float]
    media: Interval[float]

    @property
    def name(self) -> str:
        """The package in words."""
        return " + ".join(self.package)

    @property
    def answer(self) -> str:
        """Buy, media, or cannot tell, by the interval; what makes no difference is not bought."""
        if self.gain.low > 0:
            return BUY
        return MEDIA if self.gain.high < 0 or self.gain[:2] == (0.0, 0.0) else UNTOLD


@dataclass(frozen=True, eq=False, repr=False)
class Investments:
    """Should we buy, and what, or more media; see `experiments.investments.run.invest`.

    `alone` are candidates by themselves, in the scenario's order; `refused` those that cannot be
    bought, and why. `best` is the package that was chosen, in other draws than it is judged in;
    `lead` is its gain over the best single candidate, `rival`, where it is more than that. `pairs`
    are what two bring together beyond their gains. `plan` are the media of the answer, in the first
    draw; `fallbacks`, in how many plans the planner kept last year's split, and why.
    """

    scenario: str
    scenario_hash: str
    currency: str
    objective: str
    budget: float
    strategy: str
    seed: int
    customers: int
    draws: int
    alone: tuple[Judged, ...]
    best: Judged
    chosen_to_buy: bool
    rival: str
    lead: Interval[float] | None
    pairs: tuple[Interplay, ...]
    plan: MediaPlan
    refused: Mapping[str, str] = field(default_factory=dict)
    fallbacks: tuple[int, str] = (0, "")
    reused: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """Buy, media, or cannot tell."""
        return self.best.answer

    @property
    def bought(self) -> Package:
        """What is bought where the answer says so."""
        return self.best.package if self.answer == BUY else ()

    @property
    def further(self) -> int | None:
        """Draws more, about, until the interval lies off 0; None where that is past telling."""
        gain, counts = self.best.gain, np.arange(self.draws + 1, MOST_DRAWS + 1)
        reach = stdtrit(counts - 1, 0.975) * gain.se * np.sqrt(self.draws / counts)
        enough = np.flatnonzero(reach < abs(gain.estimate))
        return int(enough[0]) + 1 if len(enough) else None

    @property
    def words(self) -> list[str]:
        """The answer in sentences, the first one the shortest."""
        return [self._first(), *self._more()]

    def _first(self) -> str:
        best, goal = self.best, kpi_name(self.objective)
        gain = self.range(best.gain, signed=True)
        if self.answer == BUY:
            return f"buy {best.name}: {gain} {goal} against all money in media"
        if self.answer == MEDIA and best.gain.estimate == 0:
            return f"buy nothing: {best.name}, the best to be had, makes no difference"
        if self.answer == MEDIA:
            return (
                f"buy nothing: {best.name}, the best to be had, brings {gain} {goal} against all "
                "money in media"
            )
        return f"cannot tell whether {best.name} or media: {gain} {goal} by buying"

    def _more(self) -> list[str]:
        said = []
        if self.answer == UNTOLD:
            more = self.further
            said.append(
                "it would take some "
                f"{counted(more, 'draw')} more to tell, if the mean stays what it is"
                if more
                else f"not even {MOST_DRAWS:,} draws would tell: it hardly matters"
            )
        if self.answer == BUY and self.objective in COUNTS_COSTS:
            said += self._against_keeping()
        if self.lead is not None:
            ahead = self.lead.low > 0
            told = "which is more" if ahead else "cannot tell whether that is more"
            said.append(
                f"{told} than {self.rival} alone: {self.range(self.lead, signed=True)} "
                f"{kpi_name(self.objective)}"
            )
        said += [f"{name} cannot be bought: {why}" for name, why in self.refused.items()]
        left = [" + ".join(p.pair) for p in self.pairs if p.together is None]
        if left:
            said.append(f"pairs without a measured interplay: {', '.join(left)}")
        if self.fallbacks[0]:
            said.append(
                "in {}: {}".format(counted(self.fallbacks[0], "media plan"), self.fallbacks[1])
            )
        return said

    def _against_keeping(self) -> list[str]:
        """Whether what beats media also beats money that is kept: both may lose."""
        effect, goal = self.best.effect, kpi_name(self.objective)
        if effect.low > 0:
            return []
        told = (
            "keeping the money is better still"
            if effect.high < 0
            else ("cannot tell whether it beats keeping the money, which media may not")
        )
        return [f"{told}: {self.range(effect, signed=True)} {goal} by buying with it"]

    def range(self, one: Interval[float], *, signed: bool = False) -> str:
        """An estimate with its interval, in the objective's unit."""
        values = (one.estimate, one.low, one.high)
        return "{} [{}, {}]".format(
            *(in_unit(self.objective, x, self.currency, signed=signed) for x in values)
        )

    def before_cost(self, one: Judged) -> float | None:
        """What a package does before its own cost; None where the objective counts no costs."""
        counts = self.objective in COUNTS_COSTS
        return one.effect.estimate + one.cost if counts else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix invest`, without its files; None where unknown."""
        frame = self.plan.to_frame()
        cells = zip(frame["channel"], frame["month"], frame["amount"], strict=True)
        document = {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "currency": self.currency,
            "objective": self.objective,
            "budget": self.budget,
            "strategy": self.strategy,
            "seed": self.seed,
            "customers": self.customers,
            "replications": self.draws,
            "answer": self.answer,
            "chosen": list(self.bought),
            "best": {**self._row(self.best), "names": list(self.best.package)},
            "further_draws": self.further if self.answer == UNTOLD else None,
            "program_buys": self.chosen_to_buy,
            "rival": self.rival,
            "over_rival": self.lead and self.lead._asdict(),
            "investments": [self._row(one) for one in self.alone],
            "pairs": [
                {"names": list(p.pair), "why": p.why or None,
                 "together": p.together and p.together._asdict()}
                for p in self.pairs
            ],
            "refused": dict(self.refused),
            "spend": [{"channel": str(c), "month": str(m), "amount": a} for c, m, a in cells],
            "words": self.words,
            "reused": self.reused,
            "seconds": dict(self.seconds),
        }  # fmt: skip
        found: dict[str, Any] = plain(document)
        return found

    def _row(self, one: Judged) -> dict[str, Any]:
        return {
            "name": one.name,
            "chosen": set(one.package) <= set(self.bought),
            "answer": one.answer,
            "gain": one.gain.estimate,
            "se": one.gain.se,
            "low": one.gain.low,
            "high": one.gain.high,
            "cost": one.cost,
            "effect": one.effect._asdict(),
            "effect_before_cost": self.before_cost(one),
            "media": one.media._asdict(),
        }

    def table(self) -> pd.DataFrame:
        """A row a package: `name, cost, effect, media, gain, low, high, answer`."""
        rows = [
            (one.name, one.cost, one.effect.estimate, one.media.estimate, *self._ends(one),
             one.answer)
            for one in self.shown
        ]  # fmt: skip
        head = ["name", "cost", "effect", "media", "gain", "low", "high", "answer"]
        return pd.DataFrame(rows, columns=head)

    @property
    def shown(self) -> tuple[Judged, ...]:
        """Each alone, and the best package where it is another."""
        return self.alone if self.best in self.alone else (*self.alone, self.best)

    @staticmethod
    def _ends(one: Judged) -> tuple[float, float, float]:
        return one.gain.estimate, one.gain.low, one.gain.high

    def _repr_html_(self) -> str:
        said = ". ".join(self.words)
        return f"<p>{escape(said)}</p>{self.table().to_html(index=False, border=0)}"

    def __repr__(self) -> str:
        shown = self.table().map(lambda x: figures.number(x) if isinstance(x, float) else x)
        return "\n".join([*self.words, shown.to_string(index=False)])
