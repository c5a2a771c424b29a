"""Dates as people write them: one order for the whole file, or a doubt that shows both readings."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

YMD, DMY, MDY, NAMED = "ymd", "dmy", "mdy", "named"
ORDERS = {YMD: "year, month, day", DMY: "day, month, year", MDY: "month, day, year"}
DAY, MONTH = "day", "month"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december")  # fmt: skip
YEARS = range(1970, 2101)
LONGEST = dt.timedelta(15 * 366)
"""No company's table goes over more years: 13/06/21 and 28/06/21 do not begin with the year."""

_CLOCK = r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YMD = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _CLOCK)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})[日号])?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_ISO_WEEK = re.compile(r"(\d{4})-?[wW](\d{2})(?:-?([1-7]))?")
_WEEK_OF = re.compile(r"(?:kw|w|wk|week|cw|s)\.? ?(\d{1,2})[ /,-]+(\d{4})", re.IGNORECASE)
_OF_WEEK = re.compile(r"(\d{4})[ /-]*(?:kw|w|wk|week|cw)\.? ?(\d{1,2})", re.IGNORECASE)
_CHINESE_WEEK = re.compile(r"(\d{4})年?第?(\d{1,2})周")
_RANGE = re.compile(r"(.{8,11}?) ?(?:~|～|至|–|—| - | to ) ?(.{8,11})")
_CLOSE_RANGE = re.compile(r"(\d{4}/\d{1,2}/\d{1,2}|\d{8}|\d{4}-\d{2}-\d{2})-(\d{4}[\d/-]{4,6})")
_YM = re.compile(r"(\d{4})[-/.](\d{1,2})")
_OTHER = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK)
_NAMED = (
    re.compile(r"(?P<d>\d{1,2})[- ./]+(?P<m>[a-z]{3,9})\.?[- ./,]+(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<m>[a-z]{3,9})\.?[- ]+(?P<d>\d{1,2}),? +(?P<y>\d{4})"),
    re.compile(r"(?P<m>[a-z]{3,9})\.?[- ./']+(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<y>\d{4})[- ./]+(?P<m>[a-z]{3,9})\.?(?:[- ./]+(?P<d>\d{1,2}))?"),
)


@dataclass(frozen=True)
class Stamp:
    """A date as it was written: its day (a month's first), how fine it is, the clock and zone."""

    day: dt.date
    grain: str = DAY
    clock: dt.time = dt.time(0)
    zone: str = ""


def readings(text: str) -> dict[str, Stamp]:
    """What a text may mean, by order; empty where it is no date."""
    text = text.strip()
    if week := _week_from_to(text):
        return week
    if found := _YMD.fullmatch(text):
        return _sole(YMD, found[1], found[3], found[4], found.groups()[4:])
    if found := _CHINESE.fullmatch(text) or _COMPACT.fullmatch(text):
        return _sole(YMD, found[1], found[2], found[3])
    if found := _ISO_WEEK.fullmatch(text):
        return _week(int(found[1]), int(found[2]), int(found[3] or 1))
    if found := _OF_WEEK.fullmatch(text) or _CHINESE_WEEK.fullmatch(text):
        return _week(int(found[1]), int(found[2]), 1)
    if found := _WEEK_OF.fullmatch(text):
        return _week(int(found[2]), int(found[1]), 1)
    if found := _YM.fullmatch(text):
        return _sole(YMD, found[1], found[2], None)
    if found := _OTHER.fullmatch(text):
        return _by_order(found)
    return _by_name(text.lower())


def _week_from_to(text: str) -> dict[str, Stamp]:
    """The first day of a week that is written by its first and its last."""
    found = _RANGE.fullmatch(text) or _CLOSE_RANGE.fullmatch(text)
    if not found:
        return {}
    first, last = readings(found[1].strip()), readings(found[2].strip())
    return {o: first[o] for o in first if o in last and (last[o].day - first[o].day).days == 6}


def _sole(
    order: str, year: str, month: str, day: str | None, clock: tuple[str | None, ...] = ()
) -> dict[str, Stamp]:
    stamp = _stamp(year, month, day, clock)
    return {order: stamp} if stamp else {}


def _stamp(
    year: str, month: str, day: str | None, clock: tuple[str | None, ...] = ()
) -> Stamp | None:
    whole = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
    hour, minute, second, zone = clock or (None, None, None, None)
    try:
        date = dt.date(whole, int(month), int(day or 1))
        time = dt.time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    if whole not in YEARS:
        return None
    return Stamp(date, DAY if day else MONTH, time, (zone or "").replace("UTC", "Z"))


def _week(year: int, week: int, day: int) -> dict[str, Stamp]:
    try:
        found = dt.date.fromisocalendar(year, week, day)
    except ValueError:
        return {}
    return {YMD: Stamp(found)} if year in YEARS else {}


def _by_order(found: re.Match[str]) -> dict[str, Stamp]:
    """Day first, month first, or with two figures for the year even year first.

    Points stand in dates that begin with the day, wherever they are written.
    """
    first, mark, second, third = found[1], found[2], found[3], found[4]
    clock = found.groups()[4:]
    stamps = {DMY: _stamp(third, second, first, clock)}
    if mark != ".":
        stamps[MDY] = _stamp(third, first, second, clock)
        if len(third) == 2 and len(first) == 2:
            stamps[YMD] = _stamp(first, second, third, clock)
    return {order: stamp for order, stamp in stamps.items() if stamp}


def _by_name(text: str) -> dict[str, Stamp]:
    for shape in _NAMED:
        if not (found := shape.fullmatch(text)):
            continue
        parts = found.groupdict()
        word = parts["m"]
        month = next((n for n, m in enumerate(MONTHS, 1) if word in (m, FULL[n - 1])), 0)
        month = month or (9 if word == "sept" else 0)
        if month:
            return _sole(NAMED, parts["y"], str(month), parts.get("d"))
    return {}


@dataclass(frozen=True)
class Dates:
    """The dates of a column: each text's stamp, in one order; or the question, and where."""

    stamps: Mapping[str, Stamp]
    order: str = ""
    question: str = ""
    odd: str = ""

    @property
    def grain(self) -> str:
        """Whether the column holds days or months."""
        return next((stamp.grain for stamp in self.stamps.values()), DAY)


def counts_weeks(text: str) -> bool:
    """Whether a text names a week by its number, in another form than ISO's own."""
    forms = (_WEEK_OF, _OF_WEEK, _CHINESE_WEEK)
    return not _ISO_WEEK.fullmatch(text) and any(form.fullmatch(text) for form in forms)


def looks_like_dates(texts: Iterable[str]) -> bool:
    """Whether all texts, and there is one, could be dates that show they are: 2025 does not."""
    seen = False
    for text in texts:
        if not readings(text):
            return False
        seen = True
    return seen


def read_dates(texts: Iterable[str], order: str | None = None) -> Dates:
    """Texts as dates in one order: the one named, or the only one in which all of them are dates.

    Texts that mean the same in several orders leave no doubt.
    """
    found = {text: readings(text) for text in dict.fromkeys(texts)}
    known = Counter(o for stamps in found.values() for o in stamps)
    if not known:
        first = next(iter(found), "")
        return Dates({}, question=_no_date(first), odd=first)
    possible = [o for o in known if known[o] == len(found) and order in (None, o)]
    if not possible:
        usual = order if order and order in known else known.most_common(1)[0][0]
        odd = next(text for text, stamps in found.items() if usual not in stamps)
        return Dates({}, question=_odd(odd, found, usual), odd=odd)
    columns = {o: {text: stamps[o] for text, stamps in found.items()} for o in possible}
    possible = [o for o in possible if _span(columns[o]) <= LONGEST] or possible
    best = columns[possible[0]]
    differs = next((t for t in found for o in possible if columns[o][t] != best[t]), None)
    if differs is not None:
        said = " or ".join(f"{columns[o][differs].day} ({ORDERS[o]})" for o in possible)
        return Dates(
            {}, odd=differs, question=f"{differs!r} may be {said}, and no other date of the file "
            f"tells; say which, as in --dates {possible[0]}, or write dates as 2025-01-06",
        )  # fmt: skip
    return _one_grain(best, possible[0])


def _span(stamps: Mapping[str, Stamp]) -> dt.timedelta:
    days = [stamp.day for stamp in stamps.values()]
    return max(days) - min(days)


def _one_grain(stamps: Mapping[str, Stamp], order: str) -> Dates:
    grains = Counter(stamp.grain for stamp in stamps.values())
    if len(grains) > 1:
        rare = min(grains, key=lambda grain: grains[grain])
        odd = next(text for text, stamp in stamps.items() if stamp.grain == rare)
        return Dates(
            {}, odd=odd, question=f"{odd!r} is a {rare}, and other rows have a "
            f"{max(grains, key=lambda grain: grains[grain])}; write all of them alike",
        )  # fmt: skip
    return Dates(stamps, order)


def _odd(odd: str, found: Mapping[str, Mapping[str, Stamp]], usual: str) -> str:
    """The sentence for a text that does not fit the dates of the rest."""
    if not found[odd]:
        return _no_date(odd)
    like = next((text for text, stamps in found.items() if usual in stamps), "")
    words = ORDERS.get(usual, "day, month by name, year")
    if not like:
        return f"{odd!r} is no date in the order {words}; name another order, or none"
    return (
        f"{odd!r} is not written in the order of {like!r} ({words}); write all dates in one order, "
        "best as 2025-01-06, or the ISO week as 2025-W02"
    )


def _no_date(text: str) -> str:
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", text):
        day = dt.date(1899, 12, 30) + dt.timedelta(int(float(text)))
        return (
            f"{text!r} is no date but Excel's number for {day}; give the column a date format and "
            "save the file again"
        )
    if re.fullmatch(r"\d{10}|\d{13}|\d{16}", text):
        return f"{text!r} is no date but a count of seconds; write the day, as 2025-01-06"
    return (
        f"{text!r} is no date; write the first day as 2025-01-06, or the ISO week as 2025-W02, and "
        "take lines of sums out"
    )
