"""The columns of a test's table: those of a history, and who was treated and how many there are."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.company_data.columns import Column, Understood, understand
from experiments.company_data.doubts import NOTE, Doubt, TableError, some
from experiments.company_data.mapping import mapping_of
from experiments.company_data.vocabulary import (
    DATE,
    LEADS,
    NAMELESS_OUTCOMES,
    ORDERS,
    REGION,
    REVENUE,
    SPEND,
    UNKNOWN,
    Guess,
)
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells

GROUP, PEOPLE = "group", "people"
WORDS = {
    GROUP: "group groups treated treatment is_treated assignment geo_group geogroup arm cell "
    "variant test_group experiment_group cohort 组别 分组 实验分组",
    PEOPLE: "people users visitors persons participants customers sample sample_size n "
    "audience 人数 用户数 样本量",
}
ROLE_OF = {word: role for role, words in WORDS.items() for word in words.split()}
KPIS = {"conversions": ORDERS, "revenue": REVENUE, "leads": LEADS}
"""Outcomes as options name them."""
NAMELESS = "no other column is an outcome"


@dataclass(frozen=True)
class TestColumns:
    """What a test's table holds; `outcome` is the column that is looked at."""

    __test__ = False

    known: Understood
    outcome: Column
    kpi: str

    def one(self, role: str) -> Column | None:
        """The one column of a role, if there is one."""
        return self.known.one(role)


def columns_of(cells: Cells, said: Sequence[str], kpi: str | None) -> tuple[TestColumns, list[str]]:
    """The columns, and remarks on those that nobody uses. Raises `TableError`."""
    guesses = mapping_of(said, cells.names, (GROUP, PEOPLE))
    for name in cells.names:
        role = ROLE_OF.get(name.strip().lower().replace(" ", "_").replace(".", "_"))
        if role and name not in guesses:
            guesses[name] = Guess(role, "", f"it is called {name!r}")
    known = understand(cells, guesses)
    for role in (GROUP, PEOPLE, REGION):
        several = [column.name for column in known.of_role(role)]
        if len(several) > 1:
            pair = f"{role}={several[0]},ignore={several[1]}"
            raise TableError(
                f"{cells.source}: columns {some([*map(repr, several)])} may each be the {role}; "
                f"say which, as in --map {shlex.quote(pair)}."
            )
    known = _nameless(known)
    outcome, name = _outcome(cells, known, kpi)
    left = [
        column.name
        for column in known.columns
        if column.name != outcome.name and column.role not in (DATE, REGION, GROUP, PEOPLE, SPEND)
    ]
    remarks = [f"columns that are not used: {some(left, 8)}."] if left else []
    return TestColumns(known, outcome, name), remarks


def _nameless(known: Understood) -> Understood:
    """A column such as Y is the outcome where no other is: it counts whatever it counts."""
    nameless = [c for c in known.of_role(UNKNOWN) if c.name.lower() in NAMELESS_OUTCOMES]
    if known.of_role(*KPIS.values()) or len(nameless) != 1:
        return known
    outcome = replace(nameless[0], role=ORDERS, why=NAMELESS)
    return replace(known, columns=tuple(outcome if c is nameless[0] else c for c in known.columns))


def _outcome(cells: Cells, known: Understood, kpi: str | None) -> tuple[Column, str]:
    """The outcome that is asked for, or the only one there is."""
    if kpi is not None and kpi not in KPIS:
        raise TableError(f"--kpi {kpi!r} is no outcome of a table; {hint(kpi, list(KPIS))}")
    found = [(name, c) for name, role in KPIS.items() for c in known.of_role(role)]
    asked = [(name, column) for name, column in found if kpi in (None, name)]
    if len(asked) == 1:
        column = asked[0][1]
        return column, "outcome" if column.why == NAMELESS else asked[0][0]
    if asked:
        names = [column.name for _, column in asked]
        kpis = [f"--kpi {name}" for name in dict.fromkeys(name for name, _ in asked)]
        way = " or ".join(kpis) if len(kpis) > 1 else f"--map ignore={shlex.quote(names[1])}"
        raise TableError(
            f"{cells.source}: columns {some([*map(repr, names)])} are outcomes; say which one the "
            f"test is about: {way}."
        )
    example = next((c.name for c in known.of_role(UNKNOWN)), "COLUMN")
    pair = f"{KPIS[kpi or 'conversions']}={example}"
    raise TableError(
        f"{cells.source}: no column is known to be {kpi or 'the outcome'} (found: "
        f"{some(cells.names, 8)}); say which it is, as in --map {shlex.quote(pair)}."
    )


def notes(doubts: Sequence[Doubt]) -> list[str]:
    """Remarks on the reading, as sentences."""
    told = [doubt for doubt in doubts if doubt.severity == NOTE]
    return [f"{d.where}: {d.says}." if d.where else f"{d.says}." for d in told]
