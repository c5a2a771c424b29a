"""Money rules written again from their definitions, as one plain program for SciPy's own solver.

Variables are spend [channels x months] in units of an even share of the budget, and a switch for
each cell. It knows nothing of the project's programs: it only says whether rules can hold together.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.fakes import FakeScenario
from scenarios.parts import rules
from scenarios.parts.rules import Rule, periods
from tiermix.core.arrays import Floats

Line = tuple[Floats, float, float]
OPEN = np.inf


class PlainProgram:
    """Rows `low <= line @ x <= high` of the rules, and whether some x keeps them all."""

    def __init__(self, scenario: FakeScenario) -> None:
        self.scenario = scenario
        self.shape = (len(scenario.plannable), len(scenario.months))
        self.unit = scenario.budget / float(np.prod(self.shape))
        self.tiers = np.array([channel.tier for channel in scenario.channels])

    def fits(self, given: Iterable[Rule]) -> bool:
        """Whether all these rules can be kept together."""
        lines = [line for rule in given for line in self.lines(rule)]
        cells = int(np.prod(self.shape))
        if not lines:
            return True
        matrix, low, high = (np.array(part) for part in zip(*lines, strict=True))
        most = np.append(np.full(cells, OPEN), np.ones(cells))
        whole = np.append(np.zeros(cells), np.ones(cells))
        found = milp(
            np.zeros(2 * cells),
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(0.0, most),
            integrality=whole,
        )
        assert found.status in (0, 2), found.message
        return bool(found.status == 0)

    def lines(self, rule: Rule) -> list[Line]:
        """A rule's rows, from its definition."""
        match rule:
            case rules.Budget():
                return list(self._budget(rule))
            case rules.TierShare():
                return list(self._tier(rule))
            case rules.ChannelBounds():
                return list(self._bounds(rule))
            case rules.Commitment():
                return list(self._commitment(rule))
            case rules.Flight():
                return list(self._flight(rule))
            case rules.MinimumToWork():
                return list(self._minimum(rule))
            case rules.Ramp():
                return list(self._ramp(rule))
        raise AssertionError(f"{rule.kind} is not written here")

    def _line(self, channels: Floats, months: Floats, weight: float = 1.0) -> Floats:
        spend = weight * np.outer(channels, months)
        return np.append(spend.ravel(), np.zeros(spend.size))

    def _months(self, names: Iterable[str]) -> Floats:
        return np.isin(self.scenario.months, list(names)).astype(float)

    def _one(self, name: str) -> Floats:
        return (np.array(self.scenario.plannable) == name).astype(float)

    def _named(self, rule: Rule) -> list[str]:
        return list(getattr(rule, "channels", ()) or self.scenario.plannable)

    def _budget(self, rule: rules.Budget) -> Iterable[Line]:
        amount = rule.share * self.scenario.budget if rule.amount is None else rule.amount
        amount /= self.unit
        for _, months in periods(rule.period, self.scenario.months):
            line = self._line(np.ones(self.shape[0]), self._months(months))
            low = -OPEN if rule.sense == "at_most" else amount
            yield line, low, OPEN if rule.sense == "at_least" else amount

    def _tier(self, rule: rules.TierShare) -> Iterable[Line]:
        for _, months in periods(rule.period, self.scenario.months):
            where = self._months(months)
            mine = self._line((self.tiers == rule.tier).astype(float), where)
            yield from self._share(mine, where, rule.least, rule.most)

    def _share(
        self, mine: Floats, months: Floats, least: float | None, most: float | None
    ) -> Iterable[Line]:
        total = self._line(np.ones(self.shape[0]), months)
        if least is not None:
            yield mine - least * total, 0.0, OPEN
        if most is not None:
            yield mine - most * total, -OPEN, 0.0

    def _bounds(self, rule: rules.ChannelBounds) -> Iterable[Line]:
        last = self.scenario.last_year.amounts / self.unit
        for name in self._named(rule):
            for _, months in periods(rule.period, self.scenario.months):
                where = self._months(months)
                line = self._line(self._one(name), where)
                if rule.basis == "share":
                    yield from self._share(line, where, rule.least, rule.most)
                    continue
                base = float(self._one(name) @ last @ where)
                ends = [
                    None
                    if bound is None
                    else (bound / self.unit if rule.basis == "money" else (1 + bound) * base)
                    for bound in (rule.least, rule.most)
                ]
                low = -OPEN if ends[0] is None else ends[0]
                yield line, low, OPEN if ends[1] is None else ends[1]

    def _commitment(self, rule: rules.Commitment) -> Iterable[Line]:
        for month, amount in rule.amounts.items():
            high = amount / self.unit if rule.sense == "exactly" else OPEN
            yield (
                self._line(self._one(rule.channel), self._months([month])),
                amount / self.unit,
                high,
            )

    def _flight(self, rule: rules.Flight) -> Iterable[Line]:
        for month in self.scenario.months:
            if (month in rule.months) == (rule.kind == "blackout"):
                for name in self._named(rule):
                    yield self._line(self._one(name), self._months([month])), 0.0, 0.0

    def _minimum(self, rule: rules.MinimumToWork) -> Iterable[Line]:
        cells, least = int(np.prod(self.shape)), rule.amount / self.unit
        for name in self._named(rule):
            for month in self.scenario.months:
                line = self._line(self._one(name), self._months([month]))
                switch = np.roll(line, cells)
                yield line - least * switch, 0.0, OPEN
                yield line - 10 * cells * switch, -OPEN, 0.0

    def _ramp(self, rule: rules.Ramp) -> Iterable[Line]:
        for name in self._named(rule):
            for before, now in zip(self.scenario.months, self.scenario.months[1:], strict=False):
                first = self._line(self._one(name), self._months([before]))
                then = self._line(self._one(name), self._months([now]))
                if rule.up is not None:
                    yield then - (1 + rule.up) * first, -OPEN, rule.step / self.unit
                if rule.down is not None:
                    yield then - (1 - rule.down) * first, -rule.step / self.unit, OPEN
