"""The health card of a calibrated scenario: figures with levels, backtests, misfit weeks.

A card stops a plan where the market does not agree with the history; it asks for a look where
something is off; else the scenario is as good as its weeks allow, which is said by parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from experiments.calibration.health.backtests import rows
from experiments.calibration.health.figure import LEVELS, OK, Figure, worst
from experiments.calibration.health.figures import figures, noisy
from experiments.calibration.health.foretold import backtest_figures
from experiments.calibration.health.weeks import misfit_weeks
from experiments.calibration.judged import Judged
from scenarios import Health

VERDICTS = {
    "ok": "the fitted market agrees with the history",
    "look": "the fitted market agrees with the history, but for what follows",
    "stop": "do not plan with this scenario",
}


class HealthDocument(TypedDict):
    """A health card as a document."""

    level: str
    says: str
    findings: list[str]
    figures: list[dict[str, Any]]
    backtests: list[dict[str, Any]]
    misfit_weeks: list[dict[str, Any]]
    not_learned: list[str]


@dataclass(frozen=True)
class HealthCard:
    """Figures with their levels; `backtests` by horizon, `misfit_weeks`, what was `not_learned`."""

    figures: tuple[Figure, ...]
    backtests: tuple[dict[str, Any], ...]
    misfit_weeks: tuple[dict[str, Any], ...]
    not_learned: tuple[str, ...]

    @property
    def level(self) -> str:
        """The gravest level of all figures: ok, look or stop."""
        return worst([one.level for one in self.figures])

    @property
    def says(self) -> str:
        """The verdict in a sentence."""
        return VERDICTS[self.level]

    @property
    def findings(self) -> list[str]:
        """Sentences on what is not in order, the gravest first."""
        found = [one for one in self.figures if one.level != OK]
        return [
            one.sentence for one in sorted(found, key=lambda x: LEVELS.index(x.level), reverse=True)
        ]

    @property
    def health(self) -> Health:
        """What the scenario keeps of the card."""
        return Health.model_validate({"level": self.level, "findings": self.findings})

    def to_dict(self) -> HealthDocument:
        """The JSON document."""
        return {
            "level": self.level,
            "says": self.says,
            "findings": self.findings,
            "figures": [one.to_dict() for one in self.figures],
            "backtests": list(self.backtests),
            "misfit_weeks": list(self.misfit_weeks),
            "not_learned": list(self.not_learned),
        }

    def __repr__(self) -> str:
        off = [one.figure for one in self.figures if one.level != OK]
        return f"HealthCard({self.level}{': ' + ', '.join(off) if off else ''})"


def health_card(calibration: Judged) -> HealthCard:
    """Look at a calibration from all sides."""
    tests = rows(calibration)
    unlearned = [row["name"] for row in calibration.parameters if row["verdict"] == "prior"]
    return HealthCard(
        (*figures(calibration), *backtest_figures(tests, noisy=noisy(calibration))),
        tuple(tests),
        tuple(misfit_weeks(calibration)),
        tuple(unlearned),
    )
