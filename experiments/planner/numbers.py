"""The numbers of rules and goals as a page shows them: what each is called, and its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenarios import KPIS, Budget, Goal, Rule

Unit = Literal["percent", "money", "count"]
LABELS = {
    "amount": "amount", "share": "share", "least": "at least", "most": "at most", "up": "up by",
    "down": "down by", "step": "in any case", "step_share": "in any case, of a month",
    "cap": "at most", "floor": "at least", "at_least": "at least", "at_most": "at most",
    "months_on_end": "months on end", "learning": "learning budget", "change": "change",
    "level": "level",
}  # fmt: skip
SHARES = {"share", "up", "down", "step_share", "floor", "change"}
STEPS = {"step", "step_share"}
MONEY = {"amount", "step", "learning", "cap"}


@dataclass(frozen=True)
class Number:
    """A number of a rule or goal: the field that has it, its value there, and its unit."""

    of: str
    field: str
    value: float
    unit: Unit

    @property
    def label(self) -> str:
        """What the field is called."""
        return LABELS.get(self.field, self.field.replace("_", " "))

    @property
    def shown(self) -> float:
        """The value as people write it: shares in percent."""
        return 100.0 * self.value if self.unit == "percent" else self.value

    def meant(self, shown: float) -> float:
        """The value of the field that somebody wrote."""
        return shown / 100.0 if self.unit == "percent" else shown


def numbers_of(rule: Rule) -> list[Number]:
    """The numbers of a rule that are given, but for a whole budget and steps of nothing."""
    if isinstance(rule, Budget) and rule.amount is None and rule.share == 1.0:
        return []
    found = [(field, getattr(rule, field)) for field in type(rule).numbers]
    return [
        Number(rule.name, field, float(value), number_unit(rule, field))
        for field, value in found
        if value is not None and not (field in STEPS and value == 0)
    ]


def target_of(goal: Goal) -> Number:
    """What a goal asks for."""
    if goal.change is not None:
        return Number(goal.name, "change", goal.change, "percent")
    return Number(goal.name, "level", goal.target(), unit_of_kpi(goal.kpi))


def unit_of_kpi(kpi: str) -> Unit:
    """In what a KPI is written."""
    unit = KPIS[kpi].unit if kpi in KPIS else ""
    if unit == "share":
        return "percent"
    return "money" if unit.startswith("money") or kpi == "spend" else "count"


def number_unit(rule: Rule, field: str) -> Unit:
    """In what a number of a rule is written."""
    if field in SHARES:
        return "percent"
    if field in MONEY:
        return "money"
    kpi = getattr(rule, "kpi", "")
    if kpi:
        return unit_of_kpi(kpi)
    if field in ("least", "most") and rule.kind != "live_channels":
        return "money" if getattr(rule, "basis", "share") == "money" else "percent"
    return "count"
