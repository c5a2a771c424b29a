"""The table of docs/reference/kpis.md, as the code gives it.

`uv run python -m tests.sim.kpi_reference` writes it into the page.
"""

from pathlib import Path

from scenarios import KPIS, Scenario
from sim.kpis.measures import measured_kpis
from tests.scenes import busy

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "kpis.md"
KINDS = ("all", "tier", "channel", "persona", "month", "quarter")


def is_row(line: str) -> bool:
    """Whether a line of the page is a row of the table."""
    return line.startswith("| `")


def rows() -> list[str]:
    """A row for each KPI, with the kinds of scope that have it in a market with everything on."""
    data = busy().model_dump(mode="json")
    data["leads"]["sells"] = "desk"
    data["uncertainty"] = [{"path": "channels.fair.peak", "spread": 0.3}]
    scenario = Scenario.model_validate(data)
    return [
        f"| `{kpi.name}` | {kpi.unit} | {kpi.definition} | {kpi.direction} | "
        f"{', '.join(k for k in KINDS if kpi.name in measured_kpis(scenario, k))} |"
        for kpi in KPIS.values()
    ]


def page(text: str) -> str:
    """The page with its table replaced, where it stands."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if is_row(line))
    rest = [line for line in lines if not is_row(line)]
    return "\n".join([*rest[:first], *rows(), *rest[first:]]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
