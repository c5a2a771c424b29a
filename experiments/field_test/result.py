"""A company's own test as it was analysed: estimates by method, placebo tests, money, the share."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from experiments.field_test.estimate import Estimate
from experiments.field_test.money import (
    Change,
    Money,
    cost_of_one,
    measured_share,
    per_money,
)
from experiments.field_test.people import PeopleTable
from experiments.field_test.placebo import Check
from experiments.field_test.regions import RegionTable
from experiments.lifts import MeasuredLift
from tiermix.core.figures import number, p_value, percent

FEW_FIGURES = 3


@dataclass(frozen=True, eq=False)
class MethodResult:
    """One method's estimate and placebo tests, or why it is not made for this test."""

    name: str
    estimate: Estimate | None
    why: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, eq=False)
class FieldTest:
    """A test in the field; its headline is that of `method`.

    `extra` is the money that the test cost, where it is known; `change` what was done to it.
    """

    table: RegionTable | PeopleTable
    method: str
    results: tuple[MethodResult, ...]
    remarks: tuple[str, ...]
    money: Money | None = None
    extra: float | None = None
    change: Change | None = None
    channel: str | None = None

    @property
    def estimate(self) -> Estimate:
        """The estimate of the method that was chosen."""
        found = next(one.estimate for one in self.results if one.name == self.method)
        assert found is not None
        return found

    @property
    def checks(self) -> tuple[Check, ...]:
        """Placebo tests of the method that was chosen."""
        return next(one.checks for one in self.results if one.name == self.method)

    def lift(self, start: dt.date, end: dt.date) -> MeasuredLift:
        """The test as a line of measured lifts; it has to have a channel and a change."""
        assert self.channel is not None
        assert self.change is not None
        share, error = measured_share(self.estimate, self.change)
        return MeasuredLift(self.channel, start, end, share, error)

    @property
    def span(self) -> tuple[dt.date, dt.date] | None:
        """First and last day of a test by regions."""
        return (self.table.start, self.table.end) if isinstance(self.table, RegionTable) else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document, without where things were written."""
        one = self.estimate
        return {
            "kind": "regions" if isinstance(self.table, RegionTable) else "people",
            "file": self.table.source,
            "sha256": self.table.digest,
            "channel": self.channel,
            "kpi": self.table.kpi,
            "column": self.table.column,
            **self._about(),
            "method": self.method,
            **_figures(one),
            "detectable_percent": one.detectable / one.expected if one.expected > 0 else None,
            "change": self.change,
            **self._money(),
            "share": self._share(),
            "methods": [_method(result) for result in self.results],
            "checks": [check.to_dict() for result in self.results for check in result.checks],
            "remarks": list(self.remarks),
        }

    def _about(self) -> dict[str, Any]:
        if isinstance(self.table, PeopleTable):
            names, arms = self.table.names, (self.table.treated, self.table.control)
            return {
                side: {"group": name, "people": arm.people, "outcome": arm.outcome}
                for side, name, arm in zip(("treated", "control"), names, arms, strict=True)
            }
        return {
            "regions": len(self.table.regions),
            "treated": list(self.table.treated),
            "start": str(self.table.start),
            "end": str(self.table.end),
            "dates": len(self.table.dates) - self.table.before,
            "dates_before": self.table.before,
        }

    def _money(self) -> dict[str, Any]:
        if not self.extra:
            return {"spend": self.extra, "per_money": None, "cost_per_incremental": None}
        return {
            "spend": self.extra,
            "per_money": per_money(self.estimate, self.extra),
            "cost_per_incremental": cost_of_one(self.estimate, self.extra),
        }

    def _share(self) -> dict[str, float] | None:
        if self.change is None or self.estimate.expected <= 0:
            return None
        share, error = measured_share(self.estimate, self.change)
        return {"lift": share, "error": error}

    def headline(self) -> str:
        """The result in a sentence."""
        one = self.estimate
        low, high = (percent(x, FEW_FIGURES) for x in one.percent[1:])
        return (
            f"{_signed(one.effect)} {self.table.kpi} ({_whole(one.low)} to {_whole(one.high)}), "
            f"{'+' if one.effect > 0 else ''}{percent(one.percent[0], FEW_FIGURES)} of what was "
            f"expected ({low} to {high})"
        )

    def rows(self) -> Iterator[list[str]]:
        """A row a method: estimate, interval, per cent, p, detectable, placebo tests."""
        for result in self.results:
            if one := result.estimate:
                checks = {check.check: check for check in result.checks}
                least = one.detectable / one.expected if one.expected > 0 else float("nan")
                placebos = [_placebo(checks.get(kind)) for kind in ("time", "space")]
                yield [
                    result.name, _whole(one.effect), f"{_whole(one.low)} to {_whole(one.high)}",
                    percent(one.percent[0], FEW_FIGURES), p_value(one.p_value),
                    percent(least, FEW_FIGURES), *placebos,
                ]  # fmt: skip

    def __repr__(self) -> str:
        return f"FieldTest({self.table.source}, {self.method}: {self.headline()})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.method)}: {html.escape(self.headline())}</p>"


HEAD = ("method", "incremental", "95 %", "per cent", "p", "detectable", "in time", "in space")
"""Names of the columns of `FieldTest.rows`."""


def _placebo(check: Check | None) -> str:
    """A placebo check in few words: significant of all, or the p of the test among others."""
    if check is None or check.passed is None:
        return "–"
    if check.check == "time":
        return f"{check.rejected} of {check.tests}" + ("" if check.passed else " !")
    assert check.p_value is not None
    return f"p {number(check.p_value, 2)}" + ("" if check.passed else " !")


def _method(result: MethodResult) -> dict[str, Any]:
    one = result.estimate
    if one is None:
        return {"method": result.name, "why_not": result.why}
    return {"method": result.name, **_figures(one)}


def _figures(one: Estimate) -> dict[str, Any]:
    """An estimate as the document tells it, of a method and of the test."""
    return {
        "estimate": one.effect,
        "low": one.low,
        "high": one.high,
        "percent": dict(zip(("estimate", "low", "high"), one.percent, strict=True)),
        "p_value": one.p_value,
        "expected": one.expected,
        "detectable": one.detectable,
    }


def _whole(value: float) -> str:
    return number(round(value) if abs(value) >= 100 else value, FEW_FIGURES)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{_whole(value)}"
