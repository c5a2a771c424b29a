"""Machine code on disk that is only used whole: damaged, foreign or full disks cost time, no run.

Numba trusts what it finds in its cache. Here each file carries a hash of what was written, so that
one that was cut short or changed counts as not there and is compiled again. A cache that cannot be
written is read, and never makes Numba fall back on a folder that does not know our sources.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core import caching

DIGEST = hashlib.sha256().digest_size


def may_be_trusted(folder: Path) -> bool:
    """Whether only we (or the machine's owner) can write there: machine code is run as it is."""
    if os.name != "posix" or not folder.exists():
        return True
    found = folder.stat()
    return found.st_uid in (os.getuid(), 0) and not found.st_mode & stat.S_IWOTH


class _Checked(caching.IndexDataCacheFile):  # type: ignore[misc]
    """Index and code of a function, each with its hash before it."""

    def save(self, key: Any, data: Any) -> None:
        with suppress(OSError):  # a full or a closed disk: it is compiled again next time
            super().save(key, data)

    def _load_index(self) -> Any:
        try:
            stamp, version, overloads = self._read(Path(self._index_path))
        except (OSError, ValueError):
            return {}
        fresh = version == self._version and stamp == self._source_stamp
        return overloads if fresh else {}

    def _save_index(self, overloads: Any) -> None:
        self._write(self._index_path, (self._source_stamp, self._version, overloads))

    def _load_data(self, name: str) -> Any:
        return self._read(Path(self._data_path(name)))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _read(self, path: Path) -> Any:
        """What was written to a file; raises OSError, which Numba takes for a file not there."""
        text = path.read_bytes()
        if hashlib.sha256(text[DIGEST:]).digest() != text[:DIGEST]:
            raise OSError(f"{path} is damaged")
        return pickle.loads(text[DIGEST:])

    def _write(self, path: str, value: Any) -> None:
        text = self._dump(value)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(text).digest() + text)


class _OurFolder(caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """The folder that was chosen, whether or not it can be written."""

    def ensure_cache_path(self) -> None:
        with suppress(OSError):
            os.makedirs(self.get_cache_path(), exist_ok=True)


def use() -> None:
    """Let Numba keep its code so, for all functions that are compiled from here on."""
    caching.IndexDataCacheFile = _Checked
    caching.CacheImpl._locator_classes = [_OurFolder, *caching.CacheImpl._locator_classes]
