"""The page of an onboarding: the plan, how far to trust it, what was not learned or assumed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from experiments.report.charts.common import themed
from experiments.report.charts.onboarding import money_picture
from experiments.report.frame import document as framed
from experiments.report.html import chart, masthead, section, table, tag
from tiermix.core.figures import money, short_percent

if TYPE_CHECKING:
    from experiments.onboarding.result import OnboardingDocument

PICTURE = "Money by channel: grey last year, red the plan."
NO_PLAN = "No plan was made: the fitted market does not agree with the history."
PAGES = {
    "data": "the data page", "calibration": "the calibration", "picture": "the plan by month",
}  # fmt: skip


def page(onboarded: OnboardingDocument) -> str:
    """The onboarding as one HTML document that opens without a network."""
    name = Path(onboarded["scenario"]).parent.name
    title = f"Onboarding: {name}"
    return framed(
        title, masthead(title, _made(onboarded), _said(onboarded)), _plan(onboarded["plan"]),
        _health(onboarded), _not_learned(onboarded), _assumed(onboarded), _doubts(onboarded),
        _links(onboarded),
    )  # fmt: skip


def _made(onboarded: OnboardingDocument) -> str:
    steps = ", ".join(
        f"{one['step']} {'kept' if one['kept'] else str(one['seconds']) + ' s'}"
        for one in onboarded["steps"]
    )
    return f"steps: {steps}"


def _said(onboarded: OnboardingDocument) -> str:
    plan, card = onboarded["plan"], onboarded["health"]
    verdict = f"Health: {card['level']}, {card['says']}."
    if plan is None:
        return f"{verdict} {NO_PLAN}"
    made = plan["objective"]
    worth = money(made["value"], plan["currency"])
    counts = "" if plan["outcome"] == "orders" else f", which counts {plan['outcome']}"
    return (
        f"The plan is worth {worth} of {made['name']} a year in the fitted market{counts}. "
        f"{verdict}"
    )


def _plan(plan: Mapping[str, Any] | None) -> Markup:
    if plan is None:
        return section("plan", "Plan", "方案", tag("p", NO_PLAN))
    rows = money_rows(plan)
    shown = [
        [name, money(before, plan["currency"]), money(now, plan["currency"]), change(before, now)]
        for name, before, now in rows
    ]
    drawing = chart(themed(money_picture(rows)), key="money", label=PICTURE, caption=PICTURE)
    head = ("Channel", "last year", "plan", "change")
    return section("plan", "Plan", "方案", drawing, table(head, shown))


def money_rows(plan: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Each channel with last year's money and the plan's."""
    now: dict[str, float] = {}
    for one in plan["spend"]:
        now[one["channel"]] = now.get(one["channel"], 0.0) + one["amount"]
    return [(name, plan["last_year"].get(name, 0.0), amount) for name, amount in now.items()]


def change(before: float, now: float) -> str:
    """How much more or less than last year."""
    return short_percent(now / before - 1.0, signed=True) if before else "new"


def _health(onboarded: OnboardingDocument) -> Markup:
    card = onboarded["health"]
    rows = [(one["figure"], one["ok"], one["level"], one["shown"]) for one in card["figures"]]
    found = [tag("li", finding) for finding in card["findings"]]
    return section(
        "health", f"Health: {card['level']}", "体检", tag("ul", *found) if found else "",
        table(("Figure", "in order", "level", "value"), rows, words=3),
    )  # fmt: skip


def _not_learned(onboarded: OnboardingDocument) -> Markup:
    names = onboarded["not_learned"]
    words = (
        "The weeks said nothing of these; they are still the base's, and the plan rests on them. "
        "Tests of channels tell more: `tiermix lift`, then `tiermix calibrate` with what it found."
        if names
        else "The weeks said something of every parameter."
    )
    items = tag("ul", *(tag("li", name) for name in names)) if names else ""
    return section("not-learned", "Not learned", "未能学到", tag("p", words), items)


def _assumed(onboarded: OnboardingDocument) -> Markup:
    rows = [(row["field"], row["value"], row["because"]) for row in onboarded["assumed"]]
    head = ("Assumed", "value", "because")
    return section("assumed", "Assumed", "假设", table(head, rows, words=3))


def _doubts(onboarded: OnboardingDocument) -> Markup:
    items = [
        tag("li", ": ".join(filter(None, (row["severity"], row["where"], row["says"]))))
        for row in onboarded["doubts"]
    ]
    return section("doubts", "Doubts of the table", "数据疑点", tag("ul", *items) if items else "–")


def _links(onboarded: OnboardingDocument) -> Markup:
    """Relative links, so that the folder may be moved."""
    folder, files = Path(onboarded["report"]).parent, onboarded["files"]
    items = [
        tag("li", tag("a", words, href=Path(os.path.relpath(files[key], folder)).as_posix()))
        for key, words in PAGES.items()
        if key in files
    ]
    return section("files", "More", "更多", tag("ul", *items))
