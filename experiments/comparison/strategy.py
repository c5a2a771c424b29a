"""What a strategy is: how it makes its plan for the year, what it may know, what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scenarios import MediaPlan, Scenario, TiermixError

if TYPE_CHECKING:
    from experiments.comparison.review import Review
    from experiments.planner_tests.held_out import HeldOut
    from optimize import InfeasiblePlan, Plan, ResponseCurves
    from sim import Setting


class StrategyError(TiermixError):
    """A strategy that does not exist, cannot be imported, or makes no plan of the scenario."""


@dataclass(frozen=True)
class Knowledge:
    """What a planner may know: the scenario as written, and last year as the company saw it.

    `last_click` is last year's revenue by the channel of the session; `estimated` makes curves from
    the company's aggregates when asked. `explain` asks programs for prices and intervals, `gap`
    says how far from the best they may be (None: as near as usual), and without `calm` they give
    the best plan itself, where nobody is to follow it.

    `tested` makes curves from the same aggregates and from what lift tests found, by channel.

    Two things are lent to strategies that ask for them: `known`, the curves measured in the
    scenario as written, which only a simulator can have (`needs_curves`), and `drawn`, the market
    that was drawn, to know it or to follow a plan through its year (`needs_market`).
    """

    scenario: Scenario
    last_click: dict[str, float]
    estimated: Callable[[], ResponseCurves]
    known: ResponseCurves | None = None
    explain: bool = True
    drawn: Setting | None = None
    gap: float | None = None
    tested: Callable[[Mapping[str, tuple[float, ...]]], ResponseCurves] | None = None
    calm: bool = True

    def lent_to(self, strategy: Strategy) -> Knowledge:
        """The same with what the strategy does not ask for left out."""
        return replace(
            self,
            known=self.known if strategy.needs_curves else None,
            drawn=self.drawn if strategy.needs_market else None,
        )


@dataclass(frozen=True)
class Choice:
    """A strategy's plan; for programs also the plan's certificate and prices, or why none.

    `fallback`: the strategy found no plan of its own and kept last year's; `note` says why, and
    `refused` is the proof where no plan keeps the rules on its curves. `tests` are lift tests that
    were made for the plan, `diary` the reviews at which it was made again.
    """

    media: MediaPlan
    plan: Plan | None = None
    note: str = ""
    curves: ResponseCurves | None = field(default=None, repr=False)
    fallback: bool = False
    refused: InfeasiblePlan | None = field(default=None, repr=False)
    tests: tuple[HeldOut, ...] = ()
    diary: tuple[Review, ...] = ()


@dataclass(frozen=True)
class Strategy:
    """A way of making the plan for the year, with all that a study has to know about it.

    `plan` takes a `Knowledge` and returns a `Choice`. `label` and `label_zh` are its names in
    reports (`name` unless given), `explains` says in a sentence or two how it plans.

    `usual`: compared unless others are asked for. `privileged`: it knows what only a simulator can
    know, and no company can follow it. `same_in_every_world`: it looks at nothing that differs
    between worlds (no last click, no estimates), and is planned once. `needs_curves`: curves are
    measured for it. `needs_market`: it is lent the drawn market.
    """

    name: str
    plan: Callable[[Knowledge], Choice]
    label: str = ""
    label_zh: str = ""
    explains: str = ""
    usual: bool = False
    privileged: bool = False
    same_in_every_world: bool = False
    needs_curves: bool = False
    needs_market: bool = False

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip() or set(self.name) & set(",:"):
            raise StrategyError(
                f"a strategy is named {self.name!r}; use a name without commas and colons"
            )
        if not self.label:
            object.__setattr__(self, "label", self.name)
