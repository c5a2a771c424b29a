"""What tests of the command line share: `call` runs a command, `answer` runs one once for all."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.conftest import Call, call
from tests.scenes import base
from tiermix.cli.main import main
from tiermix.cli.output import Output, as_text
from tiermix.cli.tables import rendered

__all__ = ["Answer", "Answers", "Call", "answer", "call", "shop"]


@dataclass(frozen=True)
class Answer:
    """What a command made: its document as `--json` prints it, and its text as a pipe gets it."""

    document: dict[str, Any]
    text: str

    @property
    def lines(self) -> list[str]:
        """The text by lines."""
        return self.text.splitlines()


Answers = Callable[..., Answer]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of three media that is simulated in no time."""
    file = tmp_path_factory.mktemp("shop") / "shop.yaml"
    file.write_text(json.dumps(base().model_dump(mode="json")), "utf-8")
    return file


@pytest.fixture(scope="session")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """A command's document and text, from one real run for all tests that ask for the same."""
    folder = tmp_path_factory.mktemp("answers")

    @cache
    def run(*arguments: str) -> Answer:
        made: list[Answer] = []

        def keep(_: Output, document: Any, view: Any) -> None:
            made.append(Answer(json.loads(as_text(document)), rendered(view(document))))

        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(Output, "show", keep)
            patch.setattr(sys, "argv", ["tiermix", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        assert not ended.value.code, arguments
        return made[0]

    return lambda *arguments: run(*map(str, arguments))
