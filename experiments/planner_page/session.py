"""One page in one browser: its sheet, its desk, and how a move is made or refused."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from experiments.planner.desk import Answer, Desk, Desks, Question
from experiments.planner.draft import Draft
from experiments.planner.sheet import Sheet, Sheets
from scenarios import MediaPlan, Scenario
from tiermix.core.errors import TiermixError
from tiermix.core.language import said

QUESTION = "TIERMIX_PLANNER"
"""The variable in which the command says what the page is opened on, as JSON."""
KEY = "sheet"
"""Where the address of a page has the key of its sheet."""
DESKS, SHEETS = Desks(), Sheets()


@dataclass(frozen=True)
class Opened:
    """What the command asked for: the question, the language, and where files are saved."""

    asked: Question
    language: str = "en"
    folder: Path = Path("planner")
    plan: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Opened:
        """As the command left it."""
        told = json.loads(environment[QUESTION])
        asked = Question(**told.pop("question"))
        return cls(asked, told["language"], Path(told["folder"]), told.get("plan"))


@dataclass
class Page:
    """The state of one browser page. `shown` is the last plan that was there to be shown."""

    opened: Opened
    key: str
    sheet: Sheet
    base: Scenario
    desk: Desk | None = None
    notice: str = ""
    done: str = ""
    shown: MediaPlan | None = None
    whole: bool = False
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def draft(self) -> Draft:
        """The present draft."""
        return self.sheet.draft

    @property
    def at(self) -> Desk:
        """The desk, once it is open."""
        assert self.desk is not None
        return self.desk

    def put(self, sheet: Sheet) -> None:
        """Go on with another state, and keep it for a reload."""
        self.sheet = sheet
        SHEETS.put(self.key, sheet)

    def move(self, moved: Callable[[Draft], Draft]) -> None:
        """Make a move, or say why it cannot be made and leave all as it was."""
        self.attempt(lambda: self._moved(moved))

    def attempt(self, work: Callable[[], None]) -> None:
        """Do something that may be refused; the refusal is shown."""
        try:
            work()
        except TiermixError as error:
            self.notice = " ".join(str(error).split())

    def answer(self) -> Answer:
        """The answer to the present draft; calm and round where that was asked for."""
        found = self.at.answer(self.draft, whole=self.whole)
        if found.plan is not None:
            self.shown = found.plan.monthly
        return found

    def _moved(self, moved: Callable[[Draft], Draft]) -> None:
        draft = moved(self.draft)
        draft.scenario(self.base)  # whatever a scenario refuses, this page refuses
        self.whole = False
        self.put(self.sheet.with_draft(draft))


def page() -> Page:
    """The page of this browser session; after a reload the one that its address names."""
    state = st.session_state
    if "page" not in state:
        opened = Opened.from_environment()
        key = str(st.query_params.get(KEY, ""))
        sheet = SHEETS.get(key)
        base = opened.asked.base(sheet.settings if sheet else None)
        if sheet is None:
            key, sheet = SHEETS.new_key(), Sheet.of(base)
            SHEETS.put(key, sheet)
        st.query_params[KEY] = key
        state["page"] = Page(opened, key, sheet, base)
    found: Page = state["page"]
    return found


MARKS = re.compile(
    r"""[\\`*\[\]$~<]            # marks wherever they stand
    | (?<!\w)_ | _(?!\w)       # not within a name
    | :(?=[a-zA-Z])            # colours and signs by name
    | ^[-+>\#]                 # lists, quotes and heads begin a line
    | (?<=\d)[.)](?=\s)        # numbered lists
    """,
    re.VERBOSE | re.MULTILINE,
)
"""What Streamlit would take for markup; all else stays, as labels are read aloud as they are."""


def shown(text: str) -> str:
    """A text in the page's language, every sign of it as it is: names are no markup."""
    return MARKS.sub(lambda mark: f"\\{mark[0]}", said(text))


def held(key: str, value: Any) -> str:
    """The key of a widget that shows this value, whoever moved it last."""
    st.session_state[key] = value
    return key


def value(key: str) -> Any:
    """What somebody chose in a widget."""
    return st.session_state[key]


class Bar:
    """A bar that shows how far a piece of work is."""

    def __init__(self, why: str = "") -> None:
        self.bar = st.progress(0.0, text=shown(why))

    def __call__(self, what: str, done: int, total: int | None) -> None:
        share = min(done / total, 1.0) if total else 0.0
        of = f"{done:,} / {total:,}" if total else f"{done:,}"
        self.bar.progress(share, text=shown(f"{what}: {of}"))

    def gone(self) -> None:
        """Take it away."""
        self.bar.empty()
