"""The data dictionary: every table and column of a run folder, with its unit and its empty cells.

One schema: the page of the documentation is made from it, and a test holds it against what
`simulate` writes.
"""

from __future__ import annotations

from dataclasses import dataclass

from tiermix.core.tables.formats import CURVES, HISTORY, RUN_FOLDER, SCENARIO

FORMAT = RUN_FOLDER
"""The version of the run folder, in `provenance.json`; a folder without one is older than that."""


@dataclass(frozen=True)
class Column:
    """One column: `kind` is `text`, `time`, `number` or `whole`.

    `empty` says what an empty cell means; without it no cell is empty.
    """

    name: str
    kind: str
    unit: str
    words: str
    empty: str = ""


@dataclass(frozen=True)
class Table:
    """One table; `history` says that the history year has it too, in `history/`."""

    name: str
    words: str
    columns: tuple[Column, ...]
    history: bool = True


VISITOR = Column("visitor_id", "text", "", "an identifier of a person: a browser, an app, a card")
CHANNEL = Column("channel", "text", "", "a channel of the scenario")
TIME = Column("time", "time", "local time, microseconds", "when it happened")
SPEND = Column("spend", "number", "money of the market", "money out for media")


def _counted(name: str, words: str) -> Column:
    return Column(name, "number", "of the market: counts × people behind a customer", words)


TABLES: tuple[Table, ...] = (
    Table(
        "touches",
        "What the company logged of meetings with people; a folder of shards, in each by time, "
        "then customer, then as it happened.",
        (
            VISITOR,
            TIME,
            Column("channel", "text", "", "a channel of the scenario", "no channel is known"),
            Column(
                "kind",
                "text",
                "",
                "impression, click, visit, download, cart, message, open, call, referral, mention",
            ),
            Column("theme", "text", "", "the pillar that the content carried, or off_core"),
        ),
    ),
    Table(
        "conversions",
        "What people did in the end, of those whom the company could log; shards as those of "
        "touches.",
        (
            VISITOR,
            TIME,
            Column("kind", "text", "", "signup, lead, order"),
            Column("value", "number", "money", "value of the order; 0 for what is no order"),
            Column("margin", "number", "money", "margin of the order after its own costs"),
        ),
    ),
    Table(
        "ledger",
        "Money out for media by day; every day and channel has a row.",
        (Column("date", "time", "day", "the day"), CHANNEL, SPEND),
    ),
    Table(
        "costs",
        "Money beside media by day, where there is any.",
        (
            Column("date", "time", "day", "the day"),
            Column("kind", "text", "", "what it was for: content, integration, desk, …"),
            Column("name", "text", "", "which of them"),
            Column("amount", "number", "money of the market", "money out"),
        ),
    ),
    Table(
        "aggregates",
        "The year by week, region and channel. Weeks begin every seven days from the first day of "
        "the history year: the first and last of a year may be cut, and the week that lies in both "
        "years has a row in each.",
        (
            Column("week", "time", "day", "the first day of the week"),
            Column("region", "text", "", "a region of the scenario"),
            CHANNEL,
            SPEND,
            _counted("impressions", "shown, seen or not"),
            _counted("clicks", "engagements that were logged as clicks"),
            _counted("visits", "visits of our own place"),
            _counted("conversions", "orders, booked on the channel of the session"),
            Column("revenue", "number", "money of the market", "value of these orders"),
        ),
    ),
    Table(
        "truth/customers",
        "Who is behind each visitor, which no company knows.",
        (
            VISITOR,
            Column("customer_id", "text", "", "the person: community and number"),
            Column("community", "whole", "", "number of the closed community"),
            Column("region", "text", "", "a region of the scenario"),
            Column("persona", "text", "", "the kind of person"),
        ),
        history=False,
    ),
)
"""The tables of a run folder, each a Parquet file or a folder of shards of its name."""


def page() -> str:
    """The dictionary as a page of the documentation."""
    parts = [HEAD]
    for table in TABLES:
        both = "both years" if table.history else "once for both years"
        parts.append(f"## {table.name}.parquet\n\n{table.words} ({both})\n")
        parts.append(
            "| column | type | unit | what it is | empty |\n| --- | --- | --- | --- | --- |"
        )
        parts += [
            f"| `{c.name}` | {c.kind} | {c.unit or '–'} | {c.words} | {c.empty or 'never'} |"
            for c in table.columns
        ]
        parts.append("")
    return "\n".join(parts)


HEAD = f"""# Data dictionary

Made from `sim/output/dictionary.py` by `python -m tests.sim.dictionary`; a test holds this page and
the tables of a run against it.

`tiermix simulate` writes a run folder. Its tables are those of the planned year; those of the
history year lie in `history/` under the same names. `scorecard.json` holds KPIs with their errors
([what they are](kpis.md)), `provenance.json` what the run was made from, the SHA-256 of each table,
and `format`, the version of this layout: {FORMAT}. Money is in the scenario's currency; what is *of
the market* is scaled from simulated customers to people.

## Versions of files

Each kind of file says the version of its form; what says none is of version 1. Every older version
is read, and a newer one is refused in a sentence.

| file | where it says so | version |
| --- | --- | --- |
| run folder | `format` in `provenance.json` | {RUN_FOLDER} |
| scenario | the field `format` | {SCENARIO} |
| curves | the column `format` | {CURVES} |
| history | the column `format` | {HISTORY} |
"""
