"""Plans kept beside one another, and what the market gives of each."""

from __future__ import annotations

from functools import partial
from math import isnan

import pandas as pd
import streamlit as st

from experiments.planner.market import LAST_YEAR, MarketAnswer, Tried, try_in_market
from experiments.planner.sheet import LETTERS, Version
from experiments.planner.tables import channel_rows
from experiments.planner_page.session import Bar, Page, shown
from experiments.wording import in_unit, kpi_name
from tiermix.core import figures
from tiermix.core.language import said

KPIS_TOLD = ("profit", "margin", "revenue", "conversions", "new_customers", "cac")


def versions(page: Page) -> None:
    """Keep, set side by side, simulate."""
    st.subheader(shown("Plans side by side"), anchor=False)
    st.caption(shown("A kept plan is the calm one, in round amounts; keeping takes some seconds."))
    for column, letter in zip(st.columns(len(LETTERS)), LETTERS, strict=True):
        with column:
            kept = page.sheet.versions.get(letter)
            st.button(
                shown(f"Keep as {letter}"), key=f"keep {letter}",
                on_click=partial(page.attempt, partial(_keep, page, letter)),
            )  # fmt: skip
            if kept is not None:
                _kept(page, letter, kept)
    if page.sheet.versions:
        _table(page)
        _market(page)


def _keep(page: Page, letter: str) -> None:
    found = page.at.answer(page.draft, whole=True)
    if found.plan is None:
        page.notice = found.refused
        return
    plan = found.plan
    version = Version(page.draft, plan.monthly, plan.objective.name, dict(plan.kpis))
    page.put(page.sheet.keeping(letter, version))


def _kept(page: Page, letter: str, kept: Version) -> None:
    money = figures.short_money(kept.draft.budget, page.base.currency)
    st.caption(shown(f"budget {money}"))
    st.button(
        shown(f"Go on from {letter}"),
        key=f"go on {letter}",
        on_click=lambda: page.move(lambda _: kept.draft),
    )
    st.button(
        shown(f"Forget {letter}"),
        key=f"forget {letter}",
        on_click=lambda: page.put(page.sheet.without(letter)),
    )


def _table(page: Page) -> None:
    """What each plan spends, and what is expected of it on the present assumptions."""
    kept, currency = page.sheet.versions, page.base.currency
    plans = {letter: version.media for letter, version in kept.items()}
    expected = {letter: page.at.expected(media, page.draft) for letter, media in plans.items()}
    rows: list[dict[str, str]] = []
    for kpi in ("spend", *KPIS_TOLD):
        figured = {x: told[kpi] for x, told in expected.items() if kpi in told}
        if figured:
            cells = {x: in_unit(kpi, figure, currency) for x, figure in figured.items()}
            rows.append({"": said(f"expected {kpi_name(kpi)}"), said("last year"): "", **cells})
    for name, _, years in channel_rows(plans, page.base):
        cells = {said(year): in_unit("spend", money, currency) for year, money in years.items()}
        rows.append({"": name, **cells})
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _market(page: Page) -> None:
    if st.button(shown("Simulate them in the market"), key="simulate", type="primary"):
        plans = {letter: version.media for letter, version in page.sheet.versions.items()}
        scenario = page.draft.scenario(page.base)
        bar = Bar()
        page.attempt(
            lambda: page.put(
                page.sheet.simulated(try_in_market(scenario, plans, page.opened.asked, bar))
            )
        )
        bar.gone()
    if page.sheet.market is not None:
        _told(page, page.sheet.market)


def _told(page: Page, found: MarketAnswer) -> None:
    """Means with intervals, and the chance of each goal."""
    if not page.sheet.told:
        st.caption(shown("Other plans are kept by now than were simulated; simulate them again."))
    currency, kpi = page.base.currency, found.objective
    rows = _rows(found.tried, kpi, currency)
    names = [said("last year's split") if x.name == LAST_YEAR else x.name for x in found.tried]
    table = pd.DataFrame([[row, *cells] for row, cells in rows.items()], columns=["", *names])
    st.dataframe(table, hide_index=True)
    st.caption(
        shown(
            f"{found.draws} draws of what nobody knows, {found.customers:,} customers each, the "
            "same for every plan; in brackets the 95 % interval."
        )
    )


def _rows(tried: tuple[Tried, ...], kpi: str, currency: str) -> dict[str, list[str]]:
    """Of each plan what it earns, by how much more than last year's split, and its chances."""
    against = said("against last year's split")
    rows = {
        said(kpi_name(kpi)): [in_unit(kpi, one.mean, currency) for one in tried],
        against: ["" if one.name == LAST_YEAR else _ahead(one, kpi, currency) for one in tried],
    }
    for goal in tried[0].goals:
        rows[said(f"chance: {goal}")] = [_chance(one.goals[goal]) for one in tried]
    if tried[0].all_goals is not None:
        rows[said("chance of all goals together")] = [_chance(one.all_goals) for one in tried]
    return rows


def _ahead(one: Tried, kpi: str, currency: str) -> str:
    return _between(*(in_unit(kpi, figure, currency, signed=True) for figure in one.ahead))


def _chance(told: tuple[float, float, float] | None) -> str:
    if told is None or isnan(told[0]):
        return "–"
    return _between(*map(figures.short_percent, told))


def _between(middle: str, low: str, high: str) -> str:
    return f"{said(middle)} [{said(low)}, {said(high)}]"
