"""A table of an A/B test, a row a group or a row a person: checked before it is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isnan

from experiments.company_data.doubts import TableError, refuse_questions
from experiments.company_data.reading import read_rows
from experiments.company_data.vocabulary import DATE, POPULATION
from experiments.field_test.asked import Asked
from experiments.field_test.columns import GROUP, PEOPLE, TestColumns, notes
from experiments.field_test.groups import names_of, split_groups
from tiermix.core.tables.cells import Cells
from tiermix.core.tables.numbers import POINT, is_empty, number

LEAST_PEOPLE = 20


@dataclass(frozen=True)
class Arm:
    """One group: its people, their outcome in all, and the sum of its squares by person."""

    people: float
    outcome: float
    squares: float

    @property
    def mean(self) -> float:
        """Outcome of a person."""
        return self.outcome / self.people

    @property
    def variance(self) -> float:
        """Variance of a person's outcome."""
        return max(self.squares / self.people - self.mean**2, 0.0) * self.people / (self.people - 1)


@dataclass(frozen=True)
class PeopleTable:
    """An A/B test as it was read: those who were treated, and those who were not."""

    source: str
    digest: str
    kpi: str
    column: str
    names: tuple[str, str]
    treated: Arm
    control: Arm
    remarks: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the outcome is yes or no of each person."""
        return all(arm.squares == arm.outcome for arm in (self.treated, self.control))


def people_table(
    cells: Cells, columns: TestColumns, asked: Asked, remarks: list[str]
) -> PeopleTable:
    """Both groups of a test. Raises `TableError`."""
    source, group = cells.source, columns.one(GROUP)
    if group is None:
        raise TableError(
            f"{source}: it has neither regions with dates nor groups of people; bring a column of "
            "each, or say which they are, as in --map region=COLUMN,date=COLUMN or --map "
            "group=COLUMN."
        )
    if date := columns.one(DATE):
        raise TableError(
            f"{source}: people are counted by {date.name!r}, and who comes on several days counts "
            "once; bring one row a group, or one row a person."
        )
    whole = columns.one(PEOPLE) is None and columns.one(POPULATION) is None
    rows = read_rows(cells, columns.known, order=asked.dates, decimal=asked.decimal, alike=whole)
    refuse_questions(source, rows.doubts)
    remarks += notes(rows.doubts)
    outcome = rows.figures[columns.outcome.name]
    people = _people(cells, columns, asked)
    groups = cells.column(group.name)
    mine, others = split_groups(groups, names_of(asked.treated), group.name, source)
    dropped = sorted(set(groups) - {*mine, *others})
    if dropped:
        remarks.append(f"groups that are neither treated nor control: {', '.join(dropped)}.")
    of = list(zip(groups, people, outcome, strict=True))
    treated, control = (
        _arm(cells, [(n, y) for name, n, y in of if name in side], whole, columns.outcome.name)
        for side in (mine, others)
    )
    names = (", ".join(mine), ", ".join(others))
    return PeopleTable(
        source, cells.digest, columns.kpi, columns.outcome.name, names, treated, control,
        tuple(remarks),
    )  # fmt: skip


def _people(cells: Cells, columns: TestColumns, asked: Asked) -> list[float]:
    """People of each row: 1 where a row is a person."""
    column = columns.one(PEOPLE) or columns.one(POPULATION)
    if column is None:
        return [1.0] * len(cells.rows)
    mark = "," if asked.decimal == "comma" else POINT
    found = []
    for (line, _), text in zip(cells.rows, cells.column(column.name), strict=True):
        value = None if is_empty(text) else number(text, mark)
        if value is None or value < 1 or value != int(value):
            raise TableError(
                f"{cells.place(line)}: {column.name} {text!r} is no number of people; write a "
                "whole number of at least 1."
            )
        found.append(value)
    return found


def _arm(cells: Cells, rows: Sequence[tuple[float, float]], single: bool, column: str) -> Arm:
    """A group's sums. Of counted people only yes or no has a spread that a total tells."""
    if any(isnan(y) for _, y in rows):
        raise TableError(
            f"{cells.source}: column {column!r} has empty cells; write 0 for who did nothing."
        )
    people, outcome = fsum(n for n, _ in rows), fsum(y for _, y in rows)
    if people < LEAST_PEOPLE:
        raise TableError(
            f"{cells.source}: a group of {people:g} people tells nothing; bring {LEAST_PEOPLE} or "
            "more in each"
            + ("." if not single else ", or say how many each row has, as in --map people=COLUMN.")
        )
    if single:
        return Arm(people, outcome, fsum(y * y for _, y in rows))
    if any(y > n or y < 0 or y != int(y) for n, y in rows):
        raise TableError(
            f"{cells.source}: column {column!r} does not count people out of those in its row, so "
            "a total does not tell how people vary; bring one row a person, or the number of "
            "people who did it."
        )
    return Arm(people, outcome, outcome)
