"""The language in which a command shows what it found."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios import Scenario as Model


def spoken(market: "Model", language: str) -> AbstractContextManager[None]:
    """What is shown is in the language; English needs no catalogue, and loads nothing."""
    if language == "en":
        return nullcontext()
    from experiments import in_language

    return in_language(market, language)
