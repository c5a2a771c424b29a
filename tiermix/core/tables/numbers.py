"""Figures as people write them: one decimal mark for the whole file, or a doubt that is named."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

CURRENCIES = {
    "¥": "¥", "￥": "¥", "元": "¥", "$": "$", "us$": "$", "€": "€", "£": "£", "₹": "₹",
    "cny": "¥", "rmb": "¥", "usd": "$", "eur": "€", "gbp": "£", "inr": "₹", "jpy": "JPY",
}  # fmt: skip
BLANKS = " \u00a0\u202f\u2009'’"
EMPTY = {
    "",
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "---",
    "–",
    "—",
    "——",
    ".",
}
LARGEST = 1e15
POINT, COMMA = ".", ","

_SIGNS = re.compile(r"^(us\$|[^\d\s.,()+−-]{1,3})\s*|\s*([^\d\s.,()+−-]{1,3})$", re.IGNORECASE)
_BARE = re.compile(r"-?\d{1,15}(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"(\d[\d.,]*|[.,]\d+)([eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class Written:
    """A figure's parts: its sign, what stands between, its exponent, and its currency."""

    negative: bool
    digits: str
    exponent: str
    currency: str


def written(text: str) -> Written | None:
    """A figure's parts, or nothing where a text is none."""
    body, currency = _without_currency(text.strip())
    body = body.replace("−", "-")
    negative = body.startswith("(") and body.endswith(")")
    body = body[1:-1].strip() if negative else body
    if body[:1] in "+-":
        negative, body = negative != (body[:1] == "-"), body[1:].strip()
    elif body.endswith("-"):
        negative, body = True, body[:-1].strip()
    if not currency:
        body, currency = _without_currency(body)
    if not _blanks_between_thousands(body):
        return None
    body = body.translate(dict.fromkeys(map(ord, BLANKS)))
    found = _PLAIN.fullmatch(body) if body.isascii() else None
    return Written(negative, found[1], found[2] or "", currency) if found else None


def _without_currency(text: str) -> tuple[str, str]:
    if text[:1].isdigit() and text[-1:].isdigit():
        return text, ""
    found = _SIGNS.search(text)
    sign = CURRENCIES.get((found[1] or found[2]).strip().lower(), "") if found else ""
    return (_SIGNS.sub("", text, count=1).strip(), sign) if sign else (text, "")


def _blanks_between_thousands(body: str) -> bool:
    if not any(mark in body for mark in BLANKS):
        return True
    return bool(re.fullmatch(rf"\d{{1,3}}([{BLANKS}]\d{{3}})+([.,]\d+)?", body))


def mark_of(figure: Written) -> str:
    """The decimal mark that a figure shows: `.` or `,`, '' where it shows none, `?` in doubt."""
    text = figure.digits
    if COMMA in text and POINT in text:
        last = max(text.rfind(COMMA), text.rfind(POINT))
        return text[last]
    mark = next((m for m in (COMMA, POINT) if m in text), "")
    if not mark:
        return ""
    other = COMMA if mark == POINT else POINT
    if text.count(mark) > 1:
        return other
    before, _, after = text.partition(mark)
    if len(after) != 3 or not 1 <= len(before) <= 3 or before.startswith("0") or figure.exponent:
        return mark
    return "?"


def value_of(figure: Written, decimal: str) -> float | None:
    """The figure under a decimal mark; None where its marks stand as no such figure has them."""
    thousands = COMMA if decimal == POINT else POINT
    whole, _, part = figure.digits.partition(decimal)
    if decimal in part or thousands in part:
        return None
    if thousands in whole:
        groups = whole.split(thousands)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            return None
    number = float(f"{whole.replace(thousands, '') or '0'}.{part or '0'}{figure.exponent}")
    if not math.isfinite(number) or number > LARGEST:
        return None
    return -number if figure.negative else number


def number(text: str, decimal: str = POINT) -> float | None:
    """A text as a figure; None where it is none."""
    if decimal == POINT and _BARE.fullmatch(text):
        return float(text)
    figure = written(text)
    return value_of(figure, decimal) if figure else None


def plain_number(text: str) -> float | None:
    """A figure of nothing but digits, a sign and a point; None for all others, to be looked at."""
    return float(text) if _BARE.fullmatch(text) else None


def is_number(text: str) -> bool:
    """Whether a text is a figure under some decimal mark."""
    return bool(_BARE.fullmatch(text)) or written(text) is not None


def currency_of(text: str) -> str:
    """The sign of the currency that stands beside a figure; '' where none does."""
    if _BARE.fullmatch(text):
        return ""
    figure = written(text)
    return figure.currency if figure else ""


def is_empty(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return text.strip().lower() in EMPTY


@dataclass(frozen=True)
class Marks:
    """Which decimal marks a file's figures show, each by its first figure."""

    point: str = ""
    comma: str = ""
    doubt: str = ""

    @property
    def decimal(self) -> str:
        """The mark of the whole file, or '' where it is in doubt."""
        if self.point and self.comma:
            return ""
        if self.comma:
            return COMMA
        return "" if self.doubt and not self.point else POINT

    def question(self) -> str:
        """What is asked where the mark is in doubt."""
        if self.point and self.comma:
            return (
                f"figures are written in two ways, as {self.point!r} with a decimal point and as "
                f"{self.comma!r} with a decimal comma; write all of them in one way"
            )
        figure = written(self.doubt)
        readings = [value_of(figure, mark) for mark in (POINT, COMMA)] if figure else []
        small, large = sorted(x for x in readings if x is not None)
        return (
            f"{self.doubt!r} may be {large:,.0f} or {small:g}, and no other figure tells; write it "
            "with a point for decimals and nothing else, for example 12500.50"
        )


def marks_of(texts: Iterable[str]) -> Marks:
    """The decimal marks that figures show."""
    found: dict[str, str] = {}
    for text in texts:
        plain = COMMA not in text and text.count(POINT) < 2
        if plain and (POINT in found or POINT not in text):
            continue
        figure = written(text)
        if figure and (mark := mark_of(figure)):
            found.setdefault(mark, text)
    return Marks(found.get(POINT, ""), found.get(COMMA, ""), found.get("?", ""))
