"""What stands beside a comparison in its report, and how it is made from plans and curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import pandas as pd

from experiments.comparison.result import SHOWN_WORLD, Comparison, Study
from experiments.report.comparison.grounds import grounds
from experiments.report.comparison.money import (
    Budgets,
    Returns,
    budgets_of,
    expected_of,
    returns_of,
    spent_last_year,
)
from experiments.wording import kpi_name
from optimize import ResponseCurves
from scenarios import MediaPlan, Scenario
from tiermix.core.arrays import Floats
from tiermix.core.figures import number

GRID = np.linspace(0.0, 2.2, 23)
"""Where a channel's curve is drawn: its money of the year against last year's."""
DRAWS = 24


class Price(Protocol):
    """A rule of the plan, what one step of its number is worth, and the same in words."""

    @property
    def rule(self) -> str: ...
    @property
    def price(self) -> float: ...
    @property
    def words(self) -> str: ...


@dataclass(frozen=True, eq=False)
class ReportData:
    """Frames and words around a comparison; whatever is left out does not appear in the report.

    channels: `channel, label, label_zh, tier`, in the order in which they are to be shown.
    last_year: `channel, month, amount`: last year's money as it was spent, on the months of the
        planned year.
    prices: what the rules of the best plan cost, the most telling first; None if the plan is not
        the solution of a program. Rules that cost nothing are left out.
    curves: `channel, spend, response, low, high` per month, in `response_unit`; `curves_from` says
        what they were made from.
    points: `channel, point, spend, response` with point `today` or `planned`.
    attribution: `model, channel, credit, truth, truth_se` in conversions; `credit_rule` says what
        credit is given for, and what the truth is.
    plausibility: `figure, value, se, low, high, verdict, source, why`, …: what the scenario implies
        beside the ranges that it is expected to lie in.
    sampling, provenance: words or numbers by name.
    unfit: why the scenario is not to be planned with, where its health card says so.
    returns, budgets: what the curves say of channels' money, and of other budgets.
    expected: `strategy, expected, low, high`: what programs expected of the objective.
    given: what the study was given, by name; uncertain: `(path, spread, shared)` of each parameter
        that a planner cannot know.
    repeat: the command that makes the study again, and what it needs.
    """

    title: str
    title_zh: str = ""
    about: str = ""
    channels: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["channel", "label", "label_zh", "tier"])
    )
    last_year: pd.DataFrame | None = None
    prices: Sequence[Price] | None = None
    curves: pd.DataFrame | None = None
    curves_from: str = ""
    points: pd.DataFrame | None = None
    response_unit: str = "margin a month"
    attribution: pd.DataFrame | None = None
    credit_rule: str = ""
    plausibility: pd.DataFrame | None = None
    sampling: Mapping[str, str | float] = field(default_factory=dict)
    provenance: Mapping[str, str | float] = field(default_factory=dict)
    unfit: str = ""
    returns: Returns | None = None
    budgets: Budgets | None = None
    expected: pd.DataFrame | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    uncertain: Sequence[tuple[str, float, bool]] = ()
    repeat: Sequence[str] = ()

    @property
    def cut_off(self) -> float:
        """Margin that one more unit of money has to bring in this plan: 1 where it is not scarce.

        That is what the budget's last unit brings.
        """
        found = self.budgets
        if found is None:
            return 1.0
        nearest = min(found.plans, key=lambda plan: abs(plan.budget - found.usual))
        if found.objective not in ("margin", "profit") or not math.isfinite(nearest.marginal):
            return 1.0
        return max(nearest.marginal, 0.0) + (found.objective == "profit")

    @property
    def spent_by_channel(self) -> dict[str, float]:
        """Last year's money of each channel."""
        if self.last_year is None:
            return {}
        sums = self.last_year.groupby("channel")["amount"].sum()
        return {str(name): float(amount) for name, amount in sums.items()}

    @property
    def binding(self) -> list[Price]:
        """The prices of the rules that cost something."""
        return [price for price in self.prices or () if price.price]

    def label(self, channel: str) -> tuple[str, str]:
        """English and Chinese name of a channel; its own name where none was given."""
        rows = self.channels[self.channels["channel"] == channel]
        if rows.empty:
            return channel, ""
        return str(rows["label"].iloc[0]), str(rows["label_zh"].iloc[0])

    def shown(self, channel: str) -> str:
        """A channel's name in pictures."""
        return self.label(channel)[0]

    def tier(self, channel: str) -> int:
        """The channel's tier; 3, the exploratory one, where none was given."""
        rows = self.channels.loc[self.channels["channel"] == channel, "tier"]
        return int(rows.iloc[0]) if len(rows) else 3


def report_data(
    scenario: Scenario,
    study: Study,
    *,
    attribution: pd.DataFrame | None = None,
    credit_rule: str = "",
    plausibility: pd.DataFrame | None = None,
) -> ReportData:
    """What the report shows beside the comparison; prices and curves are the shown plan's."""
    comparison = study.comparison
    best = study.choices[comparison.shown][SHOWN_WORLD]
    curves, made_from = _curves(study, best.curves)
    table = points = None
    if curves is not None:
        table, points = curve_pictures(scenario, curves, best.media)
    return ReportData(
        title=scenario.title,
        title_zh=scenario.title_zh,
        about=scenario.about,
        channels=pd.DataFrame(
            [(c.name, c.name.replace("_", " "), c.name_zh, c.tier) for c in scenario.channels],
            columns=["channel", "label", "label_zh", "tier"],
        ),
        last_year=spent_last_year(scenario, study),
        prices=best.plan.shadow_prices if best.plan else None,
        curves=table,
        curves_from=made_from,
        points=points,
        response_unit=f"{kpi_name(_shown_kpi(scenario, curves))} a month" if curves else "",
        attribution=attribution,
        credit_rule=credit_rule,
        plausibility=plausibility,
        sampling=sampling(scenario, comparison),
        provenance=notes(comparison),
        unfit=_unfit(scenario),
        returns=None if curves is None else returns_of(scenario, curves, best.media),
        budgets=None if curves is None else budgets_of(scenario, curves),
        expected=expected_of(study),
        **grounds(scenario, comparison),
    )


def _unfit(scenario: Scenario) -> str:
    """The first finding of a health card that says stop."""
    if scenario.health.level != "stop":
        return ""
    return next(iter(scenario.health.findings), "its health card says stop").rstrip(".")


def notes(comparison: Comparison) -> dict[str, str]:
    """What a strategy had to say about its plans, such as that it found none."""
    return {f"note on {name}": said for name, said in comparison.notes.items()}


def sampling(scenario: Scenario, comparison: Comparison) -> dict[str, str | float]:
    """How much was simulated, and what error that leaves."""
    years = comparison.replications * (1 + len(comparison.strategies))
    people = scenario.market_size / comparison.customers
    return {
        "worlds drawn": f"{comparison.replications:,}",
        "customers in each market": f"{comparison.customers:,}",
        "people behind each customer": number(people),
        "market years of the comparison": f"{years:,}",
    }


def _curves(study: Study, own: ResponseCurves | None) -> tuple[ResponseCurves | None, str]:
    """The curves that the shown plan was made on, else those measured in the market."""
    if own is not None and own is not study.known:
        return own, _estimated(own)
    if study.known is not None:
        return study.known, "Curves as measured by experiments in the simulated market."
    return None, ""


def _estimated(curves: ResponseCurves) -> str:
    guessed = curves.prior_only
    told = f" Prior only, with no data behind them: {', '.join(guessed)}." if guessed else ""
    return f"Curves as the company estimates them from its own last year.{told}"


def _shown_kpi(scenario: Scenario, curves: ResponseCurves) -> str:
    wanted = "margin" if scenario.objective == "profit" else scenario.objective
    return wanted if wanted in curves.kpis else curves.kpis[0]


def curve_pictures(
    scenario: Scenario, curves: ResponseCurves, plan: MediaPlan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves `channel, spend, response, low, high` and points, as money and response per month.

    The response is that of a month in the mean of the year when the money is kept up, against a
    month without it. Bands are 90 % of the curves' draws.
    """
    kpi = _shown_kpi(scenario, curves)
    frames, points = [], []
    for name in scenario.plannable:
        today = scenario.reference_plan.by_channel[name] / 12
        if today <= 0 or name not in curves.channels:
            continue
        spend = GRID * today
        low, high = _band(curves, name, kpi, spend)
        response = _monthly(curves, name, kpi, spend)
        columns = {"spend": spend, "response": response, "low": low, "high": high}
        frames.append(pd.DataFrame({"channel": name, **columns}))
        planned = plan.by_channel.get(name, 0.0) / 12
        for point, money in (("today", today), ("planned", planned)):
            value = _monthly(curves, name, kpi, np.array([money]))[0]
            points.append((name, point, money, value))
    table = pd.concat(frames, ignore_index=True)
    return table, pd.DataFrame(points, columns=["channel", "point", "spend", "response"])


def _monthly(curves: ResponseCurves, channel: str, kpi: str, spend: Floats) -> Floats:
    """Mean over the months of a channel's curve at a monthly spend [n]."""
    found = [curves.get(channel, kpi, month) for month in curves.months]
    return np.asarray(np.mean([c.value(spend) for c in found if c is not None], axis=0))


def _band(curves: ResponseCurves, channel: str, kpi: str, spend: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile over draws; the curve itself where there are none."""
    draws = range(min(curves.draws, DRAWS))
    if not draws:
        response = _monthly(curves, channel, kpi, spend)
        return response, response
    mine = replace(curves, curves=tuple(c for c in curves.curves if c.channel == channel))
    drawn = [_monthly(mine.draw(d), channel, kpi, spend) for d in draws]
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return low, high
