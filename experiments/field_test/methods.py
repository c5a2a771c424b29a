"""The methods by name: each takes a panel and gives an estimate."""

from __future__ import annotations

from typing import Protocol

from experiments.field_test.difference import difference_in_differences
from experiments.field_test.estimate import Estimate
from experiments.field_test.panel import Panel
from experiments.field_test.synthetic import augmented_synthetic_control, synthetic_control
from experiments.field_test.time_based import time_based_regression
from experiments.field_test.trimmed import trimmed_match


class Method(Protocol):
    """An estimator; without `interval` it may leave its ends at the effect, which is faster."""

    def __call__(self, panel: Panel, *, interval: bool = True) -> Estimate: ...


METHODS: dict[str, Method] = {
    "synthetic_control": synthetic_control,
    "augmented_synthetic_control": augmented_synthetic_control,
    "time_based_regression": time_based_regression,
    "difference_in_differences": difference_in_differences,
    "trimmed_match": trimmed_match,
}
