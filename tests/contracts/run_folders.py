"""What a run wrote, to be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprints(folder: Path) -> dict[str, str]:
    """A hash of each file of a run folder that has to be reproducible."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "provenance.json"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
