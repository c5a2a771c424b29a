"""The page of the arena of tests: estimators × conditions, a table a measure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from experiments.arena.document import ArenaDocument
from experiments.arena.summary import Figure, TestScore
from experiments.report.frame import document
from experiments.report.html import masthead, rich, section, table, tag
from tiermix.core.figures import short_percent

KINDS = {"regions": "tests by regions", "people": "tests by people"}
TIMES = ("exaggeration",)
"""Measures that are factors and no shares."""
SIGNED = ("bias",)
NOTE = (
    "± is the standard error over markets. Where it is not applicable, an estimator has no figure. "
    "Click a head to sort."
)
MARK = {"too narrow": " ▼", "too wide": " ▲"}
COVERAGE = (
    "▼ intervals hold the truth less often than 95 % by more than chance, ▲ more often; the others "
    "are within their error of 95 %."
)
HOW = (
    "In every market all people live the test's weeks with the channel on everywhere and off "
    "everywhere, from the same past with the same random streams: their difference among the "
    "treated is the truth. Communities of the market are closed, so that what a region would have "
    "done under any assignment is put together from these and no more is simulated; where ads or "
    "words spill over, the doses that this makes are lived too."
)


def page(found: ArenaDocument) -> str:
    """The arena as a page of its own."""
    title = f"Geo and people tests {found['arena']}"
    return document(title, masthead(title, made(found), rich(headline(found))), *sections(found),
                    sorts=True)  # fmt: skip


def made(found: ArenaDocument) -> str:
    """How the figures were made."""
    return (
        f"{found['markets']} markets × {found['tests']} tests · {found['customers']:,} people · "
        f"tiermix {found['tiermix']} · {found['size']} · seed {found['seed']}"
    )


def headline(found: ArenaDocument) -> str:
    """How many estimators keep their word where nothing interferes."""
    clean = [s for s in found["scores"] if s["condition"] == "no_interference" and s["answered"]]
    kept = [score for score in clean if score["intervals"] == "as stated"]
    return (
        f"**{len(kept)} of {len(clean)}** estimators have 95 % intervals that hold the truth as "
        "often as they say where nothing interferes"
    )


def sections(found: ArenaDocument) -> Iterator[Markup]:
    """A section for each kind of test and measure, and how it was made."""
    for kind, conditions in found["conditions"].items():
        scores = [score for score in found["scores"] if score["kind"] == kind]
        if not scores:
            continue
        items = [tag("li", tag("strong", name), ": ", words) for name, words in conditions.items()]
        name = KINDS[kind]
        yield section(kind, f"Geo and people tests: {name}", "", tag("ul", *items))
        for measure, words in found["measures"].items():
            yield _measure(measure, words, kind, list(conditions), scores)
    yield section("tests", "How tests are judged", "", tag("p", made(found)), tag("p", HOW))


def _measure(
    measure: str, words: str, kind: str, conditions: list[str], scores: list[TestScore]
) -> Markup:
    by_place = {(score["estimator"], score["condition"]): score for score in scores}
    rows = [
        [name, *(_cell(measure, by_place.get((name, condition))) for condition in conditions)]
        for name in dict.fromkeys(score["estimator"] for score in scores)
    ]
    note = f"{words}. {COVERAGE + ' ' if measure == 'coverage' else ''}{NOTE}"
    title = f"{measure.replace('_', ' ')}, {KINDS[kind]}"
    return section(
        f"{kind}-{measure}",
        title,
        "",
        tag("p", note, class_="note"),
        tag("div", table(["estimator", *conditions], rows, wide=True), class_="sorts"),
    )


def _cell(measure: str, score: TestScore | None) -> Markup:
    figure = score["measures"][measure] if score else None
    if score is None or figure is None or not _known(figure["mean"]):
        return tag("span", "–", data_by="inf")
    mark = MARK.get(score["intervals"], "") if measure == "coverage" else ""
    return tag("span", said(measure, figure) + mark, data_by=f"{figure['mean']:.9g}")


def said(measure: str, figure: Figure) -> str:
    """A figure with its error, in the unit of its measure."""
    mean, se = figure["mean"], figure["se"]
    if measure in TIMES:
        return f"{mean:.2f} ± {f'{se:.2f}' if _known(se) else '?'}"
    signed = measure in SIGNED and round(100 * mean) != 0
    told = short_percent(mean if signed else abs(mean), signed=signed)
    return f"{told} ± {short_percent(se) if _known(se) else '?'}"


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
