"""What all charts share: colours, axes, and the script that draws them without a network."""

import unicodedata
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from tiermix.core.language import language, said

Chart = alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart

TIERS = {1: "#3f74a8", 2: "#d07d3c", 3: "#7d9440"}
BETTER, WORSE, UNCLEAR = "#2b8a6e", "#c2544d", "#8a8f98"
TODAY, PLANNED = "#8a8f98", "#c0392b"
MODELS = ("#d07d3c", "#8b5fa8", "#7d9440", "#3f74a8", "#b5838d", "#5f9ea0")

COLOURS = {
    "tier-1": TIERS[1],
    "tier-2": TIERS[2],
    "tier-3": TIERS[3],
    "better": BETTER,
    "worse": WORSE,
    "unclear": UNCLEAR,
    "planned": PLANNED,
}

NOT_SIGNIFICANT = "not significant"
VERDICTS = {"better": BETTER, "worse": WORSE, NOT_SIGNIFICANT: UNCLEAR}


@cache
def script() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script (0.9 MB) for the version that Altair writes."""
    version = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    known = vl_convert.get_vegalite_versions()
    chosen = version if version in known else known[-1]
    # Without a snippet the bundle sets window.vegaEmbed; its type stub does not know that.
    return str(vl_convert.javascript_bundle(vl_version=chosen))  # type: ignore[call-arg]


def themed(drawing: Chart) -> dict[str, Any]:
    """A chart's specification with our colours as CSS variables, so that dark and paper work.

    It is not checked against the schema, which takes longer than the page: tests draw all charts.
    """
    return dict(_spoken(_with_variables(drawing.to_dict(validate=False))))


READ = {"title", "text", "domain", "datasets", "sort", "values"}
"""What of a specification people read: titles, and words of the data with their scales."""


def _spoken(value: Any, read: bool = False) -> Any:
    """The specification in the language of the page; fields and types stay as they are."""
    if language() == "en":
        return value
    if isinstance(value, dict):
        return {key: _spoken(item, read or key in READ) for key, item in value.items()}
    if isinstance(value, list):
        return [_spoken(item, read) for item in value]
    return said(value) if read and isinstance(value, str) else value


def _with_variables(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_variables(item) for key, item in value.items() if key != "$schema"}
    if isinstance(value, list):
        return [_with_variables(item) for item in value]
    name = next((name for name, colour in COLOURS.items() if colour == value), None)
    return f"var(--{name})" if name else value


def tooltips(*fields: str) -> list[alt.Tooltip]:
    """What is told of the mark under the pointer."""
    return [
        alt.Tooltip(f"{name}:N")
        if name in {"label", "model", "point"}
        else alt.Tooltip(f"{name}:Q", format=",.1f")
        for name in fields
    ]


TEN_THOUSANDS = (
    "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~g') + '亿' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~g') + '万' : "
    "format(datum.value, ',~g')"
)


def short_numbers(ticks: int) -> alt.Axis:
    """An axis that writes 200k and 1.5M, and a plain 0; 20万 and 150万 in Chinese."""
    if language() == "zh":
        return alt.Axis(tickCount=ticks, labelExpr=TEN_THOUSANDS)
    return alt.Axis(format="~s", tickCount=ticks, labelExpr="datum.value ? datum.label : '0'")


def dates() -> alt.Axis:
    """An axis of days that names no month in words."""
    return alt.Axis(format="%Y-%m-%d", labelOverlap=True, labelSeparation=12, tickCount=5)


def layers(*charts: alt.Chart, height: int) -> alt.LayerChart:
    """Charts on one another, as wide as their container."""
    return alt.LayerChart(layer=list(charts)).properties(width="container", height=height)


LABEL = 22
"""Columns of a line of a label: two lines of it leave most of a phone's width to the picture."""


def wrapped(label: str) -> str:
    """A label broken into lines at spaces, and anywhere in Chinese: none is ever cut off."""
    lines, room = [""], LABEL
    for word in _words(said(label)):
        width = _width(word)
        if width > room and lines[-1]:
            lines, room = [*lines, ""], LABEL
        lines[-1] += word if lines[-1] else word.lstrip()
        room -= width
    return "\n".join(line.rstrip() for line in lines)


def _words(label: str) -> list[str]:
    """Words with the space before them; each wide character by itself."""
    found = [""]
    for sign in label:
        if sign == " " or _width(sign) == 2 or (found[-1] and _width(found[-1][-1]) == 2):
            found.append(sign)
        else:
            found[-1] += sign
    return [word for word in found if word]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def label_axis() -> alt.Axis:
    """An axis of names that are written whole, over as many lines as `wrapped` gave them."""
    return alt.Axis(labelLimit=0, labelExpr="split(datum.label, '\\n')")
