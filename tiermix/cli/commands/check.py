"""`tiermix scenarios check`: whether a scenario holds together, and what it amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import Budget, Json, Language, Scenario, Settings
from tiermix.cli.output import NO_PLAN, Document, Output, remark
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, change, listed, table
from tiermix.core.language import said

if TYPE_CHECKING:
    import scenarios


def check(
    scenario: Scenario,
    budget: Budget = None,
    set_: Settings = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Check a scenario, and sum up its money.

    Names the field that is wrong, and what is seldom meant. Ends with 3 where the rules on money
    cannot be kept together by any plan, whatever the market does.
    """
    found = inputs.scenario_of(scenario, set_, budget)
    document = summary(found)
    with spoken(found, language):
        Output(json, quiet=True).show(document, view)
        for doubt in [] if json else document["doubts"]:
            remark(said(f"in doubt: {doubt}"))
    if document["rules"]["status"] == "infeasible":
        raise typer.Exit(NO_PLAN)


def summary(found: scenarios.Scenario) -> Document:
    """What a scenario amounts to: money by tier, the budget against last year, rules, doubts."""
    from scenarios import plan_periods, with_bought

    for one in found.candidates:
        with_bought(found, [one.name])
    return {
        "scenario": found.name,
        "words": repr(found),
        "currency": found.currency,
        "budget": found.budget,
        "last_year": found.last_year.total,
        "history": [found.history_months[0], found.history_months[-1]],
        "quarters": _quarters(found),
        "tiers": _tiers(found),
        "plan_unit": plan_periods.unit_of(found.months),
        "rules": _rules(found),
        "goals": [goal.name for goal in found.goals],
        "doubts": found.doubts,
    }


def _quarters(found: scenarios.Scenario) -> dict[str, list[str]]:
    """The months of each quarter: they begin with the planned year, not with January."""
    return {f"Q{q + 1}": list(found.months[3 * q : 3 * q + 3]) for q in range(4)}


def _tiers(found: scenarios.Scenario) -> list[dict[str, Any]]:
    """Last year's money by tier, with its share."""
    spent, total = found.last_year.by_channel, found.last_year.total
    rows = []
    for tier in (1, 2, 3):
        mine = [c.name for c in found.channels if c.tier == tier and c.plannable]
        money = sum(spent.get(name, 0.0) for name in mine)
        share = money / total if total else None
        rows.append({"tier": tier, "channels": mine, "last_year": money, "share": share})
    return rows


def _rules(found: scenarios.Scenario) -> dict[str, Any]:
    """Whether any plan keeps the rules on money: arithmetic, which asks no market."""
    from optimize import InfeasiblePlan, nearest

    money = [rule.name for rule in found.rules if not rule.on_outcomes]
    asked = {"on_money": money, "on_outcomes": [r.name for r in found.rules if r.on_outcomes]}
    try:
        nearest(found, found.reference_plan)
    except InfeasiblePlan as nothing:
        return {**asked, **nothing.to_dict()}
    return {**asked, "status": "can hold"}


def view(document: Document) -> View:
    """The summary in reading order."""
    currency, last = document["currency"], document["last_year"]
    yield f"{document['words']} is in order"
    rows = [
        [
            f"tier {one['tier']}",
            one["last_year"],
            _percent(one["share"]),
            listed(one["channels"]),
        ]
        for one in document["tiers"]
    ]
    rows.append(["all", last, None, ""])
    yield table(["", f"last year ({currency})", "share (%)", "channels"], rows, left=["channels"])
    moved = change(document["budget"], last)
    against = f", {moved:+.0f} % on what was spent last year" if moved is not None else ""
    yield f"budget {document['budget']:,.0f} {currency}{against}"
    if not document["quarters"]["Q1"][0].endswith("-01"):
        yield "; ".join(f"{q}: {m[0]} to {m[-1]}" for q, m in document["quarters"].items())
    yield from _told(document["rules"])


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _told(rules: dict[str, Any]) -> View:
    """What is known of the rules before anything is simulated."""
    if rules["status"] == "infeasible":
        yield f"rules: {rules['message']}"
        return
    if rules["on_money"]:
        yield f"rules on money: {len(rules['on_money'])}, which can be kept together"
    if rules["on_outcomes"]:
        yield (
            f"rules on what money brings: {len(rules['on_outcomes'])}; `tiermix plan` says whether "
            "they can be kept"
        )
