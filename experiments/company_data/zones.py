"""Moments as days: the day on the clock as it was written, or in a zone that is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from experiments.company_data.doubts import NOTE, QUESTION, Doubt, TableError
from tiermix.core.tables.dates import Stamp


def days_of(
    stamps: Mapping[str, Stamp], zone: str | None
) -> tuple[dict[str, dt.date], list[Doubt]]:
    """Each text's day, and what is doubted.

    A time that is told with its zone keeps the day of its own clock. Days of another place,
    written in UTC, show at once: their clocks are alike, and none is midnight.
    """
    if zone is not None:
        return {text: _moved(stamp, zone) for text, stamp in stamps.items()}, []
    days = {text: stamp.day for text, stamp in stamps.items()}
    offsets = sorted({stamp.zone for stamp in stamps.values() if stamp.zone})
    clocks = {stamp.clock for stamp in stamps.values()}
    if clocks == {dt.time(0)}:
        return days, []
    if not offsets:
        says = "times of a day are put together into days"
        return days, [Doubt(NOTE, "", says, "nothing to do")]
    example = next(text for text, stamp in stamps.items() if stamp.clock != dt.time(0))
    if len(clocks) <= 2 and dt.time(0) not in clocks:
        return days, [
            Doubt(
                QUESTION, "", f"all times are like {example!r}: they may be midnights of another "
                "place, which are days of another date", "say whose days they are, as in "
                "--time-zone Asia/Shanghai, or --time-zone UTC",
            )
        ]  # fmt: skip
    return days, [
        Doubt(
            NOTE, "", f"times have a zone, as {example!r}; days are those of the clock as it is "
            "written", "if days of another place are meant, say --time-zone Asia/Shanghai",
        )
    ]  # fmt: skip


def _moved(stamp: Stamp, zone: str) -> dt.date:
    """The day in a zone; what has no clock of its own is a day there already."""
    target = _zone(zone)
    if not stamp.zone:
        return stamp.day
    text = stamp.zone.replace("Z", "+00:00")
    hours = text if ":" in text else f"{text[:3]}:{text[3:]}"
    moment = dt.datetime.fromisoformat(f"{stamp.day}T{stamp.clock}{hours}")
    return moment.astimezone(target).date()


def _zone(name: str) -> dt.tzinfo:
    import zoneinfo

    if name.upper() in ("UTC", "Z"):
        return dt.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise TableError(
            f"--time-zone {name!r} is not known; write a place as Asia/Shanghai, or UTC."
        ) from None
