"""What tests of experiments share: a tracking store, which costs seconds to create; the command."""

import sys
from collections.abc import Callable

import pytest

from experiments.tracking.store import Store
from tiermix.cli.main import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """An empty sqlite store whose artifacts lie beside it."""
    folder = tmp_path_factory.mktemp("tracking")
    opened = Store(f"sqlite:///{folder / 'mlflow.db'}")
    # Without a server, MLflow writes artifacts under the working folder unless told where.
    opened.client.create_experiment("made up", artifact_location=(folder / "files").as_uri())
    return opened


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """`tiermix …` in this process: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tiermix", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
