"""The smart-home case: what was reported after half a year, beside what the market makes of it.

Two scenarios of the library, with equal people, history, plan and random streams, differ in
integration alone from the first day of the planned year; each figure is the change from one to the
other.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from scenarios import load_scenario
from sim import (
    Arm,
    Community,
    CommunityYear,
    Estimate,
    MarketYear,
    Scorecard,
    Setting,
    Workers,
    checked_customers,
    checked_seed,
    draw_world,
    estimate,
    read_year,
    simulate_tasks,
)
from tiermix.core.arrays import Floats
from tiermix.core.figures import short_percent
from tiermix.core.progress import Progress
from tiermix.core.seeds import CASE_WORLDS, seeds_of

if TYPE_CHECKING:
    import pandas as pd

Sums = dict[str, Floats]
PAIR = ("smart_home_before", "smart_home_after")
HALF_YEAR = 182
COLUMNS = ("figure", "published", "before", "after", "change", "low", "high", "comment")


@dataclass(frozen=True)
class Figure:
    """A figure of the case: which sums make it, what was published, why its size may be off.

    `published` is a relative change, 0 where only a rise was reported, None where nothing was.
    """

    name: str
    of: Callable[[Sums], Floats]
    published: float | None = None
    above: str = ""
    below: str = ""

    def comment(self, low: float, high: float) -> str:
        """Nothing where the published change lies within the interval, else why it does not."""
        if not self.published or low <= self.published <= high:
            return ""
        return self.above if low > self.published else self.below


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotient, not a number where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0))


FIGURES = (
    Figure(
        "conversion of leads met on several channels",
        lambda x: _ratio(x["cross_leads_won"], x["cross_leads_held"]),
        0.40,
        above="every person who had a cart counts, also those who had nearly decided",
        below="people are counted, not profiles: a company that did not recognise them saw leads "
        "and orders of one person apart, so that its own rate before was too low",
    ),
    Figure(
        "email click rate",
        lambda x: _ratio(x["message_clicks"], x["messages"]),
        1.0,
        above="a message that fits is clicked more than in the field study behind `match_gain`",
        below="the model opens all messages alike, while what answers people's doings is opened "
        "about twice as often as a newsletter; and the newsletter goes on",
    ),
    Figure(
        "sales from email",
        lambda x: x["message_revenue"],
        0.25,
        above="orders whose last touch is an email click: rules write to people who have a need, "
        "part of whom may have bought anyway, while a newsletter finds few who have one; and "
        "nobody unsubscribes in the model",
        below="few messages meet an open need",
    ),
    Figure(
        "all sales",
        lambda x: x["revenue"],
        0.25,
        above="one dial personalises emails, pages and ads alike, with the gain that was measured "
        "on emails; a company that personalises its emails first gets less",
        below="goodwill takes longer than half a year to build",
    ),
    Figure(
        "felt consistency",
        lambda x: _ratio(x["agreed"], x["compared"]),
        0.50,
        above="the share of touches that agree, not an answer in a survey: people forget some of "
        "what clashed",
        below="the share of touches that agree, not an answer in a survey",
    ),
    Figure("repurchase rate", lambda x: _ratio(x["repeaters"], x["buyers"]), 0.0),
    Figure("media spend", lambda x: x["spend"]),
    Figure("profit net of integration", lambda x: x["margin"] - x["spend"] - x["overheads"]),
)


class CaseDocument(TypedDict):
    """The JSON document of `tiermix scenarios case`, without the time."""

    case: str
    days: int
    customers: int
    replications: int
    seed: int
    figures: list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class CaseStudy:
    """Published and simulated changes over 182 days: `table` has `COLUMNS`, a row per figure.

    `published`, `change`, `low` and `high` are relative changes (0.4 is 40 %); `before` and `after`
    are means over the replications, each a drawn world whose random streams both scenarios share.
    The 95 % interval is a jackknife over replications, or over communities when there is only one.
    """

    name: str
    table: pd.DataFrame
    customers: int
    replications: int
    seed: int
    days: int = HALF_YEAR

    def to_dict(self) -> CaseDocument:
        """The JSON document, without the time."""
        return {
            "case": self.name,
            "days": self.days,
            "customers": self.customers,
            "replications": self.replications,
            "seed": self.seed,
            "figures": [
                {str(key): value for key, value in row.items()}
                for row in self.table.to_dict("records")
            ],
        }

    def __repr__(self) -> str:
        return f"{self._caption()}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        table = self._shown().to_html(index=False, border=0, justify="right")
        return f"<p>{html.escape(self._caption())}</p>{table}"

    def _caption(self) -> str:
        return (
            f"CaseStudy({self.name}, {self.customers:,} customers, {self.replications} "
            f"replications, {self.days} days)"
        )

    def _shown(self) -> pd.DataFrame:
        """Changes in percent."""
        table = self.table[["figure", "published", "change", "low", "high"]].copy()
        for name in ("published", "change", "low", "high"):
            table[name] = [short_percent(x, signed=True) for x in table[name].astype(float)]
        return table


def smart_home_case(
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    *,
    seed: int = 1,
    changes: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CaseStudy:
    """The smart-home case in the market; `changes` by dotted path are made to the scenario after.

    Raises `RunError` or `ScenarioError`.
    """
    import pandas as pd

    pair = [load_scenario(PAIR[0]), load_scenario(PAIR[1], changes)]
    count = checked_customers(pair[0], customers)
    draws = pair[0].defaults.replications if replications is None else replications
    worlds = seeds_of(CASE_WORLDS, checked_seed(seed), draws)
    settings = [Setting(draw_world(one, world), count, world) for world in worlds for one in pair]
    years = half_years(settings, workers, progress)
    sums = [sums_of(year) for year in years]
    rows = [_row(figure, sums[::2], sums[1::2]) for figure in FIGURES]
    report = pd.DataFrame(rows, columns=list(COLUMNS))
    return CaseStudy("smart_home", report, count, len(worlds), seed)


def smart_home_report(*arguments: Any, **options: Any) -> pd.DataFrame:
    """The old name: the table of `smart_home_case` alone, its sizes in `attrs`."""
    words = "smart_home_report is now smart_home_case, whose result has the table"
    warnings.warn(words, DeprecationWarning, stacklevel=2)
    case = smart_home_case(*arguments, **options)
    table = case.table.copy()
    table.attrs.update(customers=case.customers, replications=case.replications, seed=case.seed)
    return table


def sums_of(year: MarketYear) -> Sums:
    """Additive quantities of each community [G], costs beside media among them."""
    return Scorecard(year).sums("all")


def _row(figure: Figure, before: list[Sums], after: list[Sums]) -> tuple[Any, ...]:
    """One row of the report."""
    estimated = change(figure, before, after)
    ends = [float(figure.of(_left_out(worlds))[0]) for worlds in (before, after)]
    low, high = estimated.value - estimated.reach, estimated.value + estimated.reach
    comment = figure.comment(low, high)
    return (figure.name, figure.published, *ends, estimated.value, low, high, comment)


def change(figure: Figure, before: list[Sums], after: list[Sums]) -> Estimate:
    """The relative change of a figure over all worlds, and with each world left out.

    A single world is told over its communities.
    """
    values = _ratio(figure.of(_left_out(after)), figure.of(_left_out(before))) - 1.0
    return estimate([values], np.zeros(0))


def _left_out(worlds: list[Sums]) -> Sums:
    """Each sum over all of a world, mean over worlds; then with each one left out in turn [1 + U].

    What is left out is a world, or a community where there is but one world.
    """
    if len(worlds) == 1:
        units = worlds[0]
    else:
        units = {x: np.array([one[x].sum() for one in worlds]) / len(worlds) for x in worlds[0]}
    return {name: x.sum() - np.concatenate([[0.0], x]) for name, x in units.items()}


@dataclass(frozen=True)
class _Task:
    setting: Setting
    communities: tuple[Community, ...]


def half_years(
    settings: list[Setting], workers: Workers, progress: Progress | None = None
) -> list[MarketYear]:
    """The first half of the planned year in each setting; a setting is a task."""
    tasks = [_Task(setting, setting.layout.communities) for setting in settings]
    simulated = simulate_tasks(
        _simulate_group, tasks, settings, workers=workers, progress=progress, what="half-years"
    )
    return [
        replace(
            MarketYear.gather(setting.scenario, setting.layout, years, planned=True),
            days=HALF_YEAR,
        )
        for setting, years in zip(settings, simulated, strict=True)
    ]


def _simulate_group(task: _Task) -> list[CommunityYear]:
    return [_simulate_half_year(task.setting, community) for community in task.communities]


def _simulate_half_year(setting: Setting, community: Community) -> CommunityYear:
    """A community's history, and its book of the first half of the planned year."""
    _, snapshot = setting.history(community)
    simulation = setting.begun(snapshot, Arm(setting.scenario.reference_plan))
    first = setting.scenario.history_days
    simulation.advance(first + HALF_YEAR)
    return read_year(simulation, first, HALF_YEAR)
