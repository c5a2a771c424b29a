"""Tables of the glossary that the code has the words of.

`uv run python -m tests.docs.glossary` writes them into docs/reference/glossary.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from experiments import STRATEGIES
from scenarios import KPIS, library_names, load_scenario
from tests.docs.pages import PAGES
from tiermix.core.language import said, speaking

PAGE = PAGES["docs/reference/glossary.md"]


def page(text: str) -> str:
    """The page with its made tables as they are now."""
    for name, rows in TABLES.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        head, rest = text.split(begin)
        text = "\n".join([f"{head}{begin}", *rows(), f"{end}{rest.split(end)[1]}"])
    return text


def _kpis() -> Iterator[str]:
    yield from ("| KPI | 中文 | 定义 |", "| --- | --- | --- |")
    with speaking("zh"):
        for kpi in KPIS.values():
            name, meaning = said(kpi.name.replace("_", " ")), said(kpi.definition)
            yield f"| `{kpi.name}` | {name} | {meaning} |"


def _strategies() -> Iterator[str]:
    yield from ("| name | in reports | 中文 |", "| --- | --- | --- |")
    for name, strategy in STRATEGIES.items():
        yield f"| `{name}` | {strategy.label} | {strategy.label_zh} |"


def _channels() -> Iterator[str]:
    yield from ("| channel | 中文 | tier | scenarios |", "| --- | --- | --- | --- |")
    found: dict[tuple[str, str, int], list[str]] = {}
    for scenario in library_names():
        for channel in load_scenario(scenario).channels:
            key = (channel.name, channel.name_zh, channel.tier)
            found.setdefault(key, []).append(scenario)
    for (name, chinese, tier), where in sorted(found.items(), key=lambda item: item[0][2]):
        yield f"| `{name}` | {chinese} | {tier} | {', '.join(where)} |"


TABLES = {"kpis": _kpis, "strategies": _strategies, "channels": _channels}

if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
