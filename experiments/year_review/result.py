"""What a review of a real year says: plan against actual, what differs, how it ends, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.year_review.decisions import Decision
from experiments.year_review.findings import Judgement
from experiments.year_review.outlook import Forecast
from scenarios import MediaPlan


@dataclass(frozen=True)
class Outcome:
    """A KPI of one passed month: as it was planned, as it was to be expected of the money that was
    spent, and as it came; `error` is that of the expectation, `z` what is left in its units."""

    month: str
    kpi: str
    planned: float
    expected: float
    error: float
    actual: float

    @property
    def z(self) -> float:
        """What is more than expected, in standard errors."""
        return (self.actual - self.expected) / self.error if self.error > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON."""
        return {**self.__dict__, "channel": "total", "z": self.z}


@dataclass(frozen=True)
class Money:
    """A channel's money of one passed month: planned, and spent."""

    month: str
    channel: str
    planned: float
    actual: float

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON."""
        return {**self.__dict__, "kpi": "spend"}


@dataclass(frozen=True)
class Delivery:
    """What a channel brought of the outcome so far: expected with its error, and what was found.

    `delivers` is less, more, or as expected.
    """

    channel: str
    expected: float
    error: float
    delivers: str
    words: str

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True, repr=False)
class YearReview:
    """The review of a year of which `passed` months are over.

    `plan` is the one so far with its passed months as they were spent, `replan` the one that is
    followed from now on. `goals` and `goals_before` are forecasts under the two. `given_up` are
    rules on what money brings that no plan of the rest can keep any more.
    """

    scenario: str
    scenario_hash: str
    currency: str
    objective: str
    months: tuple[str, ...]
    passed: int
    source: str
    curves_source: str
    kpi: str
    money: tuple[Money, ...]
    outcomes: tuple[Outcome, ...]
    channels: tuple[Delivery, ...]
    judgement: Judgement
    plan: MediaPlan
    replan: MediaPlan
    goals_before: tuple[Forecast, ...]
    goals: tuple[Forecast, ...]
    decisions: tuple[Decision, ...]
    given_up: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def moved(self) -> float:
        """Money of the months to come that lies elsewhere in the re-plan, or is not spent."""
        from optimize import money_moved

        return money_moved(self.plan, self.replan)

    @property
    def words(self) -> list[str]:
        """The answer in sentences, the first one the shortest."""
        changed = [one for one in self.decisions if one.decision in ("scale", "cut")]
        rest = f"{self.months[self.passed]} to {self.months[-1]}"
        if not changed and self.moved <= 0:
            first = f"the plan stays as it is for {rest}"
        else:
            scaled, cut = (
                ", ".join(one.channel for one in changed if one.decision == what)
                for what in ("scale", "cut")
            )
            told = [f"{verb} {names}" for verb, names in (("scale", scaled), ("cut", cut)) if names]
            first = f"for {rest}: {'; '.join(told) or 'small changes only'}"
        lost = [f"given up, as no plan can keep it any more: {', '.join(self.given_up)}"]
        return [first, *self.judgement.words, *(lost if self.given_up else [])]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix replan`, before it is published."""
        judged = self.judgement
        return {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "currency": self.currency,
            "objective": self.objective,
            "passed": list(self.months[: self.passed]),
            "actuals": self.source,
            "curves": self.curves_source,
            "plan_against_actual": [
                *(row.to_dict() for row in self.money),
                *(row.to_dict() for row in self.outcomes),
            ],
            "channels": [row.to_dict() for row in self.channels],
            "findings": {
                "p_outcomes": judged.p_outcomes,
                "p_clicks": judged.p_clicks,
                "found": [dict(one.__dict__) for one in judged.findings],
                "candidates": [{"cause": c, "probability": p} for c, p in judged.candidates],
            },
            "goals": [
                {**now.to_dict(), "under_the_plan": before.to_dict()}
                for now, before in zip(self.goals, self.goals_before, strict=True)
            ],
            "spend": self._spend(),
            "moved": self.moved,
            "decisions": [one.to_dict() for one in self.decisions],
            "given_up": list(self.given_up),
            "words": self.words,
            "remarks": list(self.remarks),
        }

    def _spend(self) -> list[dict[str, Any]]:
        frame = self.replan.to_frame()
        cells = zip(frame["channel"], frame["month"], frame["amount"], strict=True)
        return [{"channel": str(c), "month": str(m), "amount": float(a)} for c, m, a in cells]

    def __repr__(self) -> str:
        reasons = [f"  {one.decision} {one.channel}: {one.reason}" for one in self.decisions]
        return "\n".join([*self.words, *reasons])
