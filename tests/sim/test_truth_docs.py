"""The how-to about truth: its Python runs, and it explains every effect that can be asked."""

import re
from pathlib import Path
from typing import Any

from sim.truth.estimands import ESTIMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "truth.md").read_text("utf-8")


def test_the_code_of_the_page_runs() -> None:
    """With fewer customers, as nothing here depends on how many there are."""
    names: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code.replace("customers=2000", "customers=100"), names)
    assert len(names["found"].table) == 12
    assert names["people"].table["unit"].tolist() == ["douyin"]


def test_every_effect_is_explained() -> None:
    told = set(re.findall(r"\| `(\w+)` \|", PAGE)) | set(re.findall(r"^`(\w+)` ", PAGE, re.M))
    assert told >= set(ESTIMANDS)
