"""The language in which a command shows what it found."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from tiermix.core.language import speaking

if TYPE_CHECKING:
    from scenarios import Scenario as Model


def spoken(market: "Model | Sequence[Model] | None", language: str) -> AbstractContextManager[None]:
    """What is shown is in the language, and the things of scenarios have their own names for them.

    English needs no catalogue, and loads nothing.
    """
    if language == "en":
        return nullcontext()
    if market is None:
        return speaking(language)
    from experiments import in_language

    return in_language(market, language)
