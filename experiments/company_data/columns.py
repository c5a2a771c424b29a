"""The columns of a table: what each is, by what the user says, by its name, by what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from experiments.company_data.vocabulary import (
    CAMPAIGNS,
    CATEGORY,
    CHANNEL,
    CONTROL,
    CURRENCY,
    DATE,
    IGNORED,
    MEDIA,
    OUTCOMES,
    POPULATION,
    SUM,
    UNKNOWN,
    Guess,
    guess,
    words_of,
)
from tiermix.core.tables.cells import Cells
from tiermix.core.tables.dates import readings
from tiermix.core.tables.numbers import is_empty, is_number

WIDE, LONG = "wide", "long"
ALONE = "media"
"""The channel of a table whose one column of spend names none."""
CATEGORIES = 24
"""Words that a control may have; a column with more of them holds remarks."""
TOLD = 500
"""Cells by which a column's kind is told: text or figures."""


@dataclass(frozen=True)
class Column:
    """A column, its role, the channel or control that it is of, and why it is taken for that."""

    name: str
    role: str
    of: str = ""
    why: str = ""
    money: str = ""
    asked: bool = False
    is_sum: bool = False
    unit: float = 1.0

    def to_dict(self) -> dict[str, str]:
        """The column as a row of the document: all outcomes have one role, and their measure."""
        outcome = self.role in OUTCOMES
        shown = {IGNORED: UNKNOWN, CURRENCY: UNKNOWN, CATEGORY: CONTROL}.get(self.role, self.role)
        return {
            "name": self.name,
            "role": "outcome" if outcome else shown,
            "measure": self.role if outcome else "",
            "channel": self.of if self.role in MEDIA else "",
            "control": self.of if self.role in (CONTROL, CATEGORY) else "",
            "why": self.why,
        }


@dataclass(frozen=True)
class Understood:
    """All columns in their order, and whether the table is wide or long."""

    columns: tuple[Column, ...]
    layout: str

    def of_role(self, *roles: str) -> list[Column]:
        """Columns of some roles."""
        return [column for column in self.columns if column.role in roles]

    def one(self, role: str) -> Column | None:
        """The one column of a role, if there is one."""
        return next(iter(self.of_role(role)), None)


def understand(cells: Cells, said: Mapping[str, Guess]) -> Understood:
    """What the columns of a table are, as far as words, names and cells tell."""
    columns = _one_spelling([_column(name, said) for name in cells.names])
    columns = _one_date([_by_content(column, cells) for column in columns], cells)
    columns = _campaigns(columns)
    long = _is_long(columns)
    columns = _alone([_laid_out(column, long) for column in columns], long)
    return Understood(tuple(columns), LONG if long else WIDE)


def _column(name: str, said: Mapping[str, Guess]) -> Column:
    known = said.get(name) or guess(name)
    return Column(
        name, known.role, known.of, known.why, known.money, name in said, known.is_sum, known.unit
    )  # fmt: skip


def _one_spelling(columns: list[Column]) -> list[Column]:
    """TV_spend and tv_impressions are of one channel, under the name that came first."""
    first: dict[str, str] = {}
    kept = []
    for column in columns:
        plain = "".join(words_of(column.of)).casefold()
        of = first.setdefault(plain, column.of) if column.role in MEDIA and plain else column.of
        kept.append(replace(column, of=of))
    return kept


def sample_of(cells: Cells, name: str) -> list[str]:
    """The first cells of a column that say anything."""
    n = cells.columns[name]
    told = (row[n] for _, row in cells.rows if not is_empty(row[n]))
    return list(islice(told, TOLD))


def is_figures(sample: Sequence[str]) -> bool:
    """Whether most cells are figures: a column with a bad cell is one still."""
    return sum(map(is_number, sample)) * 2 > len(sample)


def _by_content(column: Column, cells: Cells) -> Column:
    """A name held against what its column holds: text is no figure, but words may be a control."""
    figures = (*MEDIA, *OUTCOMES, CONTROL, POPULATION)
    if column.role not in figures or (column.asked and column.role != CONTROL):
        return column
    sample = sample_of(cells, column.name)
    if not sample or is_figures(sample):
        return column
    if column.role == CONTROL and len(set(sample)) <= CATEGORIES:
        return replace(
            column, role=CATEGORY, why=f"{column.why}; its words are controls of 0 and 1"
        )
    why = f"its name says {column.role}, and text is none"
    return replace(column, role=UNKNOWN, of="", why=why)


def _one_date(columns: list[Column], cells: Cells) -> list[Column]:
    """The date: as the user says, by names whose cells are dates, or by cells alone."""
    named = [column for column in columns if column.role == DATE]
    chosen = [column for column in named if column.asked]
    chosen = chosen or [column for column in named if _mostly_dates(column, cells)] or named
    if not named:
        like = [c for c in columns if c.role == UNKNOWN and _surely_dates(c, cells)]
        if len(like) != 1:
            return columns
        found = replace(like[0], role=DATE, why="it holds dates, and no other column does")
        return [found if column is like[0] else column for column in columns]
    other = "another column is the date"
    return [
        replace(column, role=UNKNOWN, why=other)
        if column in named and column not in chosen
        else column
        for column in columns
    ]


def _mostly_dates(column: Column, cells: Cells) -> bool:
    sample = sample_of(cells, column.name)
    return sum(map(bool, map(readings, sample))) * 2 > len(sample)


def _surely_dates(column: Column, cells: Cells) -> bool:
    """Whether all cells are dates, and are no plain figures; a row of sums is looked past."""
    sample = [text for text in sample_of(cells, column.name) if not SUM.fullmatch(text)]
    return bool(sample) and not any(t.isdigit() for t in sample) and all(map(readings, sample))


def _campaigns(columns: list[Column]) -> list[Column]:
    """The campaigns of a platform's report as channels, where no column names any."""
    if any(c.role == CHANNEL for c in columns) or not any(
        c.role in MEDIA and not c.of for c in columns
    ):
        return columns
    free = {"_".join(words_of(c.name)).lower(): c for c in columns if c.role == UNKNOWN}
    found = next((free[word] for word in CAMPAIGNS if word in free), None)
    if found is None:
        return columns
    channel = replace(found, role=CHANNEL, why="no column names channels, so campaigns are")
    return [channel if column is found else column for column in columns]


def _is_long(columns: Sequence[Column]) -> bool:
    """A channel in each row and a column of its spend; outcomes alone do not make it one."""
    bare = any(c.role in MEDIA and not c.of for c in columns)
    return bare and any(c.role == CHANNEL for c in columns)


def _laid_out(column: Column, long: bool) -> Column:
    if long and column.role in MEDIA and column.of and not column.asked:
        return replace(column, role=UNKNOWN, of="", why="it names a channel, and so does each row")
    if not long and column.role == CHANNEL:
        why = "it may name channels, but no column is their spend"
        return replace(column, role=UNKNOWN, why=why)
    return column


def _alone(columns: list[Column], long: bool) -> list[Column]:
    """In a wide table spend without a name is the sum of those that have one, or all there is."""
    if long:
        return columns
    kept = []
    for column in columns:
        if column.role in MEDIA and not column.of:
            others = [c for c in columns if c.role == column.role and c.of]
            if others and not column.asked:
                why = f"it is {column.role} of no channel, beside those of {len(others)}"
                column = replace(column, role=UNKNOWN, why=why)
            else:
                column = replace(column, of=ALONE)
        kept.append(column)
    return kept
