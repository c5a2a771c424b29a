"""Variants that are done, kept on disk: a study that was cut off goes on where it stopped.

Each is a folder named by a hash of all that its figures hang on: scenario, strategies, seed, size,
our sources and the versions of the libraries that reckon. It appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison.own_plan import OwnPlan
from experiments.comparison.paired import SharedErrors
from experiments.comparison.result import Comparison
from experiments.comparison.rules_kept import BrokenRule, LivedRule, Standing
from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Strategy
from optimize import InfeasiblePlan
from scenarios import Scenario
from tiermix.core.files import sources_hash, versions, whole_folder

KINDS = {kind.__name__: kind for kind in (Standing, BrokenRule, LivedRule, SharedErrors)}
REFUSED = ("message", "conflict", "relaxation", "others")
DIGITS, REST = 24, "rest.json"
Found = Comparison | InfeasiblePlan


def key_of(
    scenario: Scenario, tried: Sequence[Strategy], seed: int, customers: int, draws: int
) -> str | None:
    """What a variant's figures are known again by; None where a strategy may hang on anything.

    That is one of a user's own module: its figures are made anew each time.
    """
    names = [_strategy(strategy) for strategy in tried]
    if None in names:
        return None
    asked = [scenario.hash, names, seed, customers, draws, sources_hash(), versions()]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:DIGITS]


class Kept:
    """The folder of variants that are done; without one nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def read(self, key: str | None, tried: Sequence[Strategy]) -> Found | None:
        """What was found of a variant; None where that is not kept, or cannot be read."""
        if self.folder is None or key is None:
            return None
        try:
            return _read(self.folder / key, tried)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, key: str | None, found: Found) -> None:
        """Keep what was found of a variant."""
        if self.folder is not None and key is not None:
            with whole_folder(self.folder / key) as draft:
                _write(draft, found)

    def forget(self, needed: Collection[str | None]) -> None:
        """Drop what a study that is done does not need: variants as they were asked for before."""
        for folder in self.folder.glob("*") if self.folder else ():
            ours = re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", folder.name) and (folder / REST).is_file()
            if ours and folder.name not in needed:
                shutil.rmtree(folder, ignore_errors=True)


def packed(value: Any) -> Any:
    """A value as JSON that `unpacked` makes again; raises `TypeError` for what it does not know."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and type(value).__name__ in KINDS:
        parts = {field.name: packed(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, "of": parts}
    if isinstance(value, Mapping):
        return {"kind": "mapping", "of": [[packed(k), packed(x)] for k, x in value.items()]}
    if isinstance(value, tuple):
        return {"kind": "tuple", "of": [packed(x) for x in value]}
    if isinstance(value, list):
        return [packed(x) for x in value]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def unpacked(value: Any) -> Any:
    """The value that was `packed`."""
    if isinstance(value, list):
        return [unpacked(x) for x in value]
    if not isinstance(value, dict):
        return value
    kind, inner = value["kind"], value["of"]
    if kind == "mapping":
        return {unpacked(k): unpacked(x) for k, x in inner}
    if kind == "tuple":
        return tuple(unpacked(x) for x in inner)
    return KINDS[kind](**{name: unpacked(x) for name, x in inner.items()})


def _write(folder: Path, found: Found) -> None:
    rest: dict[str, Any] = {}
    if isinstance(found, InfeasiblePlan):
        values = (str(found), found.conflict, found.relaxation, found.others)
        rest = dict(zip(REFUSED, values, strict=True))
    else:
        for field in fields(found):
            value = getattr(found, field.name)
            if isinstance(value, pd.DataFrame):
                value.to_parquet(folder / f"{field.name}.parquet")
            elif field.name != "tried":
                rest[field.name] = value
    draft = folder / REST
    draft.write_text(json.dumps(packed(rest), ensure_ascii=False), "utf-8")


def _read(folder: Path, tried: Sequence[Strategy]) -> Found:
    rest = unpacked(json.loads((folder / REST).read_text("utf-8")))
    if set(rest) == set(REFUSED):
        return InfeasiblePlan(*(rest[name] for name in REFUSED))
    tables: dict[str, Any] = {p.stem: pd.read_parquet(p) for p in folder.glob("*.parquet")}
    return Comparison(**tables, **rest, tried=tuple(tried))


def _strategy(strategy: Strategy) -> str | None:
    """A strategy as it is known again: ours by name, a plan of one's own by its money too."""
    plan = strategy.plan
    if isinstance(plan, OwnPlan):
        return f"{strategy.name}:{plan.media.hash}"
    return strategy.name if STRATEGIES.get(strategy.name) == strategy else None
