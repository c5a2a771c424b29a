"""What a command may write over: its own files as it wrote them, and nothing else."""

from pathlib import Path

import pytest

from tiermix.core.files import write_text
from tiermix.core.outputs import RECORD, OutputError, check_replaceable, replacing


def _write(folder: Path, text: str, command: str = "plan") -> Path:
    with replacing(folder / "plan.csv", command) as file:
        return write_text(file, text)


def test_a_command_replaces_what_it_wrote(tmp_path: Path) -> None:
    _write(tmp_path / "new" / "folder", "first")
    assert _write(tmp_path / "new" / "folder", "second").read_text("utf-8") == "second"


def test_a_file_of_somebody_else_stays(tmp_path: Path) -> None:
    file = write_text(tmp_path / "plan.csv", "mine")
    with pytest.raises(OutputError, match=r"plan\.csv is there already, .* `tiermix plan`"):
        _write(tmp_path, "theirs")
    assert file.read_text("utf-8") == "mine"


def test_what_was_changed_since_is_somebodys_work(tmp_path: Path) -> None:
    file = _write(tmp_path, "first")
    file.write_text("first, and my own line", "utf-8")
    with pytest.raises(OutputError):
        _write(tmp_path, "second")


def test_what_another_command_wrote_stays(tmp_path: Path) -> None:
    _write(tmp_path, "the plan of the comparison", "run")
    with pytest.raises(OutputError, match="is not what `tiermix plan` wrote"):
        _write(tmp_path, "second")


def test_a_file_that_was_taken_away_is_written_again(tmp_path: Path) -> None:
    _write(tmp_path, "first").unlink()
    assert _write(tmp_path, "second").read_text("utf-8") == "second"


def test_a_record_that_cannot_be_read_gives_nothing_away(tmp_path: Path) -> None:
    _write(tmp_path, "first")
    for broken in ("", "[]", "no JSON"):
        write_text(tmp_path / RECORD, broken)
        with pytest.raises(OutputError):
            check_replaceable([tmp_path / "plan.csv"], "plan")


def test_a_folder_under_the_name_of_the_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").mkdir()
    with pytest.raises(OutputError):
        _write(tmp_path, "theirs")


def test_a_file_under_the_name_of_the_folder_is_in_the_way(tmp_path: Path) -> None:
    place = write_text(tmp_path / "results", "mine")
    with pytest.raises(OutputError, match=f"{place} is a file; name a folder"):
        check_replaceable([place / "deeper" / "plan.csv"], "plan")


def test_what_failed_to_be_written_is_not_noted(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "plan.csv", "plan"):
        raise ZeroDivisionError
    assert not (tmp_path / RECORD).exists()
