"""Processes of one's own: a run is known by them, and truth can be asked in their market."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scenarios import Scenario
from sim import ground_truth, potential_outcomes, simulate
from sim.market.provenance import process_of, simulator_hash
from tests.scenes import FEW_COMMUNITIES, plain_market

MARKET: Scenario = plain_market(defaults=FEW_COMMUNITIES)
ASKED: dict[str, Any] = {"seed": 4, "customers": 400, "workers": 1}
TABLES = ("touches", "conversions", "ledger", "costs", "aggregates")


def outage(env: Any, society: Any, channel: str = "social") -> Any:
    """A channel is away from March to August."""
    yield society.until("2026-03")
    society.switch(channel, on=False)
    yield society.until("2026-09")
    society.switch(channel, on=True)


class Rival:
    """A rival who comes in June and stays."""

    def __call__(self, env: Any, society: Any) -> Any:
        yield society.until("2026-06")
        society.set_rival(pull=1.5)


def ends(env: Any, society: Any) -> Any:
    """Video is away from October on, for good."""
    yield society.until("2026-10")
    society.switch("video", on=False)


def sold(**more: Any) -> float:
    return simulate(MARKET, **ASKED, **more).scorecard.value("conversions")


def bare(channel: str) -> Any:
    plan = MARKET.reference_plan
    return plan.with_channel(channel, 0 * plan.of(channel))


def test_a_run_is_known_by_its_processes_and_by_its_tables(tmp_path: Path) -> None:
    plain = simulate(MARKET, **ASKED).provenance
    ours = simulate(MARKET, **ASKED, attachments=(outage,), out=tmp_path / "run").provenance
    assert plain["attachments"] == []
    (process,) = ours["attachments"]
    assert process["name"] == "outage"
    assert process["module"] == __name__
    assert len(process["source_hash"]) == 64
    written = json.loads((tmp_path / "run" / "provenance.json").read_text("utf-8"))
    assert written["attachments"] == ours["attachments"]
    assert written["tables"] == ours["tables"]
    assert written["simulator_hash"] == simulator_hash() == plain["simulator_hash"]
    years = {f"{year}{name}.parquet" for year in ("", "history/") for name in TABLES}
    assert set(ours["tables"]) == {*years, "truth/customers.parquet"}
    differ = {name for name in ours["tables"] if ours["tables"][name] != plain["tables"][name]}
    assert {"touches.parquet", "conversions.parquet", "aggregates.parquet"} <= differ
    assert not any(name.startswith(("history/", "truth/")) for name in differ)


def test_tables_have_one_hash_whoever_wrote_them() -> None:
    ours, theirs, other = (
        simulate(MARKET, **ASKED | more).provenance["tables"]
        for more in ({}, {"workers": 2, "engine": "individual"}, {"seed": 5})
    )
    assert ours == theirs
    assert ours["touches.parquet"] != other["touches.parquet"]


def test_what_a_process_was_given_is_told() -> None:
    found = process_of(partial(outage, channel="video"))
    assert (found["name"], found["source_hash"]) == ("outage", process_of(outage)["source_hash"])
    assert "video" in found["arguments"]
    assert process_of(Rival())["name"] == "Rival"
    assert process_of(Rival())["source_hash"] != found["source_hash"]


@pytest.mark.parametrize("process", [outage, Rival()], ids=["outage", "rival"])
def test_truth_with_a_process_is_the_difference_of_two_runs_with_it(process: Any) -> None:
    truth = ground_truth(MARKET, "unfunded", within_year=True, attachments=(process,), **ASKED)
    planned = sold(attachments=(process,))
    assert truth.baseline[0] == pytest.approx(planned)
    assert truth.baseline[0] != pytest.approx(sold())
    rows = truth.table.set_index("unit")["effect"]
    for channel in ("video", "social"):
        gone = sold(attachments=(process,), plan=bare(channel))
        assert rows[channel] == pytest.approx(planned - gone)


def test_potential_outcomes_with_a_process_add_up_to_its_truth() -> None:
    asked: dict[str, Any] = {"attachments": (outage,), "within_year": True, **ASKED}
    people = potential_outcomes(MARKET, over=["video"], **asked)
    truth = ground_truth(MARKET, over=["video"], **asked)
    frame = people.frame("video")
    gone = (frame["orders_with"].sum() - frame["orders_without"].sum()) * people.weight
    assert gone == pytest.approx(truth.table["effect"].iloc[0])
    assert "the planned year" in repr(people)
    assert "days after" not in repr(people)


def test_a_process_does_not_switch_on_what_is_removed() -> None:
    """Off is off: the outage's end may not bring back a channel whose removal is asked for."""
    kept = plain_market(channels=[{**c, "retention": 0.99} for c in lasting()])
    asked: dict[str, Any] = {"within_year": True, "over": ["social"], **ASKED}
    with_it = ground_truth(kept, attachments=(outage,), **asked)
    without = ground_truth(kept, **asked)
    gone = [one.baseline[0] - one.table["effect"].iloc[0] for one in (with_it, without)]
    assert gone[0] == pytest.approx(gone[1])


def lasting() -> list[dict[str, Any]]:
    return [c.model_dump(mode="json", exclude_defaults=True) for c in MARKET.channels]


def test_an_outage_that_lasts_goes_on_in_the_tail() -> None:
    def impressions(**more: Any) -> float:
        year, whole = (
            ground_truth(MARKET, within_year=w, over=["social"], kpi="impressions", **ASKED, **more)
            for w in (True, False)
        )
        return whole.baseline[0] - year.baseline[0]

    assert impressions(attachments=(ends,)) < 0.8 * impressions()
