"""What a scenario's file is refused for: one line each, with its line in the file and a remedy."""

from pathlib import Path

import pytest

from scenarios import load_scenario
from tiermix.core.errors import ScenarioError

FILE = """extends: retail
name: mine
budgt: 3
channels:
  douyin: {peek: 0.2}
rules:
  - {kind: budget, name: annual budget, sense: at_most}
  - kind: channel_bounds
    name: no channel moves too far
    channels: [seo]
    least: much
"""


def _refused(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)
    return [line.removeprefix(str(file)) for line in str(refused.value).splitlines()]


def test_each_finding_has_a_line_of_its_own_and_says_where_it_stands(tmp_path: Path) -> None:
    found = sorted(_refused(tmp_path, FILE))
    assert [line.split(": ")[0] for line in found] == [", line 11", ", line 3", ", line 5"]
    assert "no channel moves too far" in found[0]
    assert "did you mean 'budget'?" in found[1]
    assert "did you mean 'peak'?" in found[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "extends: retail\nname: 我的品牌\n",
            ", line 2: name: '我的品牌' cannot be used: a name has",
        ),
        ("extends: retail\nstart: 2026-04-15\n", ", line 2: start: 2026-04-15 is not the first"),
        (
            "extends: retail\ngoals:\n  - {name: g, kpi: reveneu, change: 0.1}\n",
            ", line 3: goals.g: unknown KPI 'reveneu'; did you mean 'revenue'?",
        ),
        ("name: mine\n", ": budget: is missing; add it"),
    ],
)
def test_the_remedy_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert any(line.startswith(said) for line in _refused(tmp_path, text))
