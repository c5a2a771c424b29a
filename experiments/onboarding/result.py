"""What comes of an onboarding: the scenario, its card, the plan, and what was taken for granted."""

from __future__ import annotations

from typing import Any, TypedDict


class OnboardingDocument(TypedDict):
    """The JSON document of `tiermix onboard`."""

    scenario: str
    health: dict[str, Any]
    plan: dict[str, Any] | None
    not_learned: list[str]
    answers: dict[str, Any]
    assumed: list[dict[str, str]]
    doubts: list[dict[str, str]]
    steps: list[dict[str, Any]]
    files: dict[str, str]
    report: str
