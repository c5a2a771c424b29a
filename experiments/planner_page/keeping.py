"""What a page leaves behind: files in a folder, a download, a study."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from experiments.planner.draft import PlannerError
from experiments.planner.saving import save, scenario_text, track, workbook
from experiments.planner_page.session import Page, shown, value
from experiments.publish.publication import Opening
from tiermix.core.language import said

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def keeping(page: Page) -> None:
    """Save as a scenario, a plan and a workbook; download; keep as a study."""
    st.subheader(shown("Save"), anchor=False)
    st.text_input(shown("Name"), key="name", value=said("my plan"), max_chars=60)
    folder = page.opened.folder
    st.button(
        shown(f"Save scenario, plan and workbook in {folder}"),
        key="save",
        on_click=lambda: page.attempt(lambda: _save(page)),
    )
    st.button(
        shown("Keep as a study"), key="study", on_click=lambda: page.attempt(lambda: _track(page))
    )
    found = page.at.answer(page.draft, whole=page.whole)
    if found.plan is not None and page.whole:
        with TemporaryDirectory() as draft:
            data = workbook(Path(draft), found, page.at)
        st.download_button(
            shown("Download the workbook"), data, file_name="plan.xlsx", mime=SHEET, key="workbook"
        )
    elif found.plan is not None:
        st.caption(shown("The workbook can be downloaded once the plan is calm and round."))


def _save(page: Page) -> None:
    found = page.at.answer(page.draft, whole=True)
    if found.plan is None:
        raise PlannerError("there is no plan to save; take one of the ways out first.")
    text = scenario_text(page.opened.asked, page.draft, page.base, page.sheet.settings)
    name, folder = str(value("name")), page.opened.folder
    files = save(folder, name, text, found.plan, page.at, found.scenario)
    page.done = f"saved: {', '.join(str(file) for file in files.values())}"


def _track(page: Page) -> None:
    opening = Opening()
    found = page.at.answer(page.draft, whole=True)
    kept = track(found, page.opened.asked, page.at, opening)
    page.done = (
        f"kept as the study {kept['study'][:8]} (`tiermix studies show {kept['study'][:8]}`)"
    )
