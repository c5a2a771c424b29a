"""Published figures: the page is what the kept scores say."""

from experiments.arena.document import read_document
from experiments.arena.judging import SIZES
from tests.docs.published import KEPT, PAGE, page


def test_the_page_of_tests_is_made_from_the_kept_scores() -> None:
    kept = read_document(KEPT)
    assert PAGE.read_text("utf-8") == page(kept), "uv run python -m tests.docs.published"
    assert kept["size"] == "full"
    assert (kept["markets"], kept["tests"]) == (SIZES["full"].markets, SIZES["full"].tests)


def test_where_nothing_interferes_intervals_hold_the_truth_or_the_page_marks_them() -> None:
    clean = [s for s in read_document(KEPT)["scores"] if s["condition"] == "no_interference"]
    narrow = {s["estimator"] for s in clean if s["intervals"] == "too narrow"}
    assert narrow == {"(before and after)"}
