"""Where work runs: results in their order, and nothing left behind in the process."""

import gc

import pytest

from sim.parallel import run_tasks


def _half(number: int) -> tuple[float, int]:
    """Half of an even number, and how many objects the collector overlooks meanwhile."""
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number / 2, gc.get_freeze_count()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_their_tasks(workers: int) -> None:
    heard: list[tuple[str, int, int | None]] = []
    found = run_tasks(
        _half, [2, 8, 4], workers=workers, progress=lambda *said: heard.append(said), what="halves"
    )
    assert [half for half, _ in found] == [1.0, 4.0, 2.0]
    assert heard == [("halves", 1, 3), ("halves", 2, 3), ("halves", 3, 3)]


def test_the_collector_overlooks_what_was_there_only_while_a_task_runs() -> None:
    (_, overlooked), *_ = run_tasks(_half, [2, 4], workers=1)
    assert overlooked > 1000
    assert gc.get_freeze_count() == 0
    with pytest.raises(ValueError, match="3 is odd"):
        run_tasks(_half, [2, 3], workers=1)
    assert gc.get_freeze_count() == 0


def test_whoever_froze_objects_finds_them_frozen() -> None:
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        run_tasks(_half, [2, 4], workers=1)
        assert gc.get_freeze_count() == before
    finally:
        gc.unfreeze()
