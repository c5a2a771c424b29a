"""What only the company knows: its margin, its budget, its currency; and what could be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.company_data.doubts import TableError

if TYPE_CHECKING:
    from scenarios import Scenario


@dataclass(frozen=True)
class Proposal:
    """A question that no table answers: what it asks, and what is proposed for it."""

    name: str
    title: str
    asks: str
    remedy: str
    typed: str
    value: Any
    because: str


@dataclass(frozen=True)
class Answers:
    """Answers that were given; None where none was. A `budget` is as people write amounts."""

    margin_rate: float | None = None
    budget: float | str | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        rate = self.margin_rate
        if rate is not None and not 0.0 < rate <= 1.0:
            raise TableError(
                f"--margin-rate {rate:g} is no share above 0 and at most 1; write 0.4 for 40 %."
            )

    def in_money(self, last_year: float | None) -> Answers:
        """The same with the budget as an amount: 2.5m, or 80% of what last year spent."""
        if self.budget is None or last_year is None:
            return self
        from scenarios import budget_of

        return replace(self, budget=budget_of(str(self.budget), last_year))

    def proposals(self, base: Scenario, last_year: float | None) -> list[Proposal]:
        """What could be taken, by the base and by the money of the table's last year."""
        money = None if last_year is None else float(f"{last_year:.0f}")
        said = "AMOUNT" if money is None else f"{money:.0f}"
        return [
            Proposal(
                "margin_rate", "margin",
                "no table tells what is left of an order's value before media",
                f"say it, as --margin-rate {base.margin_rate:g} (that of {base.name})",
                f"--margin-rate {base.margin_rate:g}", base.margin_rate, f"that of {base.name}",
            ),
            Proposal(
                "budget", "budget", "no table tells what the next year may cost",
                f"say it, as --budget {said} (what the last twelve months spent)",
                f"--budget {said}", money, "what the last twelve months spent",
            ),
            Proposal(
                "currency", "currency", "the table does not say whose money it is",
                f"say it, as --currency EUR (that of {base.name} is {base.currency})",
                f"--currency {base.currency}", base.currency, f"that of {base.name}",
            ),
        ]  # fmt: skip

    def completed(self, taken: Sequence[Proposal]) -> Answers:
        """The answers with what was taken for those that were not given."""
        return replace(self, **{one.name: one.value for one in taken})
