"""Files and folders appear whole or not at all."""

from contextlib import suppress
from pathlib import Path

from tiermix.core.files import draft_folder, publish_folder, whole_file, whole_folder, write_text


def test_a_file_appears_with_its_folders_and_leaves_no_draft(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a" / "b" / "page.html", "père\n")
    assert target.read_bytes() == "père\n".encode()
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_what_fails_half_way_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    target = write_text(tmp_path / "plan.csv", "old")
    with suppress(ZeroDivisionError), whole_file(target) as draft:
        draft.write_text("new, and not finished", "utf-8")
        raise ZeroDivisionError
    assert target.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]


def test_nothing_is_seen_under_the_name_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "scenario.yaml"
    with whole_file(target, suffix=".yaml") as draft:
        draft.write_text("name: x", "utf-8")
        assert draft.suffix == ".yaml"
        assert not target.exists()
    assert target.read_text("utf-8") == "name: x"


def test_two_writers_at_once_have_drafts_of_their_own(tmp_path: Path) -> None:
    target = tmp_path / "curves.csv"
    with whole_file(target) as one, whole_file(target) as other:
        one.write_text("one", "utf-8")
        other.write_text("other", "utf-8")
    assert target.read_text("utf-8") == "one"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_takes_the_place_of_the_one_before_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "runs" / "retail"
    for content in ("first", "second"):
        draft = draft_folder(target)
        (draft / f"{content}.txt").write_text(content, "utf-8")
        publish_folder(draft, target)
    assert [path.name for path in target.iterdir()] == ["second.txt"]
    assert [path.name for path in target.parent.iterdir()] == ["retail"]


def test_a_folder_that_fails_half_way_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "notebooks"
    with whole_folder(target) as draft:
        write_text(draft / "one.py", "old")
    with suppress(ZeroDivisionError), whole_folder(target) as draft:
        write_text(draft / "one.py", "new, and not finished")
        raise ZeroDivisionError
    assert (target / "one.py").read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["notebooks"]
