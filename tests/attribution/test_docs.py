"""The reference page's code runs as it is printed."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attribution.samples import sample_log

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "attribution.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS, ids=lambda code: code.splitlines()[0])
def test_code_on_the_page_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = sample_log(100)
    names: dict[str, Any] = {"events": pd.concat([log.touches, log.conversions])}
    names["events"].to_parquet(tmp_path / "events.parquet")
    monkeypatch.chdir(tmp_path)
    exec(code, names)


def test_the_page_names_every_model_of_the_registry() -> None:
    from attribution import MODELS

    page = PAGE.read_text("utf-8")
    assert [name for name in MODELS if f"`{name}`" not in page] == []
    assert len(BLOCKS) >= 2
