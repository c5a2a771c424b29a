"""`tiermix scenarios from-table`: a company's scenario and history, files that fit together."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, TypedDict

from experiments.company_data.result import CheckedTable
from experiments.own_scenario.build import Row
from experiments.own_scenario.run import OwnScenario
from scenarios import load_scenario, scenario_text
from tiermix.core.files import whole_file, write_text
from tiermix.core.outputs import check_replaceable, replacing

COMMAND = "scenarios from-table"


class OwnScenarioDocument(TypedDict):
    """The JSON document of `tiermix scenarios from-table`."""

    scenario: str
    scenario_hash: str
    history: str
    names: dict[str, str]
    assumed: list[Row]
    doubts: list[dict[str, str]]


def publish_own_scenario(
    made: OwnScenario, table: CheckedTable, out: Path | None = None, **asked: Any
) -> OwnScenarioDocument:
    """Write the scenario, and beside it the history in its channels' names.

    `out` is a YAML file or a folder; by default `runs/from-table/NAME-HASH`, by the table and what
    was `asked`. The scenario is only written if it can be read back.
    """
    name = str(made.body["name"])
    folder = out or Path("runs") / "from-table" / f"{name}-{_digest(table, asked)}"
    file = folder if folder.suffix in (".yaml", ".yml") else folder / f"{name}.yaml"
    history = file.with_name(f"{file.stem}-history.csv")
    check_replaceable([file, history], COMMAND)
    with replacing(file, COMMAND) as place:
        written = _write(place, made, table)
    with replacing(history, COMMAND) as place:
        write_text(place, made.history)
    return {
        "scenario": str(file),
        "scenario_hash": written,
        "history": str(history),
        "names": made.names,
        "assumed": list(made.assumed),
        "doubts": [doubt.to_dict() for doubt in table.doubts],
    }


def _digest(table: CheckedTable, asked: dict[str, Any]) -> str:
    text = json.dumps([table.digest, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _write(path: Path, made: OwnScenario, table: CheckedTable) -> str:
    """The file, once it reads as a scenario; its hash."""
    body = dict(made.body)
    extends = str(body["extends"])
    if Path(extends).suffix in (".yaml", ".yml"):
        body["extends"] = os.path.relpath(Path(extends).resolve(), path.parent.resolve())
    head = [
        f"Written by `tiermix scenarios from-table` from {table.source} (sha256",
        f"{table.digest[:16]}). A start, not a finding: these things are *assumed*.",
        *(f"- {row['field']}: {row['value']} ({row['because']})" for row in made.assumed),
    ]
    text = "".join(f"# {' '.join(line.split())}\n" for line in head) + scenario_text(body)
    with whole_file(path, suffix=".yaml") as draft:
        draft.write_text(text, "utf-8")
        return str(load_scenario(draft).hash)
