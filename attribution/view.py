"""What of a log is looked at: which outcome, which touches, how often a touch counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from attribution.base import AttributionModel, PathModel
from attribution.errors import AttributionError
from journeys import CONVERSION_KINDS, JourneyError, JourneyLog, Paths, differing_names


@dataclass(frozen=True)
class View:
    """A view of a log, the same for all models.

    outcome: signup, lead or order. impressions: whether what was only seen counts. without:
    channels that are taken out of a path where they are not alone. transform: unique, exposure,
    first, frequency (see `Paths.transformed`).
    """

    outcome: str = "order"
    impressions: bool = True
    without: tuple[str, ...] = ()
    transform: str = "unique"

    def check(self, models: Mapping[str, AttributionModel]) -> None:
        """Raises AttributionError where a model reads no paths, of which something is asked."""
        others = [name for name, model in models.items() if not isinstance(model, PathModel)]
        asked = [
            name
            for name, given in (("without", self.without), ("transform", self._changes))
            if given
        ]
        if others and asked:
            raise AttributionError(
                f"{asked[0]}: {', '.join(others)} learn from visitors over time, not from paths; "
                f"leave them out, or {asked[0]}."
            )

    @property
    def _changes(self) -> bool:
        return self.transform != "unique"

    def log(self, log: JourneyLog) -> JourneyLog:
        """The log with the outcome that is asked for, as its orders."""
        return log.only(outcome=self.outcome, impressions=self.impressions)

    def paths(self, paths: Paths) -> Paths:
        """The paths as they are looked at."""
        for channel in self.without:
            paths = paths.without(channel)
        return paths.transformed(self.transform)


@dataclass
class Seen:
    """What was met in the pieces of a log that were looked at."""

    view: View
    dropped: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    channels: dict[str, None] = field(default_factory=dict)

    def of(self, log: JourneyLog) -> JourneyLog:
        """A piece as it is looked at."""
        self.dropped.update(log.dropped)
        self.remarks.update(log.remarks)
        kinds = log.conversions["kind"].value_counts()
        self.kinds.update({str(kind): int(count) for kind, count in kinds.items()})
        self.channels |= dict.fromkeys(log.channels)
        return self.view.log(log)

    def told(self) -> dict[str, int]:
        """All remarks; raises JourneyError where there are conversions, but none as asked for."""
        met = {kind: self.kinds[kind] for kind in CONVERSION_KINDS if self.kinds[kind]}
        if met and self.view.outcome not in met:
            said = ", ".join(f"{n:,} {kind}{'s' if n > 1 else ''}" for kind, n in met.items())
            raise JourneyError(
                f"outcome: there is no {self.view.outcome}, but {said}; ask for "
                f"outcome={next(iter(met))!r}."
            )
        missing = [name for name in self.view.without if name not in self.channels]
        if missing:
            raise JourneyError(
                f"without: there is no channel {missing[0]!r}; channels are "
                f"{', '.join(self.channels)}."
            )
        remarks = dict(self.remarks)
        for names in differing_names(self.channels):
            said = ", ".join(names)
            remarks[f"{said} differ in case or width only, and are {len(names)} channels"] = 0
        return remarks
