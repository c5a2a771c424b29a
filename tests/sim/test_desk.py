"""The desk: who is answered when, and that no answer hangs on how days are told or bundled."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.desk.desk import ANSWER, ANSWERED, LOST, REQUEST, Desk
from sim.desk.queue import serve
from sim.desk.terms import DAY, HOUR, ISSUE, LEAD, QUESTION, DeskTerms, OfficeHours
from sim.desk.waiting_line import serve_line

INF = float("inf")
HALF_HOURS = DeskTerms(
    agents=1,
    opens=9,
    closes=18,
    weekdays=5,
    first_weekday=0,
    service_minutes=(30.0, 30.0, 30.0),
    service_spread=0.0,
    patience_hours=(INF, INF, INF),
    priority=(0, 1, 2),
    speed=1.0,
)
"""One agent, who takes half an hour for each request, of people who never give up."""


def clock(day: int, hour: float) -> float:
    """Days of a day and an hour."""
    return day + hour / 24


def asked(*rows: tuple[float, int], first_key: int = 0) -> np.ndarray:
    """Requests of (time, kind), each of a customer of its own."""
    requests = np.zeros(len(rows), REQUEST)
    requests["time"] = [time for time, _ in rows]
    requests["kind"] = [kind for _, kind in rows]
    requests["customer"] = requests["key"] = first_key + np.arange(len(rows))
    return requests


def lived(terms: DeskTerms, requests: np.ndarray, until: int, seed: int = 1) -> np.ndarray:
    return Desk(terms, seed, 0).settle(requests, until)


def when(answers: np.ndarray) -> dict[int, float]:
    """Times of answers by customer."""
    return dict(zip(answers["customer"].tolist(), answers["time"].tolist(), strict=True))


def near(**times: float) -> object:
    return pytest.approx({int(name[1:]): time for name, time in times.items()}, abs=1e-10)


def test_a_desk_without_requests_gives_no_answers() -> None:
    desk = Desk(HALF_HOURS, 1, 0)
    answers = desk.settle(np.zeros(0, REQUEST), 5)
    assert len(answers) == 0
    assert answers.dtype == ANSWER
    assert sum(map(np.sum, desk.tally)) == 0


def test_service_goes_on_in_office_hours_only() -> None:
    """The second is begun at 17:45 and answered at 9:15 on the next day."""
    answers = lived(HALF_HOURS, asked((clock(0, 17.25), LEAD), (clock(0, 17.5), LEAD)), 2)
    assert when(answers) == near(c0=clock(0, 17.75), c1=clock(1, 9.25))
    np.testing.assert_allclose(answers["waited"], [0, 0.25 / 24], atol=1e-10)


def test_who_asks_at_night_waits_for_the_opening() -> None:
    night = asked((clock(0, 20), LEAD), (clock(1, 3), LEAD), (clock(0, 1), LEAD))
    answers = lived(HALF_HOURS, night, 2)
    assert when(answers) == near(c0=clock(1, 9.5), c1=clock(1, 10), c2=clock(0, 9.5))
    assert answers["waited"].tolist() == pytest.approx([8 / 24, 13 / 24, 6.5 / 24])


def test_nobody_works_at_weekends() -> None:
    """Day 4 is a Friday; the market's days 5 and 6 are skipped also by work that has begun."""
    friday = asked((clock(4, 17.75), LEAD), (clock(5, 12), LEAD))
    desk = Desk(HALF_HOURS, 1, 0)
    desk.settle(np.zeros(0, REQUEST), 4)
    settled = [len(desk.settle(friday[:1], 5))]
    settled += [len(desk.settle(friday[1:], 6)), len(desk.settle(friday[:0], 7))]
    assert settled == [0, 0, 0]
    assert when(desk.settle(friday[:0], 8)) == near(c0=clock(7, 9.25), c1=clock(7, 9.75))


def test_the_week_begins_on_the_day_that_is_told() -> None:
    saturday = replace(HALF_HOURS, first_weekday=5)
    assert when(lived(saturday, asked((clock(0, 10), LEAD)), 3)) == near(c0=clock(2, 9.5))


def test_without_agents_all_are_lost_when_their_patience_ends() -> None:
    nobody = replace(HALF_HOURS, agents=0, patience_hours=(20.0, 20.0, INF))
    requests = asked(*((0.01 * i, i % 3) for i in range(60)))
    desk = Desk(nobody, 1, 0)
    answers = desk.settle(requests, 40)
    assert (answers["outcome"] == LOST).all()
    patient = requests["kind"] == ISSUE
    assert set(answers["customer"]) == set(requests["customer"][~patient])
    asked_at = requests["time"][answers["customer"]]
    np.testing.assert_allclose(answers["time"], asked_at + answers["waited"], atol=1e-10)
    assert desk.waiting == patient.sum()
    assert desk.tally.lost.tolist() == [20, 20, 0]


def test_who_never_gives_up_is_answered_in_the_end() -> None:
    requests = asked(*((0.001 * i, LEAD) for i in range(300)))
    desk = Desk(HALF_HOURS, 1, 0)
    answers = [desk.settle(requests if day == 1 else requests[:0], day) for day in range(1, 25)]
    together = np.concatenate(answers)
    assert len(together) == 300
    assert (together["outcome"] == ANSWERED).all()
    assert [len(a) for a in answers[:8]] == [18, 18, 18, 18, 18, 0, 0, 18]


def test_the_more_urgent_goes_first_and_does_not_interrupt() -> None:
    terms = replace(HALF_HOURS, priority=(2, 1, 0))
    requests = asked((clock(0, 10), LEAD), (clock(0, 10.1), LEAD), (clock(0, 10.2), QUESTION),
                     (clock(0, 10.3), ISSUE))  # fmt: skip
    assert lived(terms, requests, 1)["customer"].tolist() == [0, 3, 2, 1]


def test_the_most_urgent_of_a_night_goes_first_also_when_it_came_last() -> None:
    requests = asked((clock(0, 19), ISSUE), (clock(0, 23), QUESTION), (clock(1, 8.9), LEAD))
    desk = Desk(HALF_HOURS, 1, 0)
    assert len(desk.settle(requests[:2], 1)) == 0
    assert desk.settle(requests[2:], 2)["customer"].tolist() == [2, 1, 0]


def test_ties_are_settled_by_key_then_kind_then_customer() -> None:
    terms = replace(HALF_HOURS, priority=(0, 0, 0))
    requests = asked(*((clock(0, 10), kind) for kind in (LEAD, ISSUE, QUESTION, QUESTION)))
    requests["key"] = [9, 4, 4, 4]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        assert lived(terms, requests[order], 1)["customer"].tolist() == [2, 3, 1, 0]


def test_answers_at_the_same_time_are_sorted_by_key() -> None:
    requests = asked(*((clock(0, 10), LEAD) for _ in range(4)))
    requests["key"] = [8, 2, 5, 1]
    answers = lived(replace(HALF_HOURS, agents=4), requests, 1)
    assert len(set(answers["time"])) == 1
    assert answers["key"].tolist() == [1, 2, 5, 8]


def test_work_that_ends_at_closing_time_is_answered_on_that_day() -> None:
    """18 half hours fill a day; the 19th begins the next day and waited overnight."""
    requests = asked(*((clock(0, 8), LEAD) for _ in range(19)))
    desk = Desk(HALF_HOURS, 1, 0)
    first, second = desk.settle(requests, 1), desk.settle(requests[:0], 2)
    assert len(first) == 18
    assert first["time"][-1] == clock(0, 18)
    assert when(second) == near(c18=clock(1, 9.5))
    assert second["waited"].tolist() == pytest.approx([25 / 24])


def _both_ways(terms: DeskTerms, requests: np.ndarray) -> np.ndarray:
    """Answers of two days, the same at once and day by day."""
    answers = lived(terms, requests, 2)
    np.testing.assert_array_equal(
        np.concatenate(list(by_days(Desk(terms, 1, 0), requests, [1, 2]))), answers
    )
    return answers


def test_an_agent_who_finishes_takes_who_waits_before_anyone_who_comes_just_then() -> None:
    requests = asked((clock(0, 9), LEAD), (clock(0, 9.25), ISSUE), (clock(0, 9.5), LEAD))
    assert _both_ways(HALF_HOURS, requests)["customer"].tolist() == [0, 1, 2]


def test_that_also_holds_for_an_agent_who_finishes_at_closing_time() -> None:
    full = asked(*[(clock(0, 8), LEAD)] * 18, (clock(0, 17), ISSUE), (clock(0, 20), LEAD))
    assert _both_ways(HALF_HOURS, full)["customer"].tolist()[-2:] == [18, 19]


def test_who_gives_up_at_night_is_not_begun_by_an_agent_who_finished_at_closing_time() -> None:
    terms = replace(HALF_HOURS, patience_hours=(INF, INF, 8.0))
    waiting = asked(*[(clock(0, 17), ISSUE)] * 200, first_key=18)
    patience = terms.patience(1, 0, waiting["key"], waiting["kind"]) / HOUR
    night = waiting[(patience > 1) & (patience < 16)]
    assert len(night) > 50
    answers = _both_ways(terms, np.concatenate([asked(*[(clock(0, 8), LEAD)] * 18), night]))
    assert (answers["outcome"] == ANSWERED).sum() == 18
    assert len(answers) == 18 + len(night)


def test_speed_divides_service_times() -> None:
    answers = lived(replace(HALF_HOURS, speed=3.0), asked((clock(0, 10), LEAD)), 1)
    assert when(answers) == near(c0=clock(0, 10 + 1 / 6))


def test_counts_say_who_was_served_and_how_busy_agents_are() -> None:
    """Work in progress counts as far as it has got: at midnight a quarter of an hour is left."""
    desk = Desk(replace(HALF_HOURS, agents=2), 1, 0)
    desk.settle(asked((clock(0, 10), LEAD), (clock(0, 10), ISSUE), (clock(0, 17.75), ISSUE)), 1)
    tally = desk.tally
    assert tally.served.tolist() == [1, 0, 1]
    assert (tally.busy * 24).tolist() == pytest.approx([0.5, 0, 0.75])
    assert desk.staffed(0, 1) == pytest.approx(2 * 9 / 24)
    assert desk.staffed(0, 14) == pytest.approx(10 * 2 * 9 / 24)
    desk.settle(np.zeros(0, REQUEST), 2)
    assert (desk.tally.busy * 24).sum() == pytest.approx(1.5)
    assert tally.busy.sum() * 24 == pytest.approx(1.25), "a tally is of its midnight"


def test_luck_is_of_the_seed_and_the_key_alone() -> None:
    terms = replace(HALF_HOURS, agents=50, service_spread=1.0)
    requests = asked(*((clock(0, 9), LEAD) for _ in range(20)))
    all_of_them, few = when(lived(terms, requests, 1)), when(lived(terms, requests[::3], 1))
    assert few == {who: all_of_them[who] for who in few}
    assert when(lived(terms, requests, 1, seed=2)) != all_of_them
    assert when(Desk(terms, 1, 7).settle(requests, 1)) != all_of_them


def test_faster_service_for_the_same_luck_never_answers_anyone_later() -> None:
    """One kind, in order of coming: with common random numbers this holds customer by customer."""
    terms = replace(HALF_HOURS, agents=3, service_spread=0.8)
    requests = asked(*((0.004 * i, LEAD) for i in range(200)))
    slow, fast = (
        when(lived(terms, requests, 40)),
        when(lived(replace(terms, speed=1.2), requests, 40)),
    )
    assert len(slow) == len(fast) == 200
    assert all(fast[who] < slow[who] for who in slow)


# What a desk may be asked: short and long patience, ties, nights and weekends.

QUARTERS = st.integers(0, 10 * 96 - 1).map(lambda quarter: quarter / 96)
TIMES = st.one_of(QUARTERS, st.floats(0, 10, exclude_max=True))


@st.composite
def crowds(draw: st.DrawFn) -> np.ndarray:
    """Some requests of the first ten days, many at the same time."""
    rows = draw(st.lists(st.tuples(TIMES, st.integers(0, 2), st.integers(0, 30)), max_size=40))
    requests = asked(*((time, kind) for time, kind, _ in rows))
    requests["key"] = [key for *_, key in rows]
    return requests


@st.composite
def desks(draw: st.DrawFn) -> DeskTerms:
    opens = draw(st.sampled_from([0.0, 9.0, 9.5]))
    return DeskTerms(
        agents=draw(st.integers(0, 3)),
        opens=opens,
        closes=draw(st.sampled_from([opens + 1, 18.0, 24.0])),
        weekdays=draw(st.integers(1, 7)),
        first_weekday=draw(st.integers(0, 6)),
        service_minutes=draw(st.sampled_from([(30.0, 60.0, 15.0), (200.0, 5.0, 1.0)])),
        service_spread=draw(st.sampled_from([0.0, 1.0])),
        patience_hours=draw(st.sampled_from([(INF, INF, INF), (2.0, 12.0, INF), (1.0, 1.0, 1.0)])),
        priority=draw(st.sampled_from([(0, 0, 0), (0, 1, 2), (1, 0, 1)])),
        speed=1.0,
    )


END = 30


def by_days(desk: Desk, requests: np.ndarray, midnights: list[int]) -> Iterator[np.ndarray]:
    """Answers stretch by stretch."""
    for first, until in pairwise([desk.day, *midnights]):
        mine = (requests["time"] >= first) & (requests["time"] < until)
        yield desk.settle(requests[mine], until)


@given(desks(), crowds(), st.sets(st.integers(1, END - 1)), st.data())
@settings(max_examples=300, deadline=None)
def test_answers_hang_neither_on_the_order_of_rows_nor_on_the_bundling_of_days(
    terms: DeskTerms, requests: np.ndarray, midnights: set[int], data: st.DataObject
) -> None:
    once = Desk(terms, 1, 0)
    answers = once.settle(requests, END)
    mixed = requests[data.draw(st.permutations(range(len(requests))), "order of rows")]
    bundled = Desk(terms, 1, 0)
    parts = list(by_days(bundled, mixed, [*sorted(midnights), END]))
    np.testing.assert_array_equal(np.concatenate(parts), answers)
    np.testing.assert_equal(bundled.tally, once.tally)
    for part, (first, until) in zip(parts, pairwise([0, *sorted(midnights), END]), strict=True):
        assert ((part["time"] >= first) & (part["time"] < until)).all()


@given(desks(), crowds(), st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_a_restored_desk_goes_on_as_the_unbroken_one(
    terms: DeskTerms, requests: np.ndarray, day: int
) -> None:
    unbroken = Desk(terms, 1, 0)
    early, late = requests[requests["time"] < day], requests[requests["time"] >= day]
    unbroken.settle(early, day)
    kept = unbroken.state()
    arms = [unbroken.settle(late, END)]
    for _ in range(2):  # the state is used more than once, and is the same afterwards
        arm = Desk(terms, 1, 0, start=3)
        arm.restore(kept)
        arms.append(arm.settle(late, END))
        np.testing.assert_equal(arm.tally, unbroken.tally)
    for arm_answers in arms[1:]:
        np.testing.assert_array_equal(arm_answers, arms[0])


def naive(terms: DeskTerms, requests: np.ndarray, seed: int) -> dict[int, tuple[int, int]]:
    """Customer → (outcome, office time of answer), by looking at every instant in turn."""
    keys, kinds = requests["key"], requests["kind"]
    came = np.rint(requests["time"] * DAY).astype(np.int64)
    enters = terms.hours.office(came)
    leaves = terms.hours.office(came + terms.patience(seed, 0, keys, kinds))
    work = terms.service(seed, 0, keys, kinds)
    urgency = [
        (terms.priority[r["kind"]], came[i], r["key"], r["kind"], r["customer"])
        for i, r in enumerate(requests)
    ]
    todo, line, busy = set(range(len(requests))), set[int](), list[int]()
    found: dict[int, tuple[int, int]] = {}
    while todo or line:
        now = min([*busy, *(enters[i] for i in todo)])
        line = {i for i in line if leaves[i] > now}
        busy = [end for end in busy if end > now]
        for newcomers in (set[int](), {i for i in todo if enters[i] == now}):
            todo -= newcomers
            line |= {i for i in newcomers if leaves[i] > now}
            for i in sorted(line, key=urgency.__getitem__)[: terms.agents - len(busy)]:
                line.remove(i)
                busy.append(now + work[i])
                found[i] = (ANSWERED, now + work[i])
    return found


@given(desks().filter(lambda terms: terms.agents > 0), crowds())
@settings(max_examples=300, deadline=None)
def test_the_desk_does_what_a_naive_one_does(terms: DeskTerms, requests: np.ndarray) -> None:
    far = 4000
    answers = lived(terms, requests, far)
    assert len(answers) == len(requests)
    expected = naive(terms, requests, 1)
    for answer in answers:
        who = int(answer["customer"])
        assert (answer["outcome"] == ANSWERED) == (who in expected)
        if who in expected:
            time = terms.hours.ends(np.array(expected[who][1]))
            assert answer["time"] == time / DAY


@given(desks(), crowds())
@settings(max_examples=100, deadline=None)
def test_nobody_waits_beyond_patience_and_nobody_is_answered_outside_hours(
    terms: DeskTerms, requests: np.ndarray
) -> None:
    answers = lived(terms, requests, END)
    patience = terms.patience(1, 0, answers["key"], answers["kind"]) / DAY
    served = answers["outcome"] == ANSWERED
    assert (answers["waited"][served] < patience[served]).all()
    np.testing.assert_allclose(answers["waited"][~served], patience[~served])
    hour = answers["time"][served] % 1 * 24
    hour = np.where(hour == 0, 24, hour)
    assert ((hour > terms.opens) & (hour <= terms.closes + 1e-9)).all()
    weekday = (np.ceil(answers["time"][served]) - 1 + terms.first_weekday) % 7
    assert (weekday < terms.weekdays).all()


@given(
    st.integers(0, 23), st.integers(1, 24), st.integers(1, 7), st.integers(0, 6),
    st.integers(0, 60 * DAY),
)  # fmt: skip
def test_office_time_and_calendar_time_undo_one_another(
    opens: int, length: int, weekdays: int, first_weekday: int, time: int
) -> None:
    length = min(length, 24 - opens)
    hours = OfficeHours(opens * HOUR, length * HOUR, weekdays, first_weekday)
    office = hours.office(np.array(time))
    assert hours.office(hours.begins(office)) == office == hours.office(hours.ends(office))
    assert hours.ends(office) <= hours.begins(office)
    assert hours.office(np.array(time // DAY * DAY)) == hours.midnight(time // DAY)
    assert 0 <= hours.office(np.array(time + 1)) - office <= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agents": -1}, "agents is -1"),
        ({"opens": 18.0, "closes": 9.0}, "opens is 18.0 and closes is 9.0"),
        ({"weekdays": 0}, "weekdays is 0"),
        ({"first_weekday": 7}, "first_weekday is 7"),
        ({"patience_hours": (1.0,)}, "patience_hours has 1 values and priority 3"),
        ({"patience_hours": (1.0, 0.0, 1.0)}, "numbers above 0"),
        ({"service_minutes": (1.0, INF, 1.0)}, "finite"),
        ({"service_spread": -1.0}, "service_spread is -1.0"),
        ({"speed": 0.0}, "speed is 0.0"),
    ],
)
def test_terms_that_no_desk_can_have_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(HALF_HOURS, **change)  # type: ignore[arg-type]


def test_requests_of_other_days_and_kinds_are_refused() -> None:
    desk = Desk(HALF_HOURS, 1, 0, start=3)
    for row, said in (
        ((2.9, LEAD), "midnight 3 to 4"),
        ((4.0, LEAD), "midnight 3 to 4"),
        ((float("nan"), LEAD), "day nan"),
        ((3.5, 3), "0 to 2"),
    ):
        with pytest.raises(ValueError, match=said):
            desk.settle(asked(row), 4)


@settings(deadline=None)
@given(
    agents=st.integers(1, 4),
    requests=st.lists(st.tuples(*(st.integers(0, 60) for _ in range(4))), max_size=25),
    engaged=st.lists(st.integers(1, 30), max_size=4),
    until=st.integers(1, 80),
)
def test_the_compiled_line_is_the_line_of_simpy(
    agents: int, requests: list[tuple[int, ...]], engaged: list[int], until: int
) -> None:
    """Few instants, so that giving up, finishing and coming often fall on the same one."""
    now, rows = 10, []
    for place, (enters, stays, work, order) in enumerate(requests):
        start = max(enters, now - 1)
        if start < until + now and start + stays > max(start, now):
            rows.append((start, order * 100 + place, start + stays, 1 + work // 4))
    rows.sort()
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    enters, place, leaves, work = columns
    busy = np.array([now + end for end in engaged[:agents]], dtype=np.int64)
    line = (agents, now, now + until, busy, place, enters, leaves, work)
    np.testing.assert_array_equal(serve_line(*line), serve(*line))
