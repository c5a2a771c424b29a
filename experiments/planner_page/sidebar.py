"""What can be moved: budget, objective, rules, goals, bounds, and what is assumed otherwise."""

from __future__ import annotations

from functools import partial
from math import floor, log10

import streamlit as st

from experiments.planner.assumptions import assumption, assumptions_of
from experiments.planner.draft import PlannerError
from experiments.planner.numbers import Number, numbers_of, target_of
from experiments.planner.tables import labels
from experiments.planner_page.session import Page, held, shown, value
from experiments.wording import kpi_name
from scenarios import KPIS, Goal, Rule
from tiermix.core.language import said

LEAST, MOST = -50, 100
"""Percent of the scenario's own budget that the slider goes down and up."""
BASES = {"money": "money", "share": "share of all spend", "last_year": "change on last year"}


def sidebar(page: Page) -> None:
    """Everything that can be moved."""
    _budget(page)
    _objective(page)
    with st.expander(shown("Rules"), expanded=True):
        for rule in page.draft.rules:
            _rule(page, rule)
    with st.expander(shown("Goals")):
        for goal in page.draft.goals:
            _goal(page, goal)
    with st.expander(shown("Add a bound")):
        _add(page)
    with st.expander(shown("Assume otherwise")):
        _assume(page)


def _budget(page: Page) -> None:
    draft, currency = page.draft, page.base.currency
    st.text_input(
        shown(f"Budget of the year ({currency})"),
        key=held("budget", f"{draft.budget:,.15g}"),
        help=shown("24000000, 24m, or 80% of the scenario's own"),
        on_change=lambda: page.move(lambda d: d.with_budget(value("budget"))),
    )
    change = round(100.0 * (draft.budget / draft.own_budget - 1.0))
    st.slider(
        shown("Change of the budget (%)"),
        LEAST,
        MOST,
        key=held("budget change", min(max(change, LEAST), MOST)),
        on_change=lambda: page.move(
            lambda d: d.with_budget(d.own_budget * (1.0 + value("budget change") / 100.0))
        ),
    )


def _objective(page: Page) -> None:
    known = page.at.objectives
    options = known if page.draft.objective in known else [page.draft.objective, *known]
    st.selectbox(
        shown("To be made best"),
        options,
        key=held("objective", page.draft.objective),
        format_func={kpi: _objective_name(kpi) for kpi in options}.__getitem__,
        on_change=lambda: page.move(lambda d: d.with_objective(value("objective"))),
    )


def _objective_name(kpi: str) -> str:
    return said(
        {"spend": "least spend", "goals": "least shortfall of goals"}.get(kpi, kpi_name(kpi))
    )


def _rule(page: Page, rule: Rule) -> None:
    name, key = rule.name, f"rule {rule.name}"
    st.toggle(
        shown(name),
        key=held(key, page.draft.holds(name)),
        disabled=not page.draft.can_be_off(name),
        on_change=lambda: page.move(lambda d: d.switched(name, value(key))),
    )
    if page.draft.holds(name):
        for number in numbers_of(rule):
            _number(page, number, partial(_renumber, page, number))
    if name not in {known.name for known in page.base.rules}:
        st.button(
            shown("Take it out"),
            key=f"out {name}",
            on_click=lambda: page.move(lambda d: d.without_rule(name)),
        )


def _renumber(page: Page, number: Number, written: float | None) -> None:
    meant = None if written is None else number.meant(written)
    if meant is not None:
        page.move(lambda d: d.with_number(number.of, number.field, meant))


def _goal(page: Page, goal: Goal) -> None:
    key, number = f"goal {goal.name}", target_of(goal)
    carried = KPIS[goal.kpi].can_be_rule
    st.toggle(
        f"{shown(goal.name)} {shown('(hold as a rule)')}",
        key=held(key, goal.as_rule),
        disabled=not carried,
        on_change=lambda: page.move(lambda d: d.with_goal(goal.name, as_rule=value(key))),
    )

    def retarget(written: float | None) -> None:
        if written is not None:
            target, change = number.meant(written), number.field == "change"
            ends = (target, None) if change else (None, target)
            page.move(lambda d: d.with_goal(goal.name, change=ends[0], level=ends[1]))

    _number(page, number, retarget)


def _number(page: Page, number: Number, heard: object) -> None:
    """A number as a slider where it is a share, to be typed where it is an amount."""
    key = f"{number.of} {number.field}"
    assert callable(heard)
    unit = {"percent": "%", "money": page.base.currency, "count": ""}[number.unit]
    unit = "% on last year" if _is_on_last_year(page, number) else unit
    label = shown(number.label) + (f" ({shown(unit)})" if unit else "")
    if number.unit == "percent":
        low, high = (-100.0, 300.0) if _is_change(page, number) else (0.0, 100.0)
        st.slider(
            label,
            min(low, number.shown),
            max(high, number.shown),
            step=0.5,
            format="%g",
            key=held(key, float(number.shown)),
            on_change=lambda: heard(value(key)),
        )
        return
    st.number_input(
        label,
        key=held(key, float(number.shown)),
        step=_step(number.shown),
        format="%.0f" if abs(number.shown) >= 100 or number.shown == int(number.shown) else "%.4g",
        on_change=lambda: heard(value(key)),
    )


def _step(size: float) -> float:
    """By how much an amount grows at a click: a tenth of its own size."""
    return float(10.0 ** (floor(log10(abs(size))) - 1)) if size else 1.0


def _is_change(page: Page, number: Number) -> bool:
    """Whether a percentage may lie below 0 and above 100."""
    return number.field in ("floor", "up") or _is_on_last_year(page, number)


def _is_on_last_year(page: Page, number: Number) -> bool:
    """Whether a number is a change on last year."""
    if number.field == "change":
        return True
    rule = next((rule for rule in page.draft.rules if rule.name == number.of), None)
    return getattr(rule, "basis", "") == "last_year"


def _add(page: Page) -> None:
    """A bound on a channel, or on several together."""
    names = labels(page.base)
    with st.form("bound", clear_on_submit=True, border=False):
        st.multiselect(
            shown("Channels (several together)"), list(names), key="new channels",
            format_func=names.__getitem__,
        )  # fmt: skip
        st.selectbox(
            shown("Bound on"),
            list(BASES),
            key="new basis",
            format_func={one: said(words) for one, words in BASES.items()}.__getitem__,
        )
        st.number_input(shown("at least (money, or %)"), value=None, key="new least")
        st.number_input(shown("at most (money, or %)"), value=None, key="new most")
        st.form_submit_button(
            shown("Add"), on_click=lambda: page.move(lambda d: d.with_rule(_new()))
        )


def _new() -> dict[str, object]:
    """The bound that was filled in."""
    channels, basis = list(value("new channels")), value("new basis")
    size = 1.0 if basis == "money" else 0.01
    ends = {end: value(f"new {end}") for end in ("least", "most")}
    told = {end: size * number for end, number in ends.items() if number is not None}
    return bound(channels, basis, told)


def bound(channels: list[str], basis: str, ends: dict[str, float]) -> dict[str, object]:
    """A rule's fields from what was filled in; raises `PlannerError` where nothing is bounded."""
    if not channels or not ends:
        raise PlannerError("the new bound says nothing; choose channels, and give a bound.")
    kind = "channel_bounds" if len(channels) == 1 else "group_bounds"
    name = f"bound on {' + '.join(channels)} ({basis.replace('_', ' ')})"
    return {"kind": kind, "name": name, "channels": tuple(channels), "basis": basis, **ends}


def _assume(page: Page) -> None:
    """Another value of something that nobody knows: the market is measured anew."""
    known = assumptions_of(page.opened.asked.base())
    st.caption(shown("Curves are measured anew in the market that is assumed: this takes a while."))
    if known:
        path = st.selectbox(shown("Assumption"), list(known), key="assumed path")
        st.number_input(
            shown(f"Value (as written: {known[path]:g})"), value=None, key="assumed value",
            format="%.6g",
        )  # fmt: skip
    st.text_input(shown("Or any field of the scenario"), key="assumed line", placeholder="a.b.c=1")
    st.button(shown("Assume it"), on_click=lambda: page.attempt(lambda: _assumed(page)))
    for given, what in page.sheet.settings.items():
        st.button(
            shown(f"Take back {given}={what}"),
            key=f"back {given}",
            on_click=partial(page.attempt, partial(_set, page, given, None)),
        )


def _assumed(page: Page) -> None:
    line, number = value("assumed line"), st.session_state.get("assumed value")
    if line:
        _set(page, *assumption(line))
    elif number is not None:
        _set(page, value("assumed path"), number)


def _set(page: Page, path: str, what: object) -> None:
    """Go on in a market in which something is otherwise; raises `ScenarioError` for no such one."""
    sheet = page.sheet.assuming(path, what)
    base = page.opened.asked.base(sheet.settings)
    page.base, page.desk, page.whole = base, None, False
    page.put(sheet)
