"""What people read of a study, in their language: page, workbook and tables of the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from experiments.comparison.strategies import TABLE
from experiments.wording import names_in_chinese
from scenarios import Scenario
from tiermix.core.language import speaking


@contextmanager
def in_language(scenario: Scenario | Sequence[Scenario], language: str) -> Iterator[None]:
    """Within this, what is shown is in a language of `LANGUAGES`; results and JSON stay English.

    The things of a scenario, or of several, have the names that it gives them (`name_zh`,
    `title_zh`).
    """
    every = [scenario] if isinstance(scenario, Scenario) else scenario
    names = {form: other for one in every for form, other in names_in_chinese(one, TABLE).items()}
    with speaking(language, names):
        yield
