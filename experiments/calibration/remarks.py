"""What a user ought to know of a calibration before believing its scenario, worst first."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.calibration.agreement import market_ratio
from experiments.calibration.health.card import health_card
from experiments.calibration.history import WEEK
from experiments.calibration.judged import Judged
from tiermix.core.figures import number


def remarks(calibration: Judged) -> list[str]:
    """Sentences, the gravest first."""
    return [
        *health_card(calibration).findings,
        *_size(calibration),
        *_next_year(calibration),
        *_scenario(calibration),
        *calibration.history.unused,
    ]


def _size(calibration: Judged) -> Iterator[str]:
    """A market of another size than the base's: orders say so, spend alone does not."""
    needs = next((r["estimate"] for r in calibration.parameters if r["name"] == "needs"), 1.0)
    real, fitted = calibration.history.own, calibration.whole.answer.own
    sold = market_ratio(real.conversions, fitted.conversions, needs)
    spent = calibration.fitted.last_year.total / max(calibration.base.last_year.total, 1e-12)
    if not 0.5 <= sold <= 2.0:
        people = float(f"{calibration.base.market_size * sold:.2g}")
        yield (
            f"the company has {number(sold)} times the orders of the base on as many people; if "
            f"its market is smaller or larger, say so: set `market_size` to {people:,.0f} or so."
        )
    if not 0.2 <= spent / max(sold, 1e-12) <= 5.0:
        yield (
            f"the company spends {number(spent)} times what the base does for {number(sold)} times "
            "its orders: check the unit and the currency of spend before anything else."
        )


def _next_year(calibration: Judged) -> Iterator[str]:
    """What is assumed of controls in the year that is planned."""
    scenario = calibration.fitted
    last = scenario.start.replace(year=scenario.start.year + 1)
    short = [control for control in scenario.controls if control.end + WEEK < last]
    if short:
        names = ", ".join(control.name for control in short)
        yield (
            f"of {names} nothing is known after {short[0].end}: each week is taken as that of 52 "
            "weeks before. Where you know better, go on with their `values` in the scenario, a "
            "figure a week."
        )


def _scenario(calibration: Judged) -> Iterator[str]:
    now, before = calibration.fitted.last_year.by_channel, calibration.base.last_year.by_channel
    absent = [name for name, money in before.items() if money > 0 and now[name] == 0]
    if absent:
        yield (
            f"not in the history, so without money last year: {', '.join(absent)}. Nothing can be "
            "learned of them there, and plans give them none."
        )
    if calibration.unfit:
        yield (
            "rules of the base that the company's own last year could not keep are left out: "
            f"{', '.join(calibration.unfit)}. Write your own."
        )
    prior = [row["name"] for row in calibration.parameters if row["verdict"] == "prior"]
    if prior:
        yield f"these are still the base's, the weeks said nothing: {', '.join(prior)}."
