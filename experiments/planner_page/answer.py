"""The present plan: how good it is, its months, which may be edited, or why there is none."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from experiments.planner.desk import Answer
from experiments.planner.draft import Cell, Draft, name_of
from experiments.planner.tables import channel_rows, edits, expected_goals, months_table
from experiments.planner.ways_out import WayOut
from experiments.planner_page.session import Page, held, shown, value
from experiments.report.charts.plan import plan_picture
from experiments.wording import in_unit, kpi_name
from optimize import Plan
from scenarios import KPIS, MediaPlan
from tiermix.core import figures
from tiermix.core.language import said

TOLD = ("profit", "margin", "revenue", "new_customers", "cac")
"""KPIs that are told first, as far as the curves know them."""
REACHED = {
    True: "yes, as expected",
    False: "not as expected",
    None: "not told by the curves",
}
ABREAST = 3
"""Figures that stand side by side."""
ROW = 35
"""Height of a row of months."""


def answer(page: Page) -> None:
    """Plan anew, and show what came of it."""
    found = page.answer()
    if found.plan is None:
        _refused(page, found)
    else:
        _certificate(page, found, found.plan)
        _figures(page, found.plan)
    if page.shown is not None:
        _grid(page, page.shown)
    if found.plan is not None:
        _details(page, found, found.plan)


def _refused(page: Page, found: Answer) -> None:
    """The conflict, and the ways out as buttons."""
    st.error(shown(found.refused))
    for place, way in enumerate(found.ways_out):
        st.button(
            shown(way.words),
            key=f"way out {place}",
            type="primary" if place == 0 else "secondary",
            on_click=partial(page.move, partial(_taken, way)),
        )
    if page.shown is not None:
        st.caption(shown("The months below are those of the last plan that there was."))


def _taken(way: WayOut, _: Draft) -> Draft:
    return way.draft


def _with_cell(cell: Cell, amount: float | None, draft: Draft) -> Draft:
    return draft.with_cell(*cell, amount)


def _certificate(page: Page, found: Answer, plan: Plan) -> None:
    made, currency = plan.objective, page.base.currency
    worth = in_unit(made.name, made.value, currency)
    most = in_unit(made.name, made.upper, currency)
    gap = figures.percent(made.gap, 2)
    later = in_unit(made.name, made.after, currency)
    after = f", {later} of it after the year" if made.after else ""
    best = f"{kpi_name(made.name)} {worth}{after}, at most {most} possible (gap {gap})"
    st.markdown(f"**{shown(_status(plan))}** {shown(best)}")
    if page.whole:
        lost = figures.percent(made.loss, 2)
        st.caption(shown(f"Calm months and round amounts, for which {lost} was given up."))
        for remark in plan.remarks:
            st.caption(shown(remark))
        return
    st.caption(shown(f"Not calm yet: months as optimized, planned in {found.seconds:.2f} seconds."))
    st.button(
        shown("Make it calm and round, with prices (some seconds)"),
        key="whole",
        on_click=lambda: setattr(page, "whole", True),
    )


def _status(plan: Plan) -> str:
    return "Certified:" if plan.status == "optimal" else "The best that was found in time:"


def _figures(page: Page, plan: Plan) -> None:
    """The figures that are asked for first, beside last year's where these are known."""
    currency, before = page.base.currency, page.at.curves.last_year
    spent = page.base.last_year.total
    told = [("spend", plan.media.total, spent)]
    told += [(kpi, plan.kpis[kpi], before.get(kpi, 0.0)) for kpi in TOLD if kpi in plan.kpis]
    for first in range(0, len(told), ABREAST):
        columns = st.columns(ABREAST)
        for column, (kpi, figure, last) in zip(columns, told[first:], strict=False):
            with column:
                _metric(kpi, figure, last, currency)


def _metric(kpi: str, figure: float, last: float, currency: str) -> None:
    """A figure and how it moved; the arrow goes by the sign in front."""
    change = figures.short_percent(figure / last - 1, signed=True) if last else ""
    moved = f"{said(change)} {said('on last year')}".replace("−", "-")
    down = kpi in KPIS and KPIS[kpi].direction == "down"
    st.metric(
        shown(kpi_name(kpi)),
        shown(in_unit(kpi, figure, currency)),
        moved if last else None,
        delta_color="off" if kpi == "spend" else ("inverse" if down else "normal"),
    )


def _grid(page: Page, media: MediaPlan) -> None:
    """Months that may be edited: what is written stays, the rest is planned again."""
    st.subheader(shown("Plan by month"), anchor=False)
    st.caption(shown("What you write stays, the rest is planned anew; empty a cell to free it."))
    key = f"months {media.hash} {len(page.draft.fixed)}"
    amount = st.column_config.NumberColumn(min_value=0, step=1, format="localized")
    st.data_editor(
        months_table(media, page.base),
        key=key,
        hide_index=True,
        height=ROW * (len(media.channels) + 1) + 3,
        column_config={
            "channel": st.column_config.TextColumn(said("channel"), pinned=True),
            "year": st.column_config.NumberColumn(said("year"), format="localized"),
            **dict.fromkeys(media.months, amount),
        },
        disabled=["channel", "year"],
        on_change=partial(_edited, page, media, key),
    )
    _fixed(page)


def _edited(page: Page, media: MediaPlan, key: str) -> None:
    for channel, month, amount in edits(value(key)["edited_rows"], media):
        page.move(partial(_with_cell, (channel, month), amount))


def _fixed(page: Page) -> None:
    """Amounts that stay, each of which can be taken back."""
    if not page.draft.fixed:
        return
    amounts = {
        cell: f"{said(name_of(cell))}: {figures.money(money, page.base.currency)}"
        for cell, money in page.draft.fixed
    }

    def left() -> None:
        freed = [cell for cell in amounts if cell not in value("fixed")]
        for cell in freed:
            page.move(partial(_with_cell, cell, None))

    st.multiselect(
        shown("Amounts that stay"), list(amounts), key=held("fixed", list(amounts)),
        format_func=amounts.__getitem__, on_change=left,
    )  # fmt: skip
    st.button(shown("Free all"), on_click=lambda: page.move(lambda d: d.released()))


def _details(page: Page, found: Answer, plan: Plan) -> None:
    names = ["By channel", "Goals", "Picture", "Prices of the rules"]
    channels, goals, picture, prices = st.tabs([shown(name) for name in names])
    with channels:
        rows = channel_rows({"plan": plan.monthly}, page.base)
        st.dataframe(
            pd.DataFrame([_channel(*row) for row in rows]),
            hide_index=True,
            column_config=_money(),
        )
    with goals:
        _goals(page, plan)
    with picture:
        st.altair_chart(plan_picture(plan, found.scenario), theme=None)
    with prices:
        _prices(page, plan)


def _channel(name: str, tier: int, years: dict[str, float]) -> dict[str, object]:
    before, now = years["last year"], years["plan"]
    change = 100.0 * (now / before - 1.0) if before else None
    told = {"channel": name, "tier": tier, "last year": before, "plan": now, "change (%)": change}
    return {said(key): one for key, one in told.items()}


def _money() -> dict[str, Any]:
    whole = st.column_config.NumberColumn(format="%,.0f")
    part = st.column_config.NumberColumn(format="%+.0f")
    return {said("last year"): whole, said("plan"): whole, said("change (%)"): part}


def _goals(page: Page, plan: Plan) -> None:
    rows = []
    for one in expected_goals(page.draft.goals, plan.kpis, page.at.curves.last_year):
        kpi = one.goal.kpi
        written = [
            "–" if figure is None else in_unit(kpi, figure, page.base.currency)
            for figure in (one.expected, one.target)
        ]
        reached = {
            True: "yes, as expected",
            False: "not as expected",
            None: "not told by the curves",
        }[one.reached]
        told = (said(one.goal.name), *written, said(reached))
        row = dict(zip(("goal", "expected", "target", "reached"), told, strict=True))
        rows.append({said(key): cell for key, cell in row.items()})
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        shown("Keep the plan below and simulate it in the market for the chance of each goal.")
    )


def _prices(page: Page, plan: Plan) -> None:
    if not page.whole:
        st.caption(shown("Prices come with the calm plan."))
        return
    for price in plan.shadow_prices:
        if price.rule in plan.binding:
            st.markdown(f"**{shown(price.rule)}**  \n{shown(price.words)}")
    if not plan.binding:
        st.caption(shown("No rule costs anything."))
