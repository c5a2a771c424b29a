"""Who is told apart from whom: groups and ranks from pairs that hold together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import ascii_lowercase

import pandas as pd

COLUMNS = ("plan", "group", "rank_low", "rank_high")


def standing(order: Sequence[str], apart: Collection[tuple[str, str]]) -> pd.DataFrame:
    """`plan, group, rank_low, rank_high` of plans from best to worst.

    apart: pairs that are told apart, the better first. Two plans that share a letter of their
    `group` are not. A rank is as low as the number of plans that are surely better allows, and as
    high as the number of those that are surely worse.
    """
    letters = dict.fromkeys(order, "")
    for letter, members in zip(_letters(), groups(order, apart), strict=False):
        for name in members:
            letters[name] += letter
    rows = []
    for name in order:
        better = sum(1 for first, second in apart if second == name)
        worse = sum(1 for first, second in apart if first == name)
        rows.append((name, letters[name], 1 + better, len(order) - worse))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def groups(order: Sequence[str], apart: Collection[tuple[str, str]]) -> list[list[str]]:
    """The fewest largest sets in which no two are told apart, those of the best first.

    Insert and absorb: Piepho (2004), An algorithm for a letter-based representation of all-pairwise
    comparisons.
    """
    found = [frozenset(order)]
    for first, second in apart:
        both = [one for one in found if first in one and second in one]
        found = [one for one in found if one not in both]
        for one in both:
            found += [one - {first}, one - {second}]
        found = [one for one in dict.fromkeys(found) if not any(one < other for other in found)]
    place = {name: number for number, name in enumerate(order)}
    ranked = [sorted(one, key=place.__getitem__) for one in found if one]
    return sorted(ranked, key=lambda members: [place[name] for name in members])


def _letters() -> list[str]:
    return [*ascii_lowercase, *(a + b for a in ascii_lowercase for b in ascii_lowercase)]
