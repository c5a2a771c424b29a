"""What can go wrong in planning, each as a sentence with a remedy."""

from __future__ import annotations

from typing import Any

from tiermix.core.errors import TiermixError


class AllocationError(TiermixError):
    """The plan that was asked for cannot be computed as asked."""


class UndecidedPlan(AllocationError):  # noqa: N818 - names the outcome
    """Neither a plan nor a proof that there is none was found within the limits."""


class InfeasiblePlan(AllocationError):  # noqa: N818 - names the outcome
    """No plan keeps all rules.

    `conflict` names rules that cannot hold together and can when any one of them is dropped;
    `relaxation` is the least change that makes everything feasible: [{rule, by, words}].
    """

    def __init__(
        self, message: str, conflict: list[str], relaxation: list[dict[str, Any]], others: bool
    ) -> None:
        super().__init__(message)
        self.conflict = conflict
        self.relaxation = relaxation
        self.others = others

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is made again from its message alone, which has lost the rest: a worker's
        # refusal would not come home.
        return type(self), (str(self), self.conflict, self.relaxation, self.others)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of an infeasible `tiermix plan`."""
        return {
            "status": "infeasible",
            "conflict": self.conflict,
            "relaxation": self.relaxation,
            "other_conflicts": self.others,
            "message": str(self),
        }
