"""`tiermix lift DATA.csv`: a geo test or A/B test that a company made itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiermix.cli import spelling
from tiermix.cli.options import UsageError
from tiermix.cli.output import Document
from tiermix.cli.tables import View, cell, table
from tiermix.core.figures import p_value
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import Asked

TABLES = {".csv", ".tsv", ".txt", ".gz", ".xlsx", ".xls", ".parquet", ".pq"}
HEAD = ("method", "incremental", "low", "high", "%", "p", "detectable %", "in time", "in space")


def is_table(text: str) -> bool:
    """Whether what is named is a table and no scenario."""
    path = Path(text)
    suffix = path.suffix.lower()
    return suffix in TABLES or (path.is_file() and suffix not in (".yaml", ".yml"))


def relative_change(text: str | None) -> float | None:
    """A change such as `-50%` or `-0.5` as a number; raises `UsageError`."""
    if text is None:
        return None
    try:
        number = float(text.replace("−", "-").rstrip("% "))
    except ValueError:
        raise UsageError(f"--change {text!r} is no change; write it as -50% or -0.5.") from None
    return number / 100.0 if text.rstrip().endswith("%") else number


def change_of(text: str | None) -> float | str | None:
    """What a test did to the channel's money: on, off, or a relative change."""
    word = (text or "").strip().lower()
    if word in ("", "on", "off"):
        return word or None
    step = relative_change(text)
    if step is None or step == 0 or step < -1:
        raise UsageError(f"--change {text!r} is no change of money; write on, off, or as +50%.")
    return "off" if step == -1 else step


def job(
    file: Path,
    asked: "Asked",
    progress: Progress | None,
    *,
    out: Path | None = None,
    xlsx: Path | None = None,
    **how: Any,
) -> Document:
    """Read the test, analyse it, write what is asked for; the document of all."""
    from experiments import read_test

    found = read_test(file, asked)
    # What estimates and draws is heavy: a file that is refused does not wait for it.
    from experiments import analyse_test, publish_field_test

    tested = analyse_test(found, asked, progress=progress, **how)
    return publish_field_test(tested, out, asked.span, xlsx)


def view(document: Document) -> View:
    """The result, the methods beside each other, money, and what to know."""
    yield f"{document['method']}: {_headline(document)}"
    yield _about(document)
    yield ""
    rows = [_row(one, document["checks"]) for one in document["methods"] if "why_not" not in one]
    yield table(HEAD, rows, left=())
    yield ""
    if per := document["per_money"]:
        cost = document["cost_per_incremental"]
        yield (
            f"money of the test: {cell(document['spend'])}; of one unit of it {_span(per)} "
            f"{document['kpi']}, one costs {_span(cost)}"
        )
    if share := document["share"]:
        yield (
            f"share of all {document['kpi']} that the channel's money brings: "
            f"{share['lift']:.2%}, standard error {share['error']:.2%}"
        )
    for remark in document["remarks"]:
        yield f"note: {spelling.for_the_terminal(remark)}"
    for name in ("tests", "page"):
        if document[name]:
            yield f"{name}: {document[name]}"
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"


def _headline(document: Document) -> str:
    share = document["percent"]
    told = ""
    if share["estimate"] == share["estimate"]:
        told = (
            f", {share['estimate']:+.1%} of what was expected ({share['low']:.1%} to "
            f"{share['high']:.1%})"
        )
    return f"{_span(document)} incremental {document['kpi']}{told}"


def _span(found: Document) -> str:
    """An estimate with its interval, which may have no ends."""
    if found["low"] is None:
        return f"{cell(found['estimate'])} (no interval: the effect may be none)"
    return f"{_whole(found['estimate'])} ({_whole(found['low'])} to {_whole(found['high'])})"


def _whole(value: float) -> str:
    return cell(round(value) if abs(value) >= 100 else value)


def _about(document: Document) -> str:
    if document["kind"] == "people":
        mine, others = document["treated"], document["control"]
        return (
            f"{mine['people']:,.0f} people in {mine['group']!r}, {others['people']:,.0f} in "
            f"{others['group']!r}"
        )
    return (
        f"{', '.join(document['treated'])} of {document['regions']} regions, {document['start']} "
        f"to {document['end']}: {document['dates']} dates after {document['dates_before']}"
    )


def _row(one: Document, checks: list[Document]) -> list[Any]:
    mine = {check["check"]: check for check in checks if check["method"] == one["method"]}
    figures = [_whole(one[key]) for key in ("estimate", "low", "high")]
    expected = one["expected"]
    share = 100 * one["estimate"] / expected if expected > 0 else None
    least = 100 * one["detectable"] / expected if expected > 0 else None
    shares = [cell(None if x is None else float(f"{x:.3g}")) for x in (share, least)]
    parts = [shares[0], p_value(one["p_value"]), shares[1]]
    return [one["method"], *figures, *parts, *(_placebo(mine.get(k)) for k in ("time", "space"))]


def _placebo(check: Document | None) -> str:
    """Placebo tests in few words: how many were significant, or the test's place among them."""
    if check is None or check["passed"] is None:
        return "–"
    mark = "" if check["passed"] else " !"
    if check["check"] == "time":
        return f"{check['rejected']} of {check['tests']}{mark}"
    return f"p {check['p_value']:.2g}{mark}"
