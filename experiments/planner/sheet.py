"""What one page holds: its draft, the plans that were kept beside it, what is assumed otherwise."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from experiments.planner.draft import Draft
from experiments.planner.market import MarketAnswer
from scenarios import MediaPlan, Scenario

LETTERS = "ABC"
MOST = 200
"""Pages whose state is kept."""


@dataclass(frozen=True)
class Version:
    """A plan that was kept beside others: the draft that it answers, and what is expected of it."""

    draft: Draft
    media: MediaPlan
    objective: str
    expected: Mapping[str, float]


@dataclass(frozen=True)
class Sheet:
    """The state of a page; `market` is what was last simulated."""

    draft: Draft
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Version] = field(default_factory=dict)
    market: MarketAnswer | None = None

    @classmethod
    def of(cls, base: Scenario) -> Sheet:
        """A page as it opens."""
        return cls(Draft.of(base))

    def with_draft(self, draft: Draft) -> Sheet:
        """Another draft."""
        return replace(self, draft=draft)

    def assuming(self, path: str, value: Any) -> Sheet:
        """Something of the market assumed otherwise; as it was written where the value is None."""
        settings = {key: old for key, old in self.settings.items() if key != path}
        return replace(self, settings=settings if value is None else {**settings, path: value})

    def keeping(self, letter: str, version: Version) -> Sheet:
        """A plan kept under a letter; what the market said of others stays."""
        versions = dict(sorted({**self.versions, letter: version}.items()))
        return replace(self, versions=versions)

    def without(self, letter: str) -> Sheet:
        """A kept plan taken away."""
        rest = {key: one for key, one in self.versions.items() if key != letter}
        return replace(self, versions=rest)

    def simulated(self, found: MarketAnswer) -> Sheet:
        """What the market gave."""
        return replace(self, market=found)

    @property
    def told(self) -> bool:
        """Whether the market was asked about the plans that are kept, and no others."""
        kept = {letter: one.media.hash for letter, one in self.versions.items()}
        return self.market is not None and dict(self.market.plans) == kept


class Sheets:
    """Pages of this process by their key, which stands in the address: a reload finds its own."""

    def __init__(self) -> None:
        self._sheets: dict[str, Sheet] = {}
        self._lock = threading.Lock()

    def new_key(self) -> str:
        """A key that no other page has."""
        return uuid4().hex[:12]

    def get(self, key: str) -> Sheet | None:
        """The page's state, if it is known."""
        return self._sheets.get(key)

    def put(self, key: str, sheet: Sheet) -> None:
        """Keep a page's state; the oldest go where there are many."""
        with self._lock:
            self._sheets.pop(key, None)
            self._sheets[key] = sheet
            while len(self._sheets) > MOST:
                self._sheets.pop(next(iter(self._sheets)))
