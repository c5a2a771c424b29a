"""Processes of one's own inside a community: what they see and do, the same on both engines."""

from collections.abc import Callable, Generator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import simpy

from sim import CommunityHandle, Market, MarketError, Observed, Run, Setting, simulate
from sim.market.engines import Engine
from tests.contracts.run_folders import fingerprints
from tests.scenes import busy
from tests.sim.test_market import LENGTHS, clicks_of, months_of, thirsty
from tests.sim.worlds import assert_near

Process = Generator[simpy.Event, Any, None]
FEW, SEED = 60, 5


def outage(
    env: simpy.Environment,
    simulation: CommunityHandle,
    channel: str = "video",
    begin: str = "2026-05",
    end: str = "2026-06",
) -> Process:
    yield simulation.until(begin)
    simulation.switch(channel, on=False)
    yield simulation.until(end)
    simulation.switch(channel, on=True)


def rival(env: simpy.Environment, simulation: CommunityHandle) -> Process:
    """Bids and shows the more, the more of our paid clicks it sees in a month."""
    factor = 1.0
    while True:
        yield simulation.next_month()
        last = f"{simulation.date - pd.Timedelta(1, 'D'):%Y-%m}"
        clicks = simulation.count("clicks", "ads", last)
        factor = min(factor * 1.3, 4.0) if clicks > 0 else 1.0
        simulation.set_price("ads", factor)
        simulation.set_rival(0.5 * np.log(factor))


def saver(env: simpy.Environment, simulation: CommunityHandle) -> Process:
    """Halves a channel after a month that cost more than a bit; wakes at odd hours."""
    while True:
        yield env.timeout(9.75)
        simulation.set_money("notes", 0.5 * simulation.money("notes"), until=simulation.day + 5)
        yield env.process(_nap(env))
        simulation.switch("again", on=simulation.day % 2 == 0)
        simulation.set_rival(float(simulation.day % 3))


def _nap(env: simpy.Environment) -> Process:
    yield env.timeout(0)
    yield env.timeout(0.25)
    yield env.timeout(0)


def idle(env: simpy.Environment, simulation: CommunityHandle) -> Process:
    while True:
        yield env.timeout(0.7)


def seen_of(*attachments: Any, engine: Engine = "batch", **options: Any) -> Observed:
    ours = Market(busy(), SEED, FEW, engine=engine, attachments=attachments, **options)
    return ours.advance("2026-12").observe()


@cache
def usual() -> Observed:
    return seen_of()


def run_of(folder: Path, *attachments: Any, **options: Any) -> Run:
    options = {"workers": 1} | options
    found: Run = simulate(
        busy(), seed=SEED, customers=FEW, out=folder, attachments=attachments, **options
    )
    return found


def log_of(seen: Observed) -> pd.DataFrame:
    return seen.log.touches.astype({"visitor_id": object, "channel": object, "kind": object})


@pytest.mark.parametrize(
    "process",
    [pytest.param(one, marks=pytest.mark.long) for one in (outage, rival, saver)],
    ids=lambda f: f.__name__,
)
def test_both_engines_live_the_same_under_a_process(process: Any, tmp_path: Path) -> None:
    ours = fingerprints(run_of(tmp_path / "one", process).folder)
    theirs = fingerprints(run_of(tmp_path / "other", process, engine="individual").folder)
    assert ours == theirs
    assert ours != fingerprints(run_of(tmp_path / "usual").folder)


def test_processes_go_to_workers(tmp_path: Path) -> None:
    attached = (outage, partial(outage, channel="notes"), rival)
    one = run_of(tmp_path / "one", *attached)
    two = run_of(tmp_path / "two", *attached, workers=2)
    assert fingerprints(one.folder) == fingerprints(two.folder)


@pytest.mark.parametrize("process", [rival, saver], ids=lambda f: f.__name__)
def test_a_market_in_steps_hosts_the_same_processes(process: Any, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", process)
    ours = Market(busy(), SEED, FEW, attachments=(process,))
    for days in (17, 14, 40, 100):
        ours.advance(days).observe()
    seen = ours.advance("2026-12").observe()
    for one, other in ((seen.log.touches, run.log.touches), (seen.ledger, run.ledger)):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_process_that_does_nothing_changes_nothing() -> None:
    pd.testing.assert_frame_equal(log_of(seen_of(idle)), log_of(usual()), check_exact=True)


def test_a_channel_that_is_down_in_may_delivers_and_costs_nothing_in_may() -> None:
    seen = seen_of(outage)
    touches, before = log_of(seen), log_of(usual())
    early = [t[t["time"] < "2026-05-01"] for t in (touches, before)]
    pd.testing.assert_frame_equal(*early, check_exact=True)
    ours, theirs = (months_of(x).loc["video"] for x in (seen, usual()))
    assert ours["2026-05"] == 0 < theirs["2026-05"]
    assert ours.drop("2026-05").equals(theirs.drop("2026-05"))
    mine = touches[(touches["channel"] == "video") & (touches["kind"] == "impression")]
    shown = mine["time"].dt.month.value_counts()
    assert 5 not in shown.index
    assert set(shown.index) == set(range(1, 13)) - {5}


def test_a_plan_that_is_set_while_a_channel_is_down_does_not_bring_it_back() -> None:
    ours = Market(busy(), SEED, FEW, attachments=(outage,)).advance("2026-05-14")
    ours.set_plan(busy().reference_plan.scale(2.0))
    spent = months_of(ours.advance("2026-06").observe()).loc["video"]
    assert spent["2026-05"] == 0
    assert spent["2026-06"] == pytest.approx(2.0 * busy().reference_plan.of("video")[5], abs=0.005)


def test_what_a_cap_keeps_while_it_is_down_serves_the_rest_of_the_month_only() -> None:
    down = partial(outage, channel="ads", begin="2026-05-10", end="2026-05-20")
    ours, theirs = (months_of(x).loc["ads"] for x in (seen_of(down), usual()))
    plan = busy().reference_plan.of("ads")
    assert ours["2026-04"] == theirs["2026-04"]
    assert (ours.to_numpy() <= plan + 0.005).all()
    ledger = seen_of(down).ledger
    mine = ledger[(ledger["channel"] == "ads") & ledger["date"].between("2026-05-10", "2026-05-19")]
    assert len(mine) == 10
    assert mine["spend"].sum() == 0


def test_last_years_outage_is_over_when_the_planned_year_begins(tmp_path: Path) -> None:
    down = partial(outage, begin="2025-05", end="2025-06")
    run = run_of(tmp_path / "run", down)
    ledger = run.history.ledger
    video = ledger[ledger["channel"] == "video"].set_index("date")["spend"]
    assert video["2025-05"].sum() == 0
    assert (video["2025-06":] > 0).all()
    assert months_of(run.planned).loc["video"].equals(months_of(usual()).loc["video"])


def test_an_outage_goes_on_over_new_year(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", partial(outage, begin="2025-12", end="2026-02"))
    last, this = (months_of(x).loc["video"] for x in (run.history, run.planned))
    assert last["2025-12"] == this["2026-01"] == 0
    assert last["2025-11"] > 0 < this["2026-02"]


def spender(env: simpy.Environment, simulation: CommunityHandle) -> Process:
    yield simulation.until("2026-03")
    simulation.set_money("notes", 1000.0)
    simulation.set_money("video", 2000.0, until="2026-04-11")


def test_money_that_a_process_sets_is_that_of_the_whole_market() -> None:
    """Every community spends its part, also where a channel serves some regions only."""
    spent, planned = months_of(seen_of(spender)), busy().reference_plan
    np.testing.assert_allclose(spent.loc["notes"].iloc[2:], 1000.0 * LENGTHS[2:], atol=0.005)
    rest = planned.of("video")[3] * 20 / 30
    assert spent.loc["video", "2026-03"] == pytest.approx(62_000, abs=0.005)
    assert spent.loc["video", "2026-04"] == pytest.approx(20_000 + rest, abs=0.005)
    assert spent.loc["video", "2026-05"] == pytest.approx(planned.of("video")[4], abs=0.005)


def dear(env: simpy.Environment, simulation: CommunityHandle) -> Process:
    yield simulation.until("2026-01")
    simulation.set_price("ads", 3.0)


def test_clicks_that_cost_three_times_as_much_are_as_much_fewer_as_the_auction_says() -> None:
    """Price = base * (1 + a) and a ~ money / base: the same bill buys (1 + a) / (3 + a) of them."""
    usual, pressed = (
        Market(thirsty(), 3, 2000, attachments=x).advance("2026-12").observe()
        for x in ((), (dear,))
    )
    spent = [months_of(x).loc["ads"].sum() for x in (usual, pressed)]
    clicks = [clicks_of(x, "ads").sum() for x in (usual, pressed)]
    a = spent[0] / (clicks[0] * 0.2 * usual.year.weight) - 1.0
    assert_near(
        clicks[1] / spent[1] * spent[0] / clicks[0],
        (1 + a) / (3 + a),
        (1 + a) / (3 + a) * np.sqrt(1 / clicks[0] + 1 / clicks[1]),
    )


class Diary:
    """A process that writes down what it sees at every month's end, in this process only."""

    def __init__(self) -> None:
        self.clicks: dict[str, int] = {}
        self.spent: dict[str, float] = {}
        self.regions: set[str] = set()
        self.customers = 0

    def __call__(self, env: simpy.Environment, simulation: CommunityHandle) -> Process:
        self.regions.add(simulation.region)
        self.customers += simulation.customers
        while True:
            month = simulation.month
            yield simulation.next_month()
            self.clicks[month] = self.clicks.get(month, 0) + simulation.count(
                "clicks", "ads", month
            )
            self.spent[month] = self.spent.get(month, 0.0) + simulation.spent("video", month)


@pytest.mark.parametrize("engine", ["batch", "individual"])
def test_a_process_sees_what_the_books_say(engine: Engine) -> None:
    diary = Diary()
    seen = seen_of(diary, engine=engine)
    months = busy().months[:11]  # December's end is the year's: nothing is awake then
    clicks = clicks_of(seen, "ads")
    assert clicks[:11].sum() > 20
    assert [diary.clicks[m] for m in months] == clicks[:11].tolist()
    spent = months_of(seen).loc["video"]
    np.testing.assert_allclose([diary.spent[m] for m in months], spent.iloc[:11], rtol=1e-12)
    assert diary.regions == {"east", "west"}
    assert diary.customers == 2 * FEW  # once for each year


def _refused(act: Callable[[CommunityHandle], object], words: str, at: float = 0.0) -> None:
    def asks(env: simpy.Environment, simulation: CommunityHandle) -> Process:
        yield env.timeout(at)
        act(simulation)

    with pytest.raises(MarketError, match=words):
        Market(busy(), SEED, 12, attachments=(asks,))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda x: x.switch("radio", on=False), "'radio' is not one of made; use one of direct"),
        (lambda x: x.switch("direct", on=False), "nobody can switch direct"),
        (lambda x: x.set_money("video", -1.0), "-1.0 a day for video"),
        (lambda x: x.set_money("video", float("nan")), "give at least 0"),
        (lambda x: x.set_price("video", 2.0), "not paid per click"),
        (lambda x: x.set_price("ads", 0.0), "a factor above 0"),
        (lambda x: x.count("smiles", "ads"), "use one of impressions"),
        (lambda x: x.count("clicks", "ads", "2026-05"), "not one that this process lived"),
        (lambda x: x.spent("ads", "2024-12"), "it started on 2025-01-01"),
        (lambda x: x.until("soon"), "2026-05-17"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    act: Callable[[CommunityHandle], object], words: str
) -> None:
    _refused(act, words)


def test_nothing_is_seen_between_midnights() -> None:
    _refused(lambda x: x.count("clicks", "ads"), "settled at midnight", at=3.5)
    _refused(lambda x: x.spent("video"), "at 0.50 of 2025-01-04", at=3.5)


def test_what_a_process_does_in_its_community_leaves_the_shared_world_alone() -> None:
    ours = Market(busy(), SEED, FEW, attachments=(rival,)).advance("2026-12")
    shared = Setting(busy(), FEW, SEED).world
    assert any(
        simulation.world.unit_cost[2] > shared.unit_cost[2] for simulation in ours._simulations
    )
    assert ours._setting.world.tobytes() == shared.tobytes()
