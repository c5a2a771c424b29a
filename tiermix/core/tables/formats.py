"""Versions of the forms of our files: what is older is read, what is newer is refused.

A file says its version in a field or column `format`; one that does not is of version 1, or of
before there were versions, which is the same form.
"""

from __future__ import annotations

from tiermix.core.errors import TiermixError

FIELD = "format"
SCENARIO = CURVES = HISTORY = RUN_FOLDER = 1
"""The version that is written, and the newest that is read, of each kind of file."""


def check_format(
    said: object, newest: int, where: str, error: type[TiermixError] = TiermixError
) -> None:
    """Refuse, in one sentence, a file of a newer form than `newest`, or of none; raises `error`.

    said: what the file says, a whole number as such or as text; None or empty where it says
    nothing.
    """
    if said is None or said == "":
        return
    text = str(said).strip()
    if not text.isdecimal() or isinstance(said, bool) or int(text) < 1:
        raise error(
            f"{where}: {FIELD}: {text[:40]!r} is no version; write {newest}, or leave it out"
        )
    if int(text) > newest:
        raise error(
            f"{where}: {FIELD}: {text} is newer than {newest}, the newest that this version of "
            "Tiermix reads; update it (`tiermix --version` says what it is)"
        )
