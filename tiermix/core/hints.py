"""Sentences for names that do not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def hint(value: str, known: Iterable[str]) -> str:
    """The nearest of the names that exist, or all of them."""
    names = list(known)
    near = get_close_matches(value, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names) or 'none'}"


def hint_sentence(value: str, known: Iterable[str]) -> str:
    """The hint with a mark at its end, where another sentence follows."""
    said = hint(value, known)
    return said if said.endswith("?") else f"{said}."


def unknown(field: str, kind: str, value: str, known: Iterable[str]) -> str:
    """The sentence for a name that does not exist, with the nearest one that does."""
    return f"{field}: unknown {kind} '{value}'; {hint(value, known)}"
