"""The document of the arena: what was judged, how, and every score; read back from its file."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import TypedDict

import pandas as pd

from experiments.arena.conditions import CONDITIONS, PEOPLE_CONDITIONS
from experiments.arena.judging import CUSTOMERS, SIZES
from experiments.arena.summary import MEASURES, TestScore, summarise_tests
from experiments.arena.trials import BY_PEOPLE, BY_REGIONS
from experiments.study import StudyError
from tiermix.core.plain import plain

ARENA, FORMAT = "tests-v1", 1
ABOUT = {
    BY_REGIONS: {name: one.about for name, one in CONDITIONS.items()},
    BY_PEOPLE: {name: one.about for name, one in PEOPLE_CONDITIONS.items()},
}
"""What each condition is, by kind of test."""


class ArenaDocument(TypedDict):
    """What `tests.json` holds; `format` is the version of its form."""

    format: int
    arena: str
    tiermix: str
    size: str
    seed: int
    markets: int
    tests: int
    customers: int
    measures: dict[str, str]
    conditions: dict[str, dict[str, str]]
    scores: list[TestScore]


def arena_document(table: pd.DataFrame, size: str, seed: int) -> ArenaDocument:
    """The document of a table of tests; `tests` is their number in each market and condition."""
    scale = SIZES[size]
    scores = summarise_tests(table)
    shown = {kind: {s["condition"] for s in scores if s["kind"] == kind} for kind in ABOUT}
    return {
        "format": FORMAT,
        "arena": ARENA,
        "tiermix": metadata.version("tiermix"),
        "size": size,
        "seed": seed,
        "markets": scale.markets,
        "tests": scale.tests,
        "customers": CUSTOMERS,
        "measures": dict(MEASURES),
        "conditions": {
            kind: {name: words for name, words in known.items() if name in shown[kind]}
            for kind, known in ABOUT.items()
        },
        "scores": scores,
    }


def as_text(document: ArenaDocument) -> str:
    """The document as JSON; figures that are none are null."""
    return json.dumps(plain(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_document(file: Path) -> ArenaDocument:
    """A document that was written; raises `StudyError` for one of a newer or another form."""
    try:
        found: ArenaDocument = json.loads(file.read_text("utf-8"))
        version = found["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"{file}: is not what `tiermix benchmark tests` writes ({error}); run it again"
        ) from error
    if version != FORMAT:
        raise StudyError(
            f"{file}: format {version} is not {FORMAT}, which this version of tiermix reads; "
            "run `tiermix benchmark tests` again"
        )
    return found
