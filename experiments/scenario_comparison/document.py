"""The JSON document of a comparison over scenarios, None where unknown."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from experiments.comparison.document import Figures, StrategyFigures


class PlaceDocument(TypedDict):
    """A variant by its scenario and what was changed in it, in words, and a strategy in it."""

    scenario: str
    set: dict[str, Any]
    label: str
    strategy: str


class VariantDocument(TypedDict):
    """A variant; `status` is `compared` or `infeasible`, then with conflict and least change.

    `recommended` is the best strategy that keeps all rules and can be followed, null where none is;
    `against_first` its difference in the objective to the first variant's.
    """

    scenario: str
    set: dict[str, Any]
    label: str
    scenario_hash: str
    customers: int
    currency: str
    budget: float
    objective: str
    status: str
    recommended: str | None
    against_first: Figures | None
    plan: NotRequired[str | None]
    conflict: NotRequired[list[str]]
    relaxation: NotRequired[list[dict[str, Any]]]
    other_conflicts: NotRequired[bool]
    message: NotRequired[str]


class CellDocument(PlaceDocument, StrategyFigures):
    """A strategy in a variant, with all that `tiermix run` says of a strategy.

    `against` is against the study's `baseline`, `against_baseline` against that of the variant.
    """

    against: dict[str, Figures]


class ScenarioComparisonDocument(TypedDict):
    """Cells against one of them; `not_compared` says what no difference can be told of.

    `reused` variants were kept from a run that was cut off.
    """

    seed: int
    replications: int
    baseline: PlaceDocument
    objective: str
    variants: list[VariantDocument]
    cells: list[CellDocument]
    not_compared: list[str]
    reused: int
    seconds: dict[str, float]
