"""The parts that pages are made of, on MarkupSafe: text is escaped on its way in."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from markupsafe import Markup, escape

from tiermix.core.language import named, said

SPOKEN = ("aria_label", "title", "data_label")
"""Attributes that people read or hear."""


def tag(name: str, *content: object, **attributes: object) -> Markup:
    """One element; `class_` and `data_x` stand for `class` and `data-x`, None is left out."""
    given = join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), _said(value) if key in SPOKEN else value
        )
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, given, join(content))


def join(parts: Iterable[object]) -> Markup:
    """Parts beside each other."""
    return Markup("").join(escape(_said(part)) for part in parts)


def _said(part: object) -> object:
    """Text in the language of the page; what is markup already was turned when it was made."""
    return said(part) if isinstance(part, str) and not isinstance(part, Markup) else part


def rich(text: str) -> Markup:
    """A sentence in which **words** may be stressed."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(said(text)))))


def bilingual(english: str, chinese: str = "") -> Markup:
    """A name in the language of the page, which has two: nothing is decorated with the other."""
    return escape(named(english, chinese))


def masthead(title: object, made: object, said: object) -> Markup:
    """What a page opens with: its title, how it was made, and the answer in a sentence."""
    head = tag("header", tag("h1", title), tag("p", made, class_="note"))
    return join([head, tag("div", said, class_="headline", role="heading")])


def section(key: str, english: str, chinese: str, *content: object) -> Markup:
    """A titled section that links can point to."""
    return tag("section", tag("h2", bilingual(english, chinese)), *content, id=key)


def table(
    head: Sequence[object], rows: Sequence[Sequence[object]], *, words: int = 1, wide: bool = False
) -> Markup:
    """A table whose first `words` columns are text and whose others are numbers.

    A row of one cell is a heading within the table. On small screens each row is a card of its own;
    `wide` tables scroll there.
    """
    top = tag("tr", *(_cell("th", item, None, column, words) for column, item in enumerate(head)))
    body = [
        tag("tr", tag("th", row[0], colspan=len(head), scope="rowgroup"), class_="group")
        if len(row) == 1
        else tag(
            "tr", *(_cell("td", *cell, words) for cell in zip(row, head, count(), strict=False))
        )
        for row in rows
    ]
    drawn = tag("table", tag("thead", top), tag("tbody", *body))
    return tag("div", drawn, class_="scroll wide" if wide else "scroll")


def facts(pairs: Mapping[str, object]) -> Markup:
    """Names and what they are, one beneath the other."""
    parts = [part for name, value in pairs.items() for part in (tag("dt", name), tag("dd", value))]
    return tag("dl", *parts, class_="facts")


def _cell(name: str, content: object, head: object, column: int, words: int) -> Markup:
    """A cell; on small screens it is told by its column's head, as each row is a card there."""
    label = head if column and isinstance(head, str) and head else None
    return tag(name, content, class_="text" if column < words else None, data_label=label)


def embedded(value: Any) -> Markup:
    """JSON that may stand in a script element: no text in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def chart(
    specification: Mapping[str, Any], *, key: str, label: str, caption: object = ""
) -> Markup:
    """A chart that the page's script draws, with its words for those who do not see it."""
    drawing = tag("div", class_="chart", id=f"chart-{key}", role="img", aria_label=label)
    data = tag("script", embedded(specification), type="application/json", data_chart=key)
    under = tag("figcaption", caption) if caption else ""
    return tag("figure", drawing, data, under)
