"""One tracking store for the whole session: creating it costs MLflow seconds."""

import pytest

from experiments.tracking import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """An empty sqlite store whose artifacts lie beside it."""
    folder = tmp_path_factory.mktemp("tracking")
    opened = Store(f"sqlite:///{folder / 'mlflow.db'}")
    # Without a server, MLflow writes artifacts under the working folder unless told where.
    opened.client.create_experiment("made up", artifact_location=(folder / "files").as_uri())
    return opened
