"""What a table leaves open: questions that must be answered, warnings, notes, with remedies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tiermix.core.errors import TiermixError

QUESTION, WARNING, NOTE = "question", "warning", "note"
SEVERITIES = (QUESTION, WARNING, NOTE)
"""A question stops the reading; a warning may spoil what is learned; a note is to be known."""


class TableError(TiermixError):
    """A table that cannot be read: all questions together, each with its remedy.

    `questions` has them one by one, where it is answers that are lacking and not a table.
    """

    def __init__(self, said: str, questions: Sequence[Doubt] = ()) -> None:
        super().__init__(said)
        self.questions = tuple(questions)


@dataclass(frozen=True)
class Doubt:
    """One thing that is doubted: how grave it is, where it stands, what it is, what to do.

    `stops_fit` marks what a fit to the table would be refused for.
    """

    severity: str
    where: str
    says: str
    remedy: str
    stops_fit: bool = False

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.says}; {self.remedy}"

    def to_dict(self) -> dict[str, str]:
        """The doubt as a row of the document."""
        row = asdict(self)
        del row["stops_fit"]
        return row


def gravest_first(doubts: Iterable[Doubt]) -> list[Doubt]:
    """Questions, then warnings, then notes, each as they came."""
    return sorted(doubts, key=lambda doubt: SEVERITIES.index(doubt.severity))


def refuse_questions(source: str, doubts: Sequence[Doubt]) -> None:
    """Raise `TableError` with all questions, if there are any."""
    questions = [doubt for doubt in doubts if doubt.severity == QUESTION]
    if len(questions) == 1:
        raise TableError(f"{source}: {questions[0]}.", questions)
    if questions:
        said = "\n".join(f"  {n}. {text}." for n, text in enumerate(questions, start=1))
        count = f"{source}: {len(questions)} things have to be settled first"
        raise TableError(f"{count}:\n{said}", questions)


def many(count: int, what: str) -> str:
    """So many of something: 1 week, 2 weeks."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def some(items: Sequence[object], most: int = 3) -> str:
    """The first of some things, and how many more there are."""
    said = ", ".join(map(str, items[:most]))
    return f"{said} and {len(items) - most:,} more" if len(items) > most else said
