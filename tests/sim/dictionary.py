"""The page of the data dictionary.

`uv run python -m tests.sim.dictionary` writes docs/reference/data.md.
"""

from pathlib import Path

from sim.output.dictionary import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "data.md"

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
