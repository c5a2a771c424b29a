"""`tiermix truth`: the document of each effect, its view, and refusals."""

import json
from typing import Any

import pytest

from sim.truth.estimands import ESTIMANDS
from tests.experiments.conftest import Call
from tiermix.cli.commands.truth import Effect, view
from tiermix.cli.tables import rendered

SIZE = ("--customers", "100", "--workers", "1", "--json", "--quiet")


def _document(call: Call, *arguments: str) -> dict[str, Any]:
    code, out, err = call("truth", "retail", *arguments, *SIZE)
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize("effect", ["removal", "shapley"])
def test_the_document_has_what_was_promised(call: Call, effect: str) -> None:
    document = _document(call, "--effect", effect, "--over", "tiers", "--kpi", "revenue")
    assert {"effects", "baseline", "total", "seconds"} <= set(document)
    assert [row["unit"] for row in document["effects"]] == ["tier 1", "tier 2", "tier 3"]
    assert all({"effect", "se"} <= set(row) for row in document["effects"])
    assert {"name", "value", "se"} <= set(document["baseline"])
    assert document["total"] == pytest.approx(sum(row["effect"] for row in document["effects"]))
    shown = rendered(view(document, "CNY"))
    assert "tier 2" in shown
    assert document["baseline"]["name"] in shown


def test_drawn_worlds_can_be_asked_for(call: Call) -> None:
    document = _document(call, "--over", "tiers", "--worlds", "2")
    assert document["worlds"] == 2
    assert all("spread" in row for row in document["effects"])


def test_the_option_knows_every_estimand() -> None:
    assert {effect.value for effect in Effect} == set(ESTIMANDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--effect", "marginal", "--share", "2"], "share: 2.0 is no part"),
        (["--effect", "shapley", "--permutations", "3"], "permutations: 3"),
        (["--monthly"], "monthly: removal"),
    ],
)
def test_what_cannot_be_told_is_one_sentence_and_code_2(
    call: Call, arguments: list[str], words: str
) -> None:
    code, out, err = call("truth", "retail", *arguments, *SIZE)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
