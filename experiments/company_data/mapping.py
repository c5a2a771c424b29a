"""`--map`: what the user says of columns, as in date=DATE,revenue=sales,spend.tv=tv_S."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from experiments.company_data.doubts import TableError
from experiments.company_data.vocabulary import (
    CHANNEL,
    CLICKS,
    CONTROL,
    CURRENCY,
    DATE,
    IGNORED,
    IMPRESSIONS,
    LEADS,
    ORDER_VALUE,
    ORDERS,
    OUTCOMES,
    POPULATION,
    REGION,
    REVENUE,
    SPEND,
    Guess,
    guess,
)
from tiermix.core.hints import hint

OUTCOME = "outcome"
KEYS = (
    DATE, REGION, POPULATION, CHANNEL, OUTCOME, ORDERS, REVENUE, LEADS, ORDER_VALUE, SPEND,
    IMPRESSIONS, CLICKS, CONTROL, CURRENCY, IGNORED,
)  # fmt: skip
NAMED = (SPEND, IMPRESSIONS, CLICKS, CONTROL)
"""Keys that may say of what: spend.tv, control.price."""
EXAMPLE = "date=DATE,revenue=sales,spend.tv=tv_S"


def mapping_of(
    texts: Sequence[str], columns: Sequence[str], more: Sequence[str] = ()
) -> dict[str, Guess]:
    """What is said of each column, where `more` keys than a history's are known.

    Raises `TableError` for keys and columns that do not exist.
    """
    found: dict[str, Guess] = {}
    keys = (*KEYS, *more)
    another = re.compile(rf",\s*(?=(?:{'|'.join(keys)})(?:\.[^=,]*)?\s*=)")
    for text in texts:
        for pair in another.split(text):
            key, equals, column = (part.strip() for part in pair.partition("="))
            if not (key and equals and column):
                raise TableError(f"--map {pair.strip()!r} names no pair; write {EXAMPLE}.")
            name = _column(column, columns, pair)
            if name in found:
                raise TableError(f"--map names the column {name!r} twice; give it one role.")
            found[name] = _said(key, name, pair, keys)
    _check_single(found)
    return found


def _column(column: str, columns: Sequence[str], pair: str) -> str:
    if column in columns:
        return column
    near = [name for name in columns if name.lower() == column.lower()]
    if len(near) == 1:
        return near[0]
    raise TableError(
        f"--map {pair.strip()!r}: there is no column {column!r}; {hint(column, columns)}"
    )


def _said(key: str, column: str, pair: str, keys: Sequence[str]) -> Guess:
    role, dot, of = key.partition(".")
    role = role.strip().lower()
    if role not in keys:
        raise TableError(f"--map {pair.strip()!r}: {role!r} is no role; {hint(role, keys)}")
    if dot and role not in NAMED:
        raise TableError(f"--map {pair.strip()!r}: {role} is of nothing; write {role}={column}.")
    by_name = guess(column)
    if role == OUTCOME:
        if by_name.role not in OUTCOMES:
            raise TableError(
                f"--map {pair.strip()!r}: say which outcome {column!r} is; write orders={column}, "
                f"revenue={column} or leads={column}."
            )
        role = by_name.role
    if not of and role == CONTROL:
        of = by_name.of if by_name.role == CONTROL else column
    if not of and role in NAMED and by_name.role == role:
        of = by_name.of
    return Guess(role, of.strip(), "you said so", by_name.money, unit=by_name.unit)


def _check_single(found: Mapping[str, Guess]) -> None:
    """One column for what there is one of; several for a channel are added up."""
    seen: dict[str, str] = {}
    for name, said in found.items():
        if said.role in NAMED or said.role == IGNORED:
            continue
        if said.role in seen:
            raise TableError(
                f"--map gives {said.role} twice, as {seen[said.role]!r} and {name!r}; give it once."
            )
        seen[said.role] = name
