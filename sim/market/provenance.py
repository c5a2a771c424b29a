"""Provenance: what a run was made from, and by what its tables are known again."""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.market.living import Attachment
from sim.market.setting import Arm, Setting
from sim.output.dictionary import FORMAT

if TYPE_CHECKING:
    import pyarrow as pa

VERSIONS = ("tiermix", "numpy", "numba", "simpy", "pandas", "pyarrow")
HOUSE = Path(__file__).parents[2]
SIMULATOR = ("sim", "scenarios", "tiermix/core")
"""Folders whose sources decide what a market does."""


def provenance(setting: Setting, arm: Arm) -> dict[str, Any]:
    """What is needed to make a run again, and to see that it is the same."""
    return {
        "format": FORMAT,
        "scenario": setting.scenario.name,
        "scenario_hash": setting.scenario.hash,
        "plan_hash": arm.plan.hash,
        "off": sorted(arm.off),
        "seed": setting.seed,
        "customers": setting.customers,
        "engine": setting.engine,
        "attachments": [process_of(factory) for factory in setting.attachments],
        "simulator_hash": simulator_hash(),
        "python": platform.python_version(),
        "platform": platform.machine(),
        "versions": {name: metadata.version(name) for name in VERSIONS},
    }


def process_of(factory: Attachment) -> dict[str, Any]:
    """Name, module and hash of the source of an attached process, with what it was given.

    A `functools.partial` is told by its function and its arguments, an object with `__call__` by
    its class and its repr. Without a source (typed into a shell) the hash is None.
    """
    given: dict[str, Any] = {}
    function: Any = factory
    while isinstance(function, functools.partial):
        given = {"arguments": repr((function.args, function.keywords)), **given}
        function = function.func
    if not hasattr(function, "__qualname__"):
        given["object"] = repr(function)
        function = type(function)
    try:
        source: str | None = _hash(inspect.getsource(function).encode())
    except (OSError, TypeError):
        source = None
    return {
        "name": function.__qualname__,
        "module": function.__module__,
        "source_hash": source,
        **given,
    }


@functools.cache
def simulator_hash() -> str:
    """SHA-256 of the sources that decide what a market does, by their names."""
    found = hashlib.sha256()
    for folder in SIMULATOR:
        for path in sorted((HOUSE / folder).rglob("*.py")):
            found.update(path.relative_to(HOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def content_hash(table: pa.Table) -> str:
    """SHA-256 of a table's columns and cells, however the file that holds them is packed."""
    import pyarrow as pa

    plain = table.replace_schema_metadata(None).combine_chunks()
    sink = _Hashing()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), plain.schema) as stream:
        stream.write_table(plain)
    return sink.found.hexdigest()


def table_hashes(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The hash of each table, from those of its shards by path: table/part-00000.parquet."""
    shards = sorted((path, digest) for part in parts for path, digest in part.items())
    found: dict[str, list[str]] = {}
    for path, digest in shards:
        table = path.rpartition("/part-")[0] or path
        found.setdefault(table, []).append(digest)
    return {table: _hash("".join(digests).encode()) for table, digests in found.items()}


class _Hashing(io.RawIOBase):
    """A file that only remembers the hash of what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.found = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.found.update(data)
        return len(data)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
