"""HTML in a few lines: text is escaped on its way in, what is HTML already is a type of its own."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any


class Html(str):
    """Text that is HTML already; any other text is escaped."""

    __slots__ = ()


def escape(content: object) -> Html:
    """Content as HTML: kept when it is `Html`, escaped otherwise."""
    return content if isinstance(content, Html) else Html(html.escape(str(content)))


def tag(name: str, *content: object, **attributes: object) -> Html:
    """One element; `class_` and `data_x` stand for `class` and `data-x`, None is left out."""
    inside = "".join(escape(item) for item in content)
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{given}>{inside}</{name}>")


def join(parts: Sequence[object], between: str = "") -> Html:
    """Parts beside each other."""
    return Html(escape(between).join(escape(part) for part in parts))


def rich(text: str) -> Html:
    """A sentence in which **words** may be stressed."""
    return Html(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text)))


def bilingual(english: str, chinese: str = "") -> Html:
    """A name with its Chinese beside it, marked as such for fonts and screen readers."""
    if not chinese:
        return escape(english)
    return join([english, " ", tag("span", chinese, lang="zh", class_="zh")])


def table(
    head: Sequence[object], rows: Sequence[Sequence[object]], *, words: int = 1, wide: bool = False
) -> Html:
    """A table whose first `words` columns are text and whose others are numbers.

    A row of one cell is a heading within the table. `wide` tables scroll on small screens.
    """
    top = tag("tr", *(_cell("th", item, column < words) for column, item in enumerate(head)))
    body = [
        tag("tr", tag("th", row[0], colspan=len(head), scope="rowgroup"), class_="group")
        if len(row) == 1
        else tag("tr", *(_cell("td", item, column < words) for column, item in enumerate(row)))
        for row in rows
    ]
    drawn = tag("table", tag("thead", top), tag("tbody", *body))
    return tag("div", drawn, class_="scroll wide" if wide else "scroll")


def _cell(name: str, content: object, is_text: bool) -> Html:
    return tag(name, content, class_="text" if is_text else None)


def embedded(value: Any) -> Html:
    """JSON that may stand in a script element: no text in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Html(text)


def chart(specification: Mapping[str, Any], *, key: str, label: str, caption: object = "") -> Html:
    """A chart that the page's script draws, with its words for those who do not see it."""
    drawing = tag("div", class_="chart", id=f"chart-{key}", role="img", aria_label=label)
    data = tag("script", embedded(specification), type="application/json", data_chart=key)
    under = tag("figcaption", caption) if caption else ""
    return tag("figure", drawing, data, under)
