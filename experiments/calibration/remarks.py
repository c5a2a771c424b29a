"""What a user ought to know of a calibration before believing its scenario, worst first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from experiments.calibration.agreement import FAR, market_ratio
from experiments.calibration.fit import Posterior
from experiments.calibration.history import History
from scenarios import Scenario
from tiermix.core.figures import number

FAR_FROM_TEST = 2.0
"""Standard errors between a test and the fitted market that are worth a word."""
COARSE = 5.0
"""Orders a week below which a simulated market hardly has weeks that could agree."""


class Judged(Protocol):
    """A calibration, as far as there is something to remark on."""

    @property
    def base(self) -> Scenario: ...
    @property
    def history(self) -> History: ...
    @property
    def whole(self) -> Posterior: ...
    @property
    def scenario(self) -> Scenario: ...
    @property
    def left_out(self) -> int: ...
    @property
    def fit(self) -> dict[str, Any]: ...
    @property
    def parameters(self) -> list[dict[str, Any]]: ...
    @property
    def fit_by_channel(self) -> list[dict[str, Any]]: ...
    @property
    def lifts(self) -> list[dict[str, Any]]: ...
    @property
    def unfit(self) -> tuple[str, ...]: ...


def remarks(calibration: Judged) -> list[str]:
    """Sentences, the gravest first."""
    return [
        *_agreement(calibration),
        *_size(calibration),
        *_figures(calibration),
        *_tests(calibration),
        *_scenario(calibration),
        *calibration.history.unused,
    ]


def _agreement(calibration: Judged) -> Iterator[str]:
    fit = calibration.fit
    if not fit["agrees"]:
        yield (
            f"THE FITTED MARKET DOES NOT AGREE WITH THE HISTORY: its weeks are off by "
            f"{fit['mape']:.0%}, those of a constant by {fit['mape_constant']:.0%}. Do not plan "
            "with this scenario; what follows says what may be wrong."
        )
    elif fit["p_value"] < 0.01:
        yield (
            f"the moments disagree by more than luck (chi-square {fit['chi_square']:.0f} on "
            f"{fit['degrees_of_freedom']:.0f} degrees of freedom): something in the history is not "
            "in the base, such as a season, a price or a trend; intervals are too narrow then."
        )
    if fit["mape_held_out"] > fit["mape_held_out_naive"] + fit["shown_noise"]:
        yield (
            f"the last {fit['weeks_held_out']} weeks are foretold worse than by a constant: "
            f"{fit['mape_held_out']:.0%} against {fit['mape_held_out_naive']:.0%}."
        )
    if fit["customers_needed"] > 1.5 * fit["customers"]:
        coarse = "hardly any" if fit["simulated_orders_a_week"] < COARSE else "few"
        people = calibration.base.market_size
        most = fit["customers_needed"] > people
        cure = (
            f"say how large the market is (market_size is {people:,.0f})"
            if most
            else f"ask for {fit['customers_needed']:,} (`customers`)"
        )
        yield (
            f"{fit['customers']:,} simulated customers have {coarse} orders, "
            f"{number(fit['simulated_orders_a_week'])} a week: their own noise is "
            f"{fit['simulated_noise']:.0%}, the history changes by {fit['history_noise']:.0%} from "
            f"week to week; {cure}."
        )


def _size(calibration: Judged) -> Iterator[str]:
    """A market of another size than the base's: orders say so, spend alone does not."""
    if calibration.left_out:
        yield f"{calibration.left_out} weeks lie outside the base's years and were not used."
    needs = next((r["estimate"] for r in calibration.parameters if r["name"] == "needs"), 1.0)
    sold = market_ratio(
        calibration.history.conversions, calibration.whole.answer.conversions, needs
    )
    spent = calibration.scenario.last_year.total / max(calibration.base.last_year.total, 1e-12)
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


def _figures(calibration: Judged) -> Iterator[str]:
    """Figures of channels that the market misses, and parameters that left their prior."""
    far = [row for row in calibration.fit_by_channel if abs(row["ratio"] - 1.0) > FAR]
    if far:
        listed = ", ".join(
            f"{row['figure']} of {row['channel']} {number(row['observed'])} in the file, "
            f"{number(row['fitted'])} fitted"
            for row in far
        )
        yield f"figures that the fitted market misses by more than {FAR:.0%}: {listed}."
    out = [
        f"{row['name']} {number(row['estimate'])} (expected {number(row['prior_low'])} to "
        f"{number(row['prior_high'])})"
        for row in calibration.parameters
        if not row["prior_low"] <= row["estimate"] <= row["prior_high"]
    ]
    if out:
        yield f"beyond what the base would have thought possible: {', '.join(out)}."


def _tests(calibration: Judged) -> Iterator[str]:
    """Tests that the fitted market contradicts."""
    for row in calibration.lifts:
        apart = row["lift"] - row["fitted"]
        if abs(apart) > FAR_FROM_TEST * (row["error"] ** 2 + row["fitted_error"] ** 2) ** 0.5:
            yield (
                f"the test of {row['channel']} found {row['lift']:.1%} of orders (standard error "
                f"{row['error']:.1%}), the fitted market {row['fitted']:.1%}: weeks and base pull "
                "it away; look whether the test fits the base's channel."
            )


def _scenario(calibration: Judged) -> Iterator[str]:
    now, before = calibration.scenario.last_year.by_channel, calibration.base.last_year.by_channel
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
