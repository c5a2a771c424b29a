"""`scenarios new` from the command line: what is asked for is in the file, mistakes write none."""

from pathlib import Path

import pytest

from scenarios import load_scenario
from tests.experiments.conftest import Call


def test_the_command_writes_it(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    more = ("--start", "2027-04", "--budget", "80%", "--currency", "EUR", "--channels")
    code, _, err = call("scenarios", "new", file, *more, "seo,paid_search,wechat,douyin,kol,forums")
    assert (code, "amounts are still those of retail" in err) == (0, True)
    mine = load_scenario(file)
    assert (mine.budget, mine.currency, str(mine.start)) == (24e6, "EUR", "2027-04-01")
    assert call("scenarios", "new", file)[0] == 2


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("--start", "April"), "write it as in 2027-04"),
        (("--start", "2027-13"), "write it as in 2027-04"),
        (("--budget", "lots"), "no amount of money"),
        (("--whole", "--start", "2027-01"), "leave it or --start out"),
        (("--like", "retial"), "did you mean 'retail'"),
    ],
)
def test_what_cannot_be_is_told(
    call: Call, tmp_path: Path, told: tuple[str, ...], words: str
) -> None:
    code, _, err = call("scenarios", "new", tmp_path / "x.yaml", *told)
    assert (code, words in err) == (2, True)
    assert not (tmp_path / "x.yaml").exists()
