"""The page of the benchmark: models × markets, sortable without a network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from experiments.arena.document import ArenaDocument
from experiments.benchmark.scoring import Scores
from experiments.benchmark.table import SHOWN, Cell, Place, cells_of, places_of
from experiments.report import arena
from experiments.report.frame import document
from experiments.report.html import masthead, rich, section, table, tag
from experiments.validation.result import REFERENCES
from experiments.wording import counted
from tiermix.core.figures import short_money, short_number, short_percent

IN_PERCENT = ("misplaced", "over_credit", "false_credit", "coverage")
NOTE = (
    "± is the standard error over the worlds of a market. Letters: rows of a market that share one "
    "are not told apart by their regret (95 %, all pairs together). Click a head to sort."
)
REGRET = (
    "Regret: the same budget is planned on curves made from each credit by one mapping (hill at "
    "last year), and each plan is lived in the same market with fresh random streams; lost is what "
    "the plan from true credit earns more."
)
RANKS = (
    "Mean rank: in every world all rows are ranked by the margin of the plan made from their "
    "credit; each market counts once. References in brackets have read no journey."
)


def page(scores: Scores, tests: ArenaDocument | None = None) -> str:
    """The page as one HTML document, with the arena of tests where there is one."""
    sheet = scores.suite.sheet
    title = f"Attribution benchmark {sheet['suite']}"
    made = (
        f"{counted(len(scores.sheets), 'market')} · tiermix {sheet['tiermix']} · truth: "
        f"{scores.estimand} · {sheet['size']} · sha256 {sheet['hash']}"
    )
    cells, places = cells_of(scores), places_of(scores)
    parts = [masthead(title, made, rich(_headline(places)))]
    parts += [_measure(scores, measure, cells, places) for measure in SHOWN]
    beside = arena.sections(tests) if tests else ()
    return document(title, *parts, *beside, _markets(sheet), _words(scores), sorts=True)


def _headline(places: list[Place]) -> str:
    models = [place for place in places if not place["reference"]]
    if not models:
        return "No model has answered yet"
    best = models[0]
    return (
        f"**{best['model']}** comes first over {counted(best['markets'], 'market')}: mean rank "
        f"{best['rank']:.1f} ± {best['se']:.1f} of {len(places)}"
    )


def _measure(scores: Scores, measure: str, cells: list[Cell], places: list[Place]) -> Markup:
    """One measure: a row a model, a column a market."""
    by_place = {(cell["model"], cell["market"]): cell for cell in cells}
    names = list(scores.sheets)
    head = ["model", "mean rank", *names]
    rows = []
    for place in places:
        mine = [by_place.get((place["model"], name)) for name in names]
        shown = [
            _cell(measure, cell, scores.sheets[name].currency)
            for name, cell in zip(names, mine, strict=True)
        ]
        rank = _sorted_by(f"{place['rank']:.1f} ± {place['se']:.1f}", place["rank"])
        rows.append([place["model"], rank, *shown])
    words = tag("p", f"{SHOWN[measure]}. {NOTE if measure == 'regret' else ''}", class_="note")
    key = tag("p", RANKS, class_="note") if measure == "regret" else ""
    return section(measure, measure.replace("_", " "), "", words, key,
                   tag("div", table(head, rows, wide=True), class_="sorts"))  # fmt: skip


def _cell(measure: str, cell: Cell | None, currency: str) -> Markup:
    figures: Mapping[str, float] = cell["measures"].get(measure, {}) if cell else {}
    mean, se = figures.get("mean", math.nan), figures.get("se", math.nan)
    if cell is None or not math.isfinite(mean):
        return _sorted_by("–", math.inf)
    told = f"{_said(measure, mean, currency)} ± {_said(measure, se, currency)}"
    if measure == "regret":
        told += f" {cell['group']}"
    return _sorted_by(told, mean)


def _said(measure: str, value: float, currency: str) -> str:
    if not math.isfinite(value):
        return "?"
    if measure == "regret":
        return short_money(value, currency)
    return short_percent(value) if measure in IN_PERCENT else short_number(value)


def _sorted_by(text: str, value: float) -> Markup:
    """A cell's text with the figure that it is sorted by."""
    return tag("span", text, data_by=f"{value:.9g}")


def _markets(sheet: Mapping[str, Any]) -> Markup:
    head = ["market", "what it is", "what it breaks", "channels", "worlds × customers", "sha256"]
    rows = [
        [card["name"], card["about"], card["breaks"], ", ".join(card["channels"]),
         f"{card['worlds']} × {card['customers']:,}", tag("code", card["hash"][:16])]
        for card in sheet["markets"]
    ]  # fmt: skip
    return section("markets", "The markets", "", table(head, rows, words=4))


def _words(scores: Scores) -> Markup:
    items = [tag("li", f"{name}: {words}") for name, words in REFERENCES.items()
             if name not in ("(true credit)", "(measured curves)")]  # fmt: skip
    return section(
        "words",
        "How it is measured",
        "",
        tag("p", next(iter(scores.sheets.values())).convention["truth"]),
        tag("p", REGRET),
        tag("ul", *items),
    )  # fmt: skip
