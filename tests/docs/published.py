"""The page of the published tests, from the scores that `tiermix benchmark tests` wrote.

    tiermix benchmark tests OUT
    cp OUT/tests.json docs/reference/published/tests-v1.json
    uv run python -m tests.docs.published

writes docs/reference/benchmark-tests.md; every figure of the page is one of that file.
"""

from collections.abc import Iterator
from pathlib import Path

from experiments.arena.document import ArenaDocument, read_document
from experiments.arena.summary import Figure, TestScore
from experiments.report.arena import MARK, made, said

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
KEPT = REFERENCE / "published" / "tests-v1.json"
PAGE = REFERENCE / "benchmark-tests.md"
KINDS = {"regions": "Tests by regions", "people": "Tests by people"}
SHOWN = ("coverage", "bias", "power", "false_positives", "half_width", "wrong_sign", "exaggeration")


def page(found: ArenaDocument) -> str:
    """The whole page."""
    return "\n".join([HEAD.format(made=made(found)), *_findings(found), *_tables(found), HOW])


def _findings(found: ArenaDocument) -> Iterator[str]:
    yield "## What to act on\n"
    by_place = {(s["kind"], s["condition"], s["estimator"]): s for s in found["scores"]}

    def of(measure: str, condition: str, estimator: str, kind: str = "regions") -> str:
        figures = by_place[kind, condition, estimator]["measures"]
        return said(measure, figures[measure]).replace("\u00a0", " ")

    for sentence in FINDINGS:
        yield "- " + sentence(of)
    yield ""


def _tables(found: ArenaDocument) -> Iterator[str]:
    for kind, conditions in found["conditions"].items():
        scores = [score for score in found["scores"] if score["kind"] == kind]
        yield f"## {KINDS[kind]}\n"
        yield from (f"- `{name}`: {words}" for name, words in conditions.items())
        yield ""
        for measure in SHOWN:
            words = found["measures"][measure]
            yield f"**{measure.replace('_', ' ').capitalize()}**: {words}.\n"
            yield from _table(measure, list(conditions), scores)


def _table(measure: str, conditions: list[str], scores: list[TestScore]) -> Iterator[str]:
    by_place = {(score["condition"], score["estimator"]): score for score in scores}
    names = list(dict.fromkeys(score["estimator"] for score in scores))
    yield "| | " + " | ".join(name.replace("_", " ") for name in names) + " |"
    yield "| --- |" + " ---: |" * len(names)
    for condition in conditions:
        cells = [_cell(measure, by_place[condition, name]) for name in names]
        yield f"| `{condition}` | " + " | ".join(cells) + " |"
    yield ""


def _cell(measure: str, score: TestScore) -> str:
    figure: Figure = score["measures"][measure]
    if figure["mean"] is None:
        return "–"
    mark = MARK.get(score["intervals"], "") if measure == "coverage" else ""
    return said(measure, figure).replace("\u00a0", " ") + mark


HEAD = """# Geo and people tests, judged

Estimators of tests where the true effect is known. Made by `tiermix benchmark tests`: {made}. The
scores are kept in `docs/reference/published/tests-v1.json`; `python -m tests.docs.published` makes
this page from them. ± is the standard error over markets. ▼ marks 95 % intervals that hold the
truth less often than they say, by more than chance, ▲ those that hold it more often.
"""
HOW = """## How it is made

A market of 12,000 people in 96 closed communities is lived for a year and a week; then video is
switched off for eight weeks in half of the regions, or for half of the people. The *truth* of a
test is what the treated have more with video off everywhere than with video on everywhere, from
the same past with the same random streams. It is the realised effect on these people, and an
interval is right that holds it 95 times in 100. Bias is told as a share of that effect.

Since communities are closed, what a community lives hangs on its own dose alone: the share of its
ads that is off, and whether a rival campaigns there. Every community lives every dose that a test
may give it, and all assignments of a market are put together from these. Nothing is approximated by
that: the suite's tests hold that an assignment that is lived gives the same orders, person by
person. Where people talk, every assignment is lived by itself. Regions are treated by a coin in
pairs that sold alike before, or in blocks. Conditions share markets and coins, so that what differs
between two of them is the condition; errors are a jackknife over markets, since tests of one market
share its people.

The estimators are those that analyse a company's own test ([how](../how-to/field-test.md)), the
regression and CUPED of [`tiermix lift`](../how-to/lift.md), and the reading `(before and after)`,
which has no control. Dials (a fifth of ads leak, the rival's pull, the drift of demand, the size of
the effect) are *assumed*: the page says what an estimator does under a condition, not how often a
condition is met. The market has two seasons in the year before the test and none in it.
"""

if __name__ == "__main__":
    PAGE.write_text(page(read_document(KEPT)), "utf-8")
