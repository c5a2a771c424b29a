"""The page of `tiermix planner`, as Streamlit runs it: from top to bottom at each move."""

from __future__ import annotations

import streamlit as st

from experiments.planner.desk import Desk
from experiments.planner_page.answer import answer
from experiments.planner_page.keeping import keeping
from experiments.planner_page.session import DESKS, Bar, Page, page, shown
from experiments.planner_page.sidebar import sidebar
from experiments.planner_page.versions import versions
from experiments.publish.in_language import in_language
from tiermix.core.errors import TiermixError
from tiermix.core.language import named


def main() -> None:
    """The whole page."""
    st.set_page_config(page_title="Tiermix", layout="wide")
    try:
        found = page()
    except TiermixError as error:
        st.error(shown(str(error)))
        return
    with in_language(found.base, found.opened.language):
        _page(found)


def _page(found: Page) -> None:
    base = found.base
    st.header(shown(f"Planner: {named(base.title or base.name, base.title_zh)}"), anchor=False)
    if not _open(found):
        return
    st.caption(shown(f"curves: {found.at.curves.source}"))
    _notices(found)
    with st.sidebar:
        sidebar(found)
    try:
        answer(found)
    except TiermixError as error:  # a question that cannot be answered: another budget, rule, goal
        st.error(shown(" ".join(str(error).split())))
        return
    versions(found)
    keeping(found)
    _notices(found)


def _open(found: Page) -> bool:
    """Open the desk of the market that is assumed, with its curves; else say why it cannot be."""
    if found.desk is None:
        known = DESKS.known(found.base)
        try:
            found.desk = known or _measured(found)
        except TiermixError as error:
            st.error(shown(str(error)))
            return False
    return True


def _measured(found: Page) -> Desk:
    bar = Bar("Curves are being measured in the market; this is done once.")
    desk = DESKS.desk(found.opened.asked, found.base, bar)
    bar.gone()
    return desk


def _notices(found: Page) -> None:
    """What was refused, or done, since the page was last drawn."""
    if found.notice:
        st.warning(shown(found.notice))
    if found.done:
        st.success(shown(found.done))
    found.notice = found.done = ""


if __name__ == "__main__":
    main()
