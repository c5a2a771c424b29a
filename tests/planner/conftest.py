"""What the page is opened on: curves that nobody has to measure."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.planning import curves


@pytest.fixture(scope="session")
def curves_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up curves as a table."""
    file = tmp_path_factory.mktemp("curves") / "curves.csv"
    curves().to_csv(file)
    return file


def told(curves_file: Path, folder: Path, **more: Any) -> str:
    """What the command tells the page."""
    asked = {"scenario": "retail", "settings": {}, "curves": str(curves_file), "customers": 60}
    question = {**asked, "seed": 1, "replications": 2, "workers": 1}
    return json.dumps({"question": question, "language": "en", "folder": str(folder), **more})
