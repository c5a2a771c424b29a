"""Money rules written again from their definitions, as one plain program for SciPy's own solver.

Variables are spend [channels x months] in units of an even share of the budget, a switch for each
cell, and for each cell and rule on steps of money a whole number of steps. It knows nothing of the
project's programs: it only says whether rules can hold together.
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
        given = list(given)
        steps = [rule for rule in given if isinstance(rule, rules.MoneySteps)]
        lines = [line for rule in given if rule not in steps for line in self.lines(rule)]
        cells = int(np.prod(self.shape))
        none = np.zeros(len(steps) * cells)
        lines = [(np.append(line, none), low, high) for line, low, high in lines]
        lines += [
            line for place, rule in enumerate(steps) for line in self._steps(rule, place, none)
        ]
        if not lines:
            return True
        matrix, low, high = (np.array(part) for part in zip(*lines, strict=True))
        most = np.concatenate([np.full(cells, OPEN), np.ones(cells), none + OPEN])
        whole = np.concatenate([np.zeros(cells), np.ones(cells), none + 1.0])
        found = milp(
            np.zeros(len(whole)),
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
                return [x for name in self._named(rule) for x in self._bounds(rule, [name])]
            case rules.GroupBounds():
                return list(self._bounds(rule, rule.channels))
            case rules.Commitment():
                return list(self._commitment(rule))
            case rules.Flight():
                return list(self._flight(rule))
            case rules.MinimumToWork():
                return list(self._minimum(rule))
            case rules.FlightLength():
                return list(self._flight_length(rule))
            case rules.LiveChannels():
                return list(self._live_channels(rule))
            case rules.Launch():
                return list(self._launch(rule))
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

    def _bounds(
        self, rule: rules.ChannelBounds | rules.GroupBounds, names: Iterable[str]
    ) -> Iterable[Line]:
        last = self.scenario.last_year.amounts / self.unit
        mine = np.isin(self.scenario.plannable, list(names)).astype(float)
        for _, months in periods(rule.period, self.scenario.months):
            where = self._months(months)
            line = self._line(mine, where)
            if rule.basis == "share":
                yield from self._share(line, where, rule.least, rule.most)
                continue
            base = float(mine @ last @ where)
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
        for name in self._named(rule):
            for month in self.scenario.months:
                yield from self._nothing_or(name, month, rule.amount / self.unit)

    def _nothing_or(self, name: str, month: str, least: float) -> Iterable[Line]:
        """A cell has nothing and its switch is off, or at least so much and it is on."""
        line, switch = self._cell(name, month), self._switch(name, month)
        yield line - least * switch, 0.0, OPEN
        yield line - 10 * int(np.prod(self.shape)) * switch, -OPEN, 0.0

    def _cell(self, name: str, month: str) -> Floats:
        return self._line(self._one(name), self._months([month]))

    def _switch(self, name: str, month: str) -> Floats:
        return np.roll(self._cell(name, month), int(np.prod(self.shape)))

    def _live_at(self, rule: rules.FlightLength | rules.LiveChannels, name: str) -> float:
        """The amount of a live month: the rule's, or a hundredth of the average month."""
        average = float(self._one(name) @ self.scenario.last_year.amounts.mean(axis=1))
        return (0.01 * average if rule.amount is None else rule.amount) / self.unit

    def _flight_length(self, rule: rules.FlightLength) -> Iterable[Line]:
        """Whoever is live in a month and was not before is live in all of the next months."""
        months = self.scenario.months
        for name in self._named(rule):
            least = self._live_at(rule, name)
            for place, month in enumerate(months):
                yield from self._nothing_or(name, month, least)
                later = months[place + 1 : place + rule.months_on_end]
                on = self._switch(name, month)
                before = self._switch(name, months[place - 1]) if place else 0.0 * on
                together = sum((self._switch(name, other) for other in later), 0.0 * on)
                if later:  # all of them: with binaries the same as one row for each
                    yield len(later) * (on - before) - together, -OPEN, 0.0

    def _live_channels(self, rule: rules.LiveChannels) -> Iterable[Line]:
        names = self._named(rule)
        for month in rule.months or self.scenario.months:
            for name in names:
                yield from self._nothing_or(name, month, self._live_at(rule, name))
            live = sum(self._switch(name, month) for name in names)
            low = -OPEN if rule.least is None else rule.least
            yield np.asarray(live), low, OPEN if rule.most is None else rule.most

    def _launch(self, rule: rules.Launch) -> Iterable[Line]:
        months = self.scenario.months
        start = months.index(rule.start)
        for month in months[:start]:
            yield self._cell(rule.channel, month), 0.0, 0.0
        line = self._line(
            self._one(rule.channel), self._months(months[start : start + rule.learning_months])
        )
        most = OPEN if rule.most is None else rule.most / self.unit
        yield line, rule.learning / self.unit, most

    def _steps(self, rule: rules.MoneySteps, place: int, none: Floats) -> Iterable[Line]:
        """A cell is its whole number times the step; those of the rule stand at its place."""
        cells = int(np.prod(self.shape))
        for name in self._named(rule):
            for month in self.scenario.months:
                line = np.append(self._cell(name, month), none)
                count = np.roll(line, (2 + place) * cells)
                yield line - rule.step / self.unit * count, 0.0, 0.0

    def _ramp(self, rule: rules.Ramp) -> Iterable[Line]:
        for name in self._named(rule):
            average = float(self._one(name) @ self.scenario.last_year.amounts.mean(axis=1))
            free = (rule.step + rule.step_share * average) / self.unit
            for before, now in zip(self.scenario.months, self.scenario.months[1:], strict=False):
                first = self._line(self._one(name), self._months([before]))
                then = self._line(self._one(name), self._months([now]))
                if rule.up is not None:
                    yield then - (1 + rule.up) * first, -OPEN, free
                if rule.down is not None:
                    yield then - (1 - rule.down) * first, -free, OPEN
