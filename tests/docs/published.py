"""The page of the published tests, from the scores that `tiermix benchmark tests` wrote.

    tiermix benchmark tests OUT
    cp OUT/tests.json docs/reference/published/tests-v1.json
    uv run python -m tests.docs.published

writes docs/reference/benchmark-tests.md; every figure of the page is one of that file.
"""

from collections.abc import Iterator
from pathlib import Path

from experiments.arena.document import ArenaDocument, read_document
from experiments.arena.summary import TestScore
from experiments.report.arena import MARK, made, said

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
KEPT = REFERENCE / "published" / "tests-v1.json"
PAGE = REFERENCE / "benchmark-tests.md"
KINDS = {"regions": "Tests by regions", "people": "Tests by people"}
SHOWN = ("coverage", "bias", "power", "false_positives", "half_width", "wrong_sign", "exaggeration")


def page(found: ArenaDocument) -> str:
    """The whole page."""
    return "\n".join([HEAD.format(made=made(found)), _findings(found), *_tables(found), HOW])


def _findings(found: ArenaDocument) -> str:
    """What to act on, with the figures of the scores."""
    by_place = {(s["kind"], s["condition"], s["estimator"]): s for s in found["scores"]}
    figures = {
        name: _plain(measure, by_place[kind, condition, estimator])
        for name, (measure, kind, condition, estimator) in QUOTED.items()
    }
    return FINDINGS.format(**figures)


def _plain(measure: str, score: TestScore) -> str:
    return said(measure, score["measures"][measure]).replace("\u00a0", " ")


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
    if score["measures"][measure]["mean"] is None:
        return "–"
    mark = MARK.get(score["intervals"], "") if measure == "coverage" else ""
    return _plain(measure, score) + mark


R, P = "regions", "people"
GEO, TIME = "geo_regression", "time_based_regression"
SYNTHETIC, MEANS = "synthetic_control", "difference_of_means"
QUOTED = {
    "leak": ("bias", R, "spill_over", GEO),
    "blocks": ("bias", R, "spill_over_blocks", GEO),
    "inner": ("bias", R, "spill_over_inner", GEO),
    "leak_coverage": ("coverage", R, "spill_over", GEO),
    "whole_width": ("half_width", R, "no_interference", GEO),
    "inner_width": ("half_width", R, "spill_over_inner", GEO),
    "time": ("bias", R, "no_interference", TIME),
    "time_shock": ("bias", R, "common_shock", TIME),
    "time_coverage": ("coverage", R, "common_shock", TIME),
    "time_false": ("false_positives", R, "common_shock", TIME),
    "geo_shock": ("bias", R, "common_shock", GEO),
    "geo_power": ("power", R, "no_interference", GEO),
    "synthetic_power": ("power", R, "no_interference", SYNTHETIC),
    "synthetic_width": ("half_width", R, "no_interference", SYNTHETIC),
    "geo_exaggeration": ("exaggeration", R, "no_interference", GEO),
    "tails_power": ("power", R, "heavy_tails", GEO),
    "tails_exaggeration": ("exaggeration", R, "heavy_tails", GEO),
    "tails_width": ("half_width", R, "heavy_tails", GEO),
    "local_geo": ("coverage", R, "local_shocks", GEO),
    "local_synthetic": ("coverage", R, "local_shocks", SYNTHETIC),
    "local_time": ("coverage", R, "local_shocks", TIME),
    "unlike": ("bias", R, "unlike_regions", SYNTHETIC),
    "naive": ("bias", R, "no_interference", "(before and after)"),
    "naive_false": ("false_positives", R, "no_interference", "(before and after)"),
    "talk": ("bias", P, "spill_over", MEANS),
    "talk_cuped": ("coverage", P, "spill_over", "cuped"),
    "people_width": ("half_width", P, "no_interference", MEANS),
    "cuped_width": ("half_width", P, "no_interference", "cuped"),
}
"""Figures of the findings: measure, kind of test, condition, estimator."""
FINDINGS = """## What to act on

- **Ads that are seen next door are what no analysis mends afterwards.** Where a fifth of a region's
  ads is seen in the regions beside it, the regression on pairs is off by {leak} of the effect, and
  its intervals hold the truth in {leak_coverage}. Treating blocks of four neighbours leaves
  {blocks}; leaving out the regions at the borders of the blocks as well leaves {inner}, with
  intervals of {inner_width} of the effect in place of {whole_width}. Choose blocks before the test.
  (Time-based regression is near the truth there since two errors cancel.)
- **Time-based regression exaggerates when demand in the test is not that of the weeks before.** The
  controls' sum has chance in it, which makes the slope too flat, so that what moves everybody is
  taken for an effect: {time} where nothing interferes and the season alone differs, and
  {time_shock} where a rival campaigns everywhere, with {time_coverage} coverage, and an effect
  found in {time_false} of tests in which nothing was done. The regression on pairs is off by
  {geo_shock} there.
- **With pairs treated by a coin, compare regions.** At the same effect the regression finds it in
  {geo_power} of tests and synthetic control in {synthetic_power}, whose intervals reach
  {synthetic_width} of the effect in place of {whole_width}. Where regions are of unlike size
  synthetic control is off by {unlike} besides.
- **What a weak test finds is too large.** At that power significant estimates are
  {geo_exaggeration} times the truth; in revenue with heavy-tailed order values power is
  {tails_power}, and they are {tails_exaggeration} times the truth. Plan tests by what they could
  detect, and report those that found nothing.
- **Count orders where order values are heavy-tailed.** Intervals of the same test reach
  {tails_width} of the effect in revenue and {whole_width} in orders.
- **A rival in some of the regions makes intervals too narrow, those from the past most.** Coverage:
  regression {local_geo}, synthetic control {local_synthetic}, time-based regression {local_time}.
- **Before and after is no test.** It is off by {naive}, and significant in {naive_false} of tests
  in which nothing was done.
- **Tests by people understate where people talk**, by {talk}. CUPED makes intervals narrower
  ({cuped_width} of the effect in place of {people_width}), and there holds the truth in
  {talk_cuped}.
"""
HEAD = """# Geo and people tests, judged

Estimators of tests where the true effect is known. Made by `tiermix benchmark tests`:
{made}. The scores
are kept in `docs/reference/published/tests-v1.json`; `python -m tests.docs.published` makes this
page from them. ± is the standard error over markets. ▼ marks 95 % intervals that hold the
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
