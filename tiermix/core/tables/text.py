"""The bytes of a table, and the text in them: packed or not, in the encodings that tools write."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from tiermix.core.errors import TiermixError

LARGEST_BYTES = 64 * 2**20
"""Of a table after unpacking: some three hundred thousand rows of twenty columns."""
GZIP = b"\x1f\x8b"
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
MOSTLY = 0.8
PLACES = 4_000
"""Bytes at the beginning in which zeros tell UTF-16 from a file that is no text."""


def read_bytes(path: str | os.PathLike[str], wrong: type[TiermixError], wanted: str) -> bytes:
    """What a file holds, unpacked if it is gzip. Raises `wrong` in a sentence."""
    file = Path(path)
    check_ordinary(file, wrong, f"give the path of {wanted}")
    if file.stat().st_size > LARGEST_BYTES:
        raise wrong(_too_large(path))
    data = file.read_bytes()
    return _unpacked(data, path, wrong) if data.startswith(GZIP) else data


def check_ordinary(path: Path, wrong: type[TiermixError], remedy: str) -> None:
    """Refuse what is no file on a disk: of a pipe or a device nobody knows when it ends."""
    try:
        there = path.exists()
    except OSError as error:  # a name that is too long, links in a ring, a folder that is closed
        raise wrong(f"{str(path)[:200]}: cannot be opened ({error.strerror}); {remedy}.") from None
    if not there:
        raise wrong(f"{str(path)[:200]}: there is no such file; {remedy}.")
    if path.is_dir():
        raise wrong(f"{path}: is a folder; {remedy} in it.")
    if not path.is_file():
        raise wrong(f"{path}: is a pipe or a device and no file; save it first, and {remedy}.")


def _unpacked(data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]) -> bytes:
    import io

    try:
        with gzip.open(io.BytesIO(data)) as stream:
            found = stream.read(LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise wrong(f"{path}: cannot be unpacked ({error}); pack it again with gzip.") from None
    if len(found) > LARGEST_BYTES:
        raise wrong(_too_large(path))
    return found


def _too_large(path: str | os.PathLike[str]) -> str:
    return (
        f"{path}: is larger than {LARGEST_BYTES // 2**20} MB; sum its rows to days or weeks, or "
        "keep the columns that are needed."
    )


def decoded(
    data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> tuple[str, str]:
    """The text, and a remark where its encoding had to be found out; or `wrong` is raised."""
    name, remark = encoding_of(data, path, wrong)
    return _strictly(data, name, path, wrong), remark


def encoding_of(
    data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> tuple[str, str]:
    """Python's name of an encoding, and a remark where it had to be found out; or `wrong`."""
    for mark, name in MARKS.items():
        if data.startswith(mark):
            return name, ""
    if b"\0" in data:
        name = _utf_16(data)
        if not name:
            raise wrong(f"{path}: is not UTF-8 text, nor any other; save it as CSV UTF-8.")
        return name, "is read as UTF-16, though it has no mark of it"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data, path, wrong)
    return "utf-8", ""


def _strictly(
    data: bytes, name: str, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        said = "UTF-8" if name == "utf-8-sig" else "UTF-16"
        raise wrong(
            f"{path}: begins as {said}, and is not {said} text to its end; save it as CSV UTF-8."
        ) from None


def _utf_16(data: bytes) -> str:
    """UTF-16 without a mark, by the places of its zeros: Latin letters and figures have one."""
    start = data[: PLACES // 2 * 2]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < max(len(start) // 6, 4) or min(even, odd) > max(even, odd) // 20:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guessed(
    data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> tuple[str, str]:
    """The name of Chinese where most signs are usual ones, of Western where they are not."""
    for name, said in (("gb18030", "Chinese (GB18030)"), ("cp1252", "Western (Windows-1252)")):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name != "gb18030" or _usual_chinese(text) > MOSTLY:
            return name, f"is not UTF-8: it is read as {said}"
    raise wrong(f"{path}: is not UTF-8 text; save it as CSV UTF-8.")


def _usual_chinese(text: str) -> float:
    """Share of the signs beyond ASCII that GB2312 has: a lone Western letter makes a rare one."""
    signs = [sign for sign in text if not sign.isascii()]
    return sum(bool(sign.encode("gb2312", "ignore")) for sign in signs) / max(len(signs), 1)
