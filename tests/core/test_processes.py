"""What a killed process left is cleared by the next; what a living one writes is left alone."""

import subprocess
import sys
from pathlib import Path

from tiermix.core.files import draft_folder, whole_file, write_text
from tiermix.core.processes import has_ended, own_mark


def dead_mark() -> str:
    """The mark of a process of this machine that has ended."""
    code = "from tiermix.core.processes import own_mark; print(own_mark())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_an_ended_process_is_told_from_a_living_one_and_from_another_machines() -> None:
    gone = dead_mark()
    assert has_ended(gone)
    assert not has_ended(own_mark())
    assert not has_ended("00000000-" + gone.partition("-")[2])
    assert not has_ended("")
    assert not has_ended("nonsense")
    assert has_ended(own_mark().partition("-")[0] + "-" + "9" * 30)


def test_drafts_of_the_dead_go_and_all_else_stays(tmp_path: Path) -> None:
    gone = dead_mark()
    left = tmp_path / f".out.{gone}.0123abcd"
    (left / "history").mkdir(parents=True)
    (left / "history" / "part.parquet").write_bytes(b"x" * 1000)
    page = tmp_path / f".page.html.{gone}.0123abcd.tmp"
    page.write_text("half", "utf-8")
    kept = [tmp_path / name for name in (".out.mine", ".outer", f".other.{gone}.0123abcd")]
    for path in kept:
        path.write_text("", "utf-8")
    living = draft_folder(tmp_path / "out")
    assert not left.exists()
    assert living.exists()
    write_text(tmp_path / "page.html", "whole")
    assert not page.exists()
    draft_folder(tmp_path / "out")
    assert living.exists()
    assert all(path.exists() for path in kept)


def test_a_folder_can_be_read_by_whom_files_can(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.mkdir()
    assert draft_folder(tmp_path / "run").stat().st_mode == usual.stat().st_mode


def test_a_draft_that_is_being_written_is_not_cleared(tmp_path: Path) -> None:
    with whole_file(tmp_path / "plan.csv") as draft:
        draft.write_text("first", "utf-8")
        write_text(tmp_path / "plan.csv", "second")
        assert draft.exists()
    assert (tmp_path / "plan.csv").read_text("utf-8") == "first"
