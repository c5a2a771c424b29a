"""Labels that runs of every study share: which command made them, what it changed, which is whole.

A study logs several runs. The one that carries its files stands for the study as a whole: its name
says scenario, budget and changes, and `studies` lists it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from experiments.tracking.record import RunRecord, safe
from tiermix.core import figures
from tiermix.core.invocation import invocation

if TYPE_CHECKING:
    from scenarios import Scenario

STUDY = "study_run"
COMMAND, LINE, INVOCATION = "command", "command_line", "invocation"
LONGEST = 5000  # characters that every tracking store takes in a tag


def labelled(
    records: Iterable[RunRecord], command: str, scenario: Scenario | None
) -> Iterator[RunRecord]:
    """The records with the labels of one study; of several scenarios no budget is told."""
    by = invocation()
    changes = {} if by is None else dict(by.changes)
    tags = {COMMAND: command}
    if by is not None:
        tags |= {INVOCATION: by.id} | ({LINE: by.line} if len(by.line) <= LONGEST else {})
    params = {f"set/{safe(path)}": value for path, value in changes.items()}
    asked = [f"{path}={value}" for path, value in changes.items()]
    if scenario is not None:
        params = {"budget": f"{scenario.budget:.15g}", **params}
        money = figures.money(scenario.budget, scenario.currency)
        asked = [scenario.name, money, *asked]
    for record in records:
        mine = replace(record, tags={**record.tags, **tags}, params={**params, **record.params})
        if record.files or record.whole:
            name = " · ".join([*asked, record.name])
            mine = replace(mine, name=name, tags={**mine.tags, STUDY: "true"})
        yield mine
